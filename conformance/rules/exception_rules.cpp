// SPDX-License-Identifier: MIT
// docs/locks-and-events.md B9: VI_EVENT_EXCEPTION. The failing call is a viRead on a session to
// which nothing is sent, or a viUnlock on a session that holds no lock.
#include <csetjmp>
#include <stdexcept>

#include "conformance/rules/events.h"

namespace visa::rules {
namespace {

constexpr ViEventType kException = VI_EVENT_EXCEPTION;

ViAddr user(std::uintptr_t number) {
  return reinterpret_cast<ViAddr>(number);
}

ViStatus fail(Check& check, ViSession vi) {
  ViByte byte = 0;
  ViUInt32 count = 0;
  return check.visa().viRead(vi, &byte, 1, &count);
}

ViSession with_handler(Check& check, Events& events) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20);
  events.handle(vi, kException, user(7));
  events.want(vi, kException, VI_HNDLR);
  return vi;
}

void rule_b9_callback_only(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  events.handle(vi, kException, nullptr);
  for (const auto mechanism : std::initializer_list<ViUInt16>{VI_QUEUE, VI_SUSPEND_HNDLR}) {
    if (check.options().strict) {
      check.answered("viEnableEvent(VI_EVENT_EXCEPTION)", events.enable(vi, kException, mechanism),
                     {VI_ERROR_NSUP_MECH});
    } else {
      check.answered("viEnableEvent(VI_EVENT_EXCEPTION)", events.enable(vi, kException, mechanism),
                     {VI_ERROR_NSUP_MECH, VI_ERROR_INV_MECH});
    }
  }
  check.answered("viEnableEvent(VI_EVENT_EXCEPTION, VI_HNDLR)",
                 events.enable(vi, kException, VI_HNDLR), {VI_SUCCESS});
}

void rule_b9_the_handler_runs_first_on_the_thread_of_the_call(Check& check) {
  Events events(check);
  const ViSession vi = with_handler(check, events);
  const ViStatus status = fail(check, vi);
  const auto calls = recorder().so_far();  // no waiting: the handler ran before viRead returned
  check.answered("the failing viRead", status, {VI_ERROR_TMO});
  check.need_that(calls.size() == 1, std::to_string(calls.size()) + " calls of the handler");
  const HandlerCall& call = calls[0];
  check.that(call.thread == std::this_thread::get_id(), "the handler ran on another thread");
  check.that(call.vi == vi && call.type == kException && call.user == user(7),
             "the handler was given something else");
  check.answered("VI_ATTR_STATUS", call.event_status, {VI_ERROR_TMO});
  check.that(call.operation == "viRead", "VI_ATTR_OPER_NAME is '" + call.operation + "'");
  check.visa().viUnlock(vi);
  const auto more = recorder().so_far();
  check.need_that(more.size() == 2, "viUnlock without a lock raised no exception");
  check.answered("VI_ATTR_STATUS", more[1].event_status, {VI_ERROR_SESN_NLOCKED});
  check.that(more[1].operation == "viUnlock", "VI_ATTR_OPER_NAME is '" + more[1].operation + "'");
}

void rule_b9_successes_and_warnings_raise_nothing(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = with_handler(check, events);
  ANSWERS(viDisableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE), VI_SUCCESS_EVENT_DIS);
  char text[512];
  ANSWERS(viStatusDesc(vi, 0x12345, text), VI_WARN_UNKNOWN_STATUS);
  ANSWERS(viSetAttribute(vi, VI_ATTR_TMO_VALUE, 30), VI_SUCCESS);
  check.that(recorder().so_far().empty(), "the handler was called without an error");
}

void rule_b9_disabled_it_is_silent(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = with_handler(check, events);
  ANSWERS(viDisableEvent(vi, kException, VI_HNDLR), VI_SUCCESS);
  check.answered("the failing viRead", fail(check, vi), {VI_ERROR_TMO});
  check.that(recorder().so_far().empty(), "a disabled handler was called");
}

void rule_b9_the_chain_can_be_ended(Check& check) {
  Events events(check);
  const ViSession vi = with_handler(check, events);
  check.need("viInstallHandler", events.install(vi, kException, &ending_handler, user(8)),
             {VI_SUCCESS});
  check.answered("the failing viRead", fail(check, vi), {VI_ERROR_TMO});
  const auto calls = recorder().so_far();
  check.need_that(calls.size() == 1, std::to_string(calls.size()) + " calls of handlers");
  check.that(calls[0].user == user(8), "the first handler is not the last installed");
}

void rule_b9_other_sessions_hear_nothing(Check& check) {
  Events events(check);
  with_handler(check, events);
  const ViSession other = check.talk();
  check.set(other, VI_ATTR_TMO_VALUE, 20);
  check.answered("the failing viRead", fail(check, other), {VI_ERROR_TMO});
  check.that(recorder().so_far().empty(), "an error of another session called the handler");
}

ViEvent kept = VI_NULL;

ViStatus _VI_FUNCH throwing_handler(ViSession, ViEventType, ViEvent context, ViAddr) {
  kept = context;
  throw std::runtime_error("out of the handler");
}

std::jmp_buf back;

ViStatus _VI_FUNCH jumping_handler(ViSession, ViEventType, ViEvent context, ViAddr) {
  kept = context;
  std::longjmp(back, 1);
}

// The context stays until the application closes it; the session stays usable.
void is_unharmed(Check& check, ViSession vi) {
  const auto& visa = check.visa();
  ViStatus status = VI_SUCCESS;
  ANSWERS(viGetAttribute(kept, VI_ATTR_STATUS, &status), VI_SUCCESS);
  check.answered("VI_ATTR_STATUS", status, {VI_ERROR_TMO});
  ANSWERS(viClose(kept), VI_SUCCESS);
  ANSWERS(viDisableEvent(vi, kException, VI_HNDLR), VI_SUCCESS);
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
  ANSWERS(viClose(vi), VI_SUCCESS);
}

void rule_b9_a_handler_may_throw(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20);
  check.need("viInstallHandler", events.install(vi, kException, &throwing_handler, nullptr),
             {VI_SUCCESS});
  events.want(vi, kException, VI_HNDLR);
  bool thrown = false;
  try {
    fail(check, vi);
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  check.need_that(thrown, "the handler's exception did not come through");
  is_unharmed(check, vi);
}

void rule_b9_a_handler_may_jump(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20);
  check.need("viInstallHandler", events.install(vi, kException, &jumping_handler, nullptr),
             {VI_SUCCESS});
  events.want(vi, kException, VI_HNDLR);
  const auto& visa = check.visa();
  // Call the library directly and not through the suite's wrappers, because a jump over C++ objects
  // is undefined.
  static ViByte byte;
  static ViUInt32 count;
  if (setjmp(back) == 0) {
    visa.viRead.raw()(vi, &byte, 1, &count);
    check.that(false, "viRead returned although its handler jumped");
    return;
  }
  is_unharmed(check, vi);
}

// An error inside the handler, on its thread, does not call the handler again.
const VisaApi* inner = nullptr;

ViStatus _VI_FUNCH failing_handler(ViSession vi, ViEventType type, ViEvent context, ViAddr handle) {
  recording_handler(vi, type, context, handle);
  if (recorder().so_far().size() < 5) inner->viUnlock(vi);
  return VI_SUCCESS;
}

void rule_b9_errors_inside_the_handler_do_not_nest(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20);
  inner = &check.visa();
  record_with(check.visa());
  check.need("viInstallHandler", events.install(vi, kException, &failing_handler, nullptr),
             {VI_SUCCESS});
  events.want(vi, kException, VI_HNDLR);
  check.answered("the failing viRead", fail(check, vi), {VI_ERROR_TMO});
  const std::size_t calls = recorder().so_far().size();
  if (calls != 1 && !check.options().strict) throw NotShown{"no source but our sheets"};
  check.that(calls == 1, std::to_string(calls) + " calls of the handler");
}

void rule_b9_a_failing_open_raises_it_on_the_manager(Check& check) {
  Events events(check);
  const ViSession manager = check.manager();
  record_with(check.visa());
  const ViStatus installed = events.install(manager, kException, &recording_handler, nullptr);
  if (installed < VI_SUCCESS && !check.options().strict) {
    throw NotShown{"vendors name I/O sessions only"};
  }
  check.need("viInstallHandler", installed, {VI_SUCCESS});
  events.want(manager, kException, VI_HNDLR);
  ViSession vi = VI_NULL;
  check.refused("viOpen of a name that is none",
                check.visa().viOpen(manager, "GPIB0::99::INSTR", VI_NO_LOCK, 100, &vi));
  const auto calls = recorder().so_far();
  check.need_that(calls.size() == 1, std::to_string(calls.size()) + " calls of the handler");
  check.that(calls[0].operation == "viOpen", "VI_ATTR_OPER_NAME is '" + calls[0].operation + "'");
}

}  // namespace

Rules exception_rules() {
  return {
      {"rule_b9_callback_only", rule_b9_callback_only},
      {"rule_b9_the_handler_runs_first_on_the_thread_of_the_call",
       rule_b9_the_handler_runs_first_on_the_thread_of_the_call},
      {"rule_b9_successes_and_warnings_raise_nothing",
       rule_b9_successes_and_warnings_raise_nothing},
      {"rule_b9_disabled_it_is_silent", rule_b9_disabled_it_is_silent},
      {"rule_b9_the_chain_can_be_ended", rule_b9_the_chain_can_be_ended},
      {"rule_b9_other_sessions_hear_nothing", rule_b9_other_sessions_hear_nothing},
      {"rule_b9_a_handler_may_throw", rule_b9_a_handler_may_throw, On::answering},
      {"rule_b9_a_handler_may_jump", rule_b9_a_handler_may_jump, On::answering},
      {"rule_b9_errors_inside_the_handler_do_not_nest",
       rule_b9_errors_inside_the_handler_do_not_nest},
      {"rule_b9_a_failing_open_raises_it_on_the_manager",
       rule_b9_a_failing_open_raises_it_on_the_manager, On::nothing},
  };
}

}  // namespace visa::rules
