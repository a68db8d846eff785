// SPDX-License-Identifier: MIT
// VPP-4.3 3.7.24, 3.7.26 and docs/locks-and-events.md B2, B5: handlers, their chain, suspended
// handlers.
#include <future>

#include "conformance/rules/events.h"

namespace visa::rules {
namespace {

constexpr ViEventType kDone = VI_EVENT_IO_COMPLETION;

ViAddr user(std::uintptr_t number) {
  return reinterpret_cast<ViAddr>(number);
}

void rule_3_7_24_any_handler_cannot_be_installed(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  check.answered("viInstallHandler(VI_ANY_HNDLR)", events.install(vi, kDone, VI_ANY_HNDLR, user(1)),
                 {VI_ERROR_INV_HNDLR_REF});
}

void rule_b5_what_a_handler_is_given(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(0x1234));  // never dereferenced
  events.want(vi, kDone, VI_HNDLR);
  const ViJobId job = events.cause(vi);
  const auto calls = recorder().wait_for(1);
  check.need_that(calls.size() == 1,
                  "the handler was called " + std::to_string(calls.size()) + " times");
  const HandlerCall& call = calls[0];
  check.that(call.vi == vi, "the handler is given another session");
  check.that(call.type == kDone, "the handler is given another type");
  check.that(call.user == user(0x1234), "the user handle is changed");
  check.answered("viGetAttribute(VI_ATTR_EVENT_TYPE) in the handler", call.type_status,
                 {VI_SUCCESS});
  check.that(call.type_inside == kDone, "VI_ATTR_EVENT_TYPE is another type");
  check.that(call.job == job, "VI_ATTR_JOB_ID is another job's");
  // The library closes the context when the handler has returned, which may take a moment.
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  ViEventType type = 0;
  ViStatus status = VI_SUCCESS;
  while ((status = visa.viGetAttribute(call.context, VI_ATTR_EVENT_TYPE, &type)) == VI_SUCCESS &&
         Clock::now() < deadline) {
  }
  check.answered("viGetAttribute of the context after the handler", status, {VI_ERROR_INV_OBJECT});
}

void rule_b5_last_installed_is_called_first(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  for (const std::uintptr_t number : {1U, 2U, 3U}) events.handle(vi, kDone, user(number));
  events.want(vi, kDone, VI_HNDLR);
  events.cause(vi);
  const auto calls = recorder().wait_for(3);
  check.need_that(calls.size() == 3, std::to_string(calls.size()) + " of 3 handlers were called");
  for (std::size_t i = 0; i < 3; ++i) {
    check.that(calls[i].user == user(3 - i), "the handlers are called in another order");
    check.that(calls[i].thread == calls[0].thread, "one occurrence is handled on two threads");
  }
}

void rule_b5_the_chain_can_be_ended(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(1));
  check.need("viInstallHandler", events.install(vi, kDone, &ending_handler, user(2)), {VI_SUCCESS});
  events.handle(vi, kDone, user(3));
  events.want(vi, kDone, VI_HNDLR);
  events.cause(vi);
  events.cause(vi);
  // The second occurrence comes after the chain of the first: four calls, none of them with user 1.
  const auto calls = recorder().wait_for(4);
  check.need_that(calls.size() == 4, std::to_string(calls.size()) + " calls instead of 4");
  for (const HandlerCall& call : calls) {
    check.that(call.user != user(1), "VI_SUCCESS_NCHAIN did not end the chain");
  }
}

void rule_b5_handlers_are_known_by_type_function_and_user(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  check.answered("viUninstallHandler with none installed",
                 events.uninstall(vi, kDone, &recording_handler, user(1)),
                 {VI_ERROR_HNDLR_NINSTALLED, VI_ERROR_INV_HNDLR_REF});
  events.handle(vi, kDone, user(1));
  check.answered("viInstallHandler of the same pair",
                 events.install(vi, kDone, &recording_handler, user(1)), {VI_ERROR_INV_HNDLR_REF});
  events.handle(vi, kDone, user(2));
  check.answered("viUninstallHandler of another user handle",
                 events.uninstall(vi, kDone, &recording_handler, user(3)),
                 {VI_ERROR_INV_HNDLR_REF});
  check.answered("viUninstallHandler of another function",
                 events.uninstall(vi, kDone, &ending_handler, user(1)), {VI_ERROR_INV_HNDLR_REF});
  check.answered("viUninstallHandler", events.uninstall(vi, kDone, &recording_handler, user(1)),
                 {VI_SUCCESS});
  check.answered("viUninstallHandler again",
                 events.uninstall(vi, kDone, &recording_handler, user(1)),
                 {VI_ERROR_INV_HNDLR_REF});
  check.need("viInstallHandler", events.install(vi, kDone, &ending_handler, user(2)), {VI_SUCCESS});
  check.answered("viUninstallHandler(VI_ANY_HNDLR)",
                 events.uninstall(vi, kDone, VI_ANY_HNDLR, user(2)), {VI_SUCCESS});
  check.answered("viUninstallHandler when all are gone",
                 events.uninstall(vi, kDone, &ending_handler, user(2)),
                 {VI_ERROR_HNDLR_NINSTALLED});
}

void rule_3_7_26_the_last_handler_disables(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(1));
  events.want(vi, kDone, VI_HNDLR);
  events.cause(vi);
  check.need_that(recorder().wait_for(1).size() == 1, "the handler was not called");
  check.need("viUninstallHandler", events.uninstall(vi, kDone, &recording_handler, user(1)),
             {VI_SUCCESS});
  ANSWERS(viDisableEvent(vi, kDone, VI_HNDLR), VI_SUCCESS_EVENT_DIS);
  check.answered("viEnableEvent without a handler", events.enable(vi, kDone, VI_HNDLR),
                 {VI_ERROR_HNDLR_NINSTALLED});
  // A removed handler is never called again. The queue shows when the next event has happened.
  events.want(vi, kDone, VI_QUEUE);
  events.cause(vi);
  events.next(vi);
  events.cause(vi);
  events.next(vi);
  check.that(recorder().so_far().size() == 1, "a removed handler was called");
}

void rule_b2_suspended_events_are_delivered_when_resumed(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(1));
  events.want(vi, kDone, VI_SUSPEND_HNDLR);
  // The queue shows when they have happened. A library without a queue is given one query of time.
  const bool told = events.enable(vi, kDone, VI_QUEUE) >= VI_SUCCESS;
  std::vector<ViJobId> jobs;
  for (int i = 0; i < 3; ++i) jobs.push_back(events.cause(vi));
  for (int i = 0; told && i < 3; ++i) events.next(vi);
  if (!told) check.ask(vi, "*IDN?\n");
  check.that(recorder().so_far().empty(), "a suspended handler was called");
  check.answered("viEnableEvent(VI_HNDLR) of a suspended handler",
                 events.enable(vi, kDone, VI_HNDLR), {VI_SUCCESS, VI_SUCCESS_EVENT_EN});
  jobs.push_back(events.cause(vi));
  const auto calls = recorder().wait_for(4);
  check.need_that(calls.size() == 4, std::to_string(calls.size()) + " of 4 events were delivered");
  for (std::size_t i = 0; i < 4; ++i) {
    check.that(calls[i].job == jobs[i], "the events are not delivered oldest first");
  }
  ANSWERS(viDiscardEvents(vi, kDone, VI_SUSPEND_HNDLR), VI_SUCCESS_QUEUE_EMPTY);
}

void rule_b3_suspended_events_can_be_discarded(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(1));
  events.want(vi, kDone, VI_SUSPEND_HNDLR);
  events.cause(vi);
  ViStatus status = VI_SUCCESS_QUEUE_EMPTY;
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (status == VI_SUCCESS_QUEUE_EMPTY && Clock::now() < deadline) {
    status = visa.viDiscardEvents(vi, kDone, VI_SUSPEND_HNDLR);
  }
  check.answered("viDiscardEvents(VI_SUSPEND_HNDLR)", status, {VI_SUCCESS});
  events.enable(vi, kDone, VI_HNDLR);
  const ViJobId job = events.cause(vi);
  const auto calls = recorder().wait_for(1);
  check.need_that(calls.size() == 1, "one event, " + std::to_string(calls.size()) + " calls");
  check.that(calls[0].job == job, "a discarded event was delivered");
}

void rule_b1_queue_and_handler_together(Check& check) {
  if (!check.options().strict) throw NotShown{"one vendor excludes it by its own text"};
  Events events(check);
  const ViSession vi = check.talk();
  events.handle(vi, kDone, user(1));
  events.want(vi, kDone, VI_QUEUE);
  events.want(vi, kDone, VI_HNDLR);
  const ViJobId job = events.cause(vi);
  check.that(events.next(vi) == job, "the queue holds another job");
  const auto calls = recorder().wait_for(1);
  check.need_that(calls.size() == 1, "the handler was not called");
  check.that(calls[0].job == job, "the handler was given another job");
}

void rule_b5_other_sessions_are_not_affected(Check& check) {
  Events events(check);
  const ViSession one = check.talk();
  const ViSession two = check.talk();
  check.need("viInstallHandler", events.install(one, kDone, &ending_handler, user(1)),
             {VI_SUCCESS});
  events.handle(two, kDone, user(2));
  events.want(one, kDone, VI_HNDLR);
  events.want(two, kDone, VI_HNDLR);
  record_with(check.visa());
  events.cause(one);
  events.cause(two);
  const auto calls = recorder().wait_for(2);
  check.need_that(calls.size() == 2, std::to_string(calls.size()) + " calls instead of 2");
  check.that(calls[0].vi != calls[1].vi, "one session got both events");
}

const VisaApi* inner = nullptr;
std::promise<ViStatus>* answer_inside = nullptr;

ViStatus _VI_FUNCH asking_handler(ViSession vi, ViEventType, ViEvent, ViAddr) {
  const char question[] = "*IDN?\n";
  ViByte buffer[256];
  ViUInt32 count = 0;
  ViStatus status = inner->viWrite(vi, reinterpret_cast<ViConstBuf>(question), 6, &count);
  if (status >= VI_SUCCESS) status = inner->viRead(vi, buffer, sizeof buffer, &count);
  answer_inside->set_value(status);
  return VI_SUCCESS_NCHAIN;
}

void rule_b5_a_handler_may_use_its_session(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  inner = &check.visa();
  std::promise<ViStatus> promise;
  answer_inside = &promise;
  check.need("viInstallHandler", events.install(vi, kDone, &asking_handler, nullptr), {VI_SUCCESS});
  events.want(vi, kDone, VI_HNDLR);
  events.cause(vi);
  auto future = promise.get_future();
  check.need_that(future.wait_for(std::chrono::seconds(10)) == std::future_status::ready,
                  "viWrite and viRead in a handler do not return");
  check.answered("viRead in the handler", future.get(), {VI_SUCCESS, VI_SUCCESS_TERM_CHAR});
  // One call: the handler's own viWrite is not a job and must not call it again.
  check.need("viDisableEvent", check.visa().viDisableEvent(vi, kDone, VI_HNDLR), {VI_SUCCESS});
}

}  // namespace

Rules handler_rules() {
  return {
      {"rule_3_7_24_any_handler_cannot_be_installed", rule_3_7_24_any_handler_cannot_be_installed},
      {"rule_b5_what_a_handler_is_given", rule_b5_what_a_handler_is_given},
      {"rule_b5_last_installed_is_called_first", rule_b5_last_installed_is_called_first},
      {"rule_b5_the_chain_can_be_ended", rule_b5_the_chain_can_be_ended},
      {"rule_b5_handlers_are_known_by_type_function_and_user",
       rule_b5_handlers_are_known_by_type_function_and_user},
      {"rule_3_7_26_the_last_handler_disables", rule_3_7_26_the_last_handler_disables},
      {"rule_b2_suspended_events_are_delivered_when_resumed",
       rule_b2_suspended_events_are_delivered_when_resumed, On::answering},
      {"rule_b3_suspended_events_can_be_discarded", rule_b3_suspended_events_can_be_discarded},
      {"rule_b1_queue_and_handler_together", rule_b1_queue_and_handler_together},
      {"rule_b5_other_sessions_are_not_affected", rule_b5_other_sessions_are_not_affected},
      {"rule_b5_a_handler_may_use_its_session", rule_b5_a_handler_may_use_its_session,
       On::answering},
  };
}

}  // namespace visa::rules
