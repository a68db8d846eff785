// SPDX-License-Identifier: MIT
// VPP-4.3 3.7 and docs/locks-and-events.md B1 to B4: enabling, disabling, discarding, the queue.
// The occurrences are completions of viWriteAsync.
#include "conformance/rules/events.h"

namespace visa::rules {
namespace {

constexpr ViEventType kDone = VI_EVENT_IO_COMPLETION;

void rule_b3_idle_disable_and_discard(Check& check) {
  const auto& visa = check.visa();
  for (const ViSession vi : {check.open(), check.manager()}) {
    ANSWERS(viDisableEvent(vi, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS,
            VI_SUCCESS_EVENT_DIS);
    ANSWERS(viDiscardEvents(vi, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS,
            VI_SUCCESS_QUEUE_EMPTY);
  }
  const ViSession vi = check.open();
  for (const auto mechanism :
       std::initializer_list<ViUInt16>{VI_QUEUE, VI_HNDLR, VI_SUSPEND_HNDLR}) {
    ANSWERS(viDisableEvent(vi, kDone, mechanism), VI_SUCCESS_EVENT_DIS);
  }
  ANSWERS(viDiscardEvents(vi, kDone, VI_QUEUE), VI_SUCCESS_QUEUE_EMPTY);
  ANSWERS(viDiscardEvents(vi, kDone, VI_SUSPEND_HNDLR), VI_SUCCESS_QUEUE_EMPTY);
  ANSWERS(viDiscardEvents(vi, kDone, VI_ALL_MECH), VI_SUCCESS_QUEUE_EMPTY);
}

void rule_b3_bad_arguments(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ANSWERS(viDisableEvent(vi, 0x12345, VI_QUEUE), VI_ERROR_INV_EVENT);
  ANSWERS(viDiscardEvents(vi, 0x12345, VI_QUEUE), VI_ERROR_INV_EVENT);
  ANSWERS(viDisableEvent(vi, kDone, 0x4000), VI_ERROR_INV_MECH);
  ANSWERS(viDiscardEvents(vi, kDone, 0x4000), VI_ERROR_INV_MECH);
  if (check.options().strict) {
    ANSWERS(viDiscardEvents(vi, kDone, VI_HNDLR), VI_ERROR_INV_MECH);
  }
  MUST_ANSWER(viClose(vi), VI_SUCCESS);
  ANSWERS(viDisableEvent(vi, kDone, VI_QUEUE), VI_ERROR_INV_OBJECT);
  ANSWERS(viDiscardEvents(vi, kDone, VI_QUEUE), VI_ERROR_INV_OBJECT);
}

void rule_3_7_6_handler_mechanism_without_handler(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  check.answered("viEnableEvent(VI_HNDLR)", events.enable(vi, kDone, VI_HNDLR),
                 {VI_ERROR_HNDLR_NINSTALLED});
  check.answered("viEnableEvent(VI_SUSPEND_HNDLR)", events.enable(vi, kDone, VI_SUSPEND_HNDLR),
                 {VI_ERROR_HNDLR_NINSTALLED});
}

void rule_3_7_10_enabling_again(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  events.want(vi, kDone, VI_QUEUE);
  if (check.options().strict) {
    check.answered("viEnableEvent again", events.enable(vi, kDone, VI_QUEUE),
                   {VI_SUCCESS_EVENT_EN});
  } else {
    check.answered("viEnableEvent again", events.enable(vi, kDone, VI_QUEUE),
                   {VI_SUCCESS_EVENT_EN, VI_SUCCESS});
  }
}

void rule_3_7_13_both_handler_mechanisms(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  events.handle(vi, kDone, nullptr);
  check.answered("viEnableEvent(VI_HNDLR | VI_SUSPEND_HNDLR)",
                 events.enable(vi, kDone, VI_HNDLR | VI_SUSPEND_HNDLR), {VI_ERROR_INV_MECH});
}

void rule_b1_mechanisms_that_are_none(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  events.handle(vi, kDone, nullptr);
  for (const auto mechanism : std::initializer_list<ViUInt16>{0, 0x4000, VI_ALL_MECH}) {
    check.answered("viEnableEvent", events.enable(vi, kDone, mechanism), {VI_ERROR_INV_MECH});
  }
}

void rule_b1_events_are_lost_unless_enabled(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  // The handler shows when the first has happened.
  events.handle(vi, kDone, nullptr);
  events.want(vi, kDone, VI_HNDLR);
  events.cause(vi);
  check.need_that(recorder().wait_for(1).size() == 1, "the handler was not called");
  check.need("viDisableEvent", check.visa().viDisableEvent(vi, kDone, VI_HNDLR), {VI_SUCCESS});
  events.want(vi, kDone, VI_QUEUE);
  const ViJobId second = events.cause(vi);
  check.that(events.next(vi) == second, "an event that happened while disabled was queued");
}

void rule_b2_context_must_be_null(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  const ViStatus status = check.visa().viEnableEvent(vi, kDone, VI_QUEUE, 1);
  if (status == VI_ERROR_NSUP_OPER) events.enable(vi, kDone, VI_QUEUE);
  check.answered("viEnableEvent with a context", status, {VI_ERROR_INV_CONTEXT});
}

void rule_b2_events_the_resource_does_not_raise(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  const std::string& kind = check.resource().kind;
  std::vector<ViEventType> types = {0, 0x12345};
  if (kind != "PXI_INSTR") types.push_back(VI_EVENT_PXI_INTR);
  if (kind.rfind("USB", 0) != 0) types.push_back(VI_EVENT_USB_INTR);
  if (check.is_stream()) types.push_back(VI_EVENT_SERVICE_REQ);
  for (const ViEventType type : types) {
    check.answered("viEnableEvent", events.enable(vi, type, VI_QUEUE), {VI_ERROR_INV_EVENT});
    check.answered("viInstallHandler", events.install(vi, type, &recording_handler, nullptr),
                   {VI_ERROR_INV_EVENT});
    check.answered("viWaitOnEvent", events.wait(vi, type, 0, nullptr, nullptr),
                   {VI_ERROR_INV_EVENT});
  }
}

void rule_b2_all_enabled_events(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  const ViJobId job = events.cause(vi);
  ViEventType type = 0;
  ViEvent context = VI_NULL;
  check.need("viWaitOnEvent(VI_ALL_ENABLED_EVENTS)",
             events.wait(vi, VI_ALL_ENABLED_EVENTS, 5000, &type, &context), {VI_SUCCESS});
  check.that(type == kDone, "another type came out");
  ViJobId seen = 0;
  ANSWERS(viGetAttribute(context, VI_ATTR_JOB_ID, &seen), VI_SUCCESS);
  check.that(seen == job, "another job came out");
  ANSWERS(viDisableEvent(vi, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS, VI_SUCCESS_EVENT_DIS);
  ANSWERS(viDisableEvent(vi, kDone, VI_QUEUE), VI_SUCCESS_EVENT_DIS);
}

void rule_3_7_20_an_immediate_wait(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  events.want(vi, kDone, VI_QUEUE);
  ViStatus status = VI_SUCCESS;
  const double seconds =
      seconds_of([&] { status = events.wait(vi, kDone, VI_TMO_IMMEDIATE, nullptr, nullptr); });
  check.answered("viWaitOnEvent(VI_TMO_IMMEDIATE)", status, {VI_ERROR_TMO});
  check.that(seconds < 1.5, "it took " + std::to_string(seconds) + " s");
}

void rule_b4_a_wait_lasts_as_long_as_asked(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  check.set(vi, VI_ATTR_TMO_VALUE, 10);  // must have no effect here
  events.want(vi, kDone, VI_QUEUE);
  ViStatus status = VI_SUCCESS;
  const double seconds =
      seconds_of([&] { status = events.wait(vi, kDone, 400, nullptr, nullptr); });
  check.answered("viWaitOnEvent(400)", status, {VI_ERROR_TMO});
  check.that(seconds >= 0.39 && seconds < 3, "it took " + std::to_string(seconds) + " s");
}

void rule_b4_waiting_for_what_is_not_enabled(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  check.answered("viWaitOnEvent of a type that is not enabled",
                 events.wait(vi, kDone, 1000, nullptr, nullptr), {VI_ERROR_NENABLED});
}

// 3.7.21, 3.7.23
void rule_3_7_21_queued_events_survive_disabling(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  const ViJobId queued = events.leave_one_queued(vi);
  ViEvent context = VI_NULL;
  check.need("viDisableEvent", check.visa().viDisableEvent(vi, kDone, VI_QUEUE), {VI_SUCCESS});
  ViEventType type = 0;
  const ViStatus status = events.wait(vi, kDone, VI_TMO_IMMEDIATE, &type, &context);
  if (check.answered("viWaitOnEvent after viDisableEvent", status, {VI_SUCCESS})) {
    ViJobId job = 0;
    check.visa().viGetAttribute(context, VI_ATTR_JOB_ID, &job);
    check.that(job == queued, "another event came out");
  }
  check.answered("viWaitOnEvent when the queue is empty",
                 events.wait(vi, kDone, VI_TMO_IMMEDIATE, nullptr, nullptr), {VI_ERROR_NENABLED});
}

void rule_3_7_21_discarded_events_do_not_come_back(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  events.cause(vi);
  ViEvent context = VI_NULL;
  check.need("viWaitOnEvent", events.wait(vi, kDone, 5000, nullptr, &context), {VI_SUCCESS});
  for (int i = 0; i < 3; ++i) events.cause(vi);
  const ViJobId marker = events.cause(vi);
  while (events.next(vi) != marker) {
  }
  ANSWERS(viDiscardEvents(vi, kDone, VI_QUEUE), VI_SUCCESS_QUEUE_EMPTY);
  events.cause(vi);
  // The contexts of discarded events are closed; those handed out stay open.
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  ViStatus status = VI_SUCCESS_QUEUE_EMPTY;
  while (status == VI_SUCCESS_QUEUE_EMPTY && Clock::now() < deadline) {
    status = visa.viDiscardEvents(vi, kDone, VI_QUEUE);
  }
  check.answered("viDiscardEvents of a queued event", status, {VI_SUCCESS});
  check.answered("viWaitOnEvent afterwards",
                 events.wait(vi, kDone, VI_TMO_IMMEDIATE, nullptr, nullptr), {VI_ERROR_TMO});
  ViEventType type = 0;
  ANSWERS(viGetAttribute(context, VI_ATTR_EVENT_TYPE, &type), VI_SUCCESS);
  const ViJobId later = events.cause(vi);
  check.that(events.next(vi) == later, "the state of the event was changed by viDiscardEvents");
}

void rule_b4_a_full_queue_keeps_the_oldest(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_MAX_QUEUE_LENGTH, 2);
  events.want(vi, kDone, VI_QUEUE);
  events.handle(vi, kDone, nullptr);  // shows when all have happened
  if (events.enable(vi, kDone, VI_HNDLR) < VI_SUCCESS && !check.options().strict) {
    throw NotShown{"the library does not queue and handle one event type at once"};
  }
  std::vector<ViJobId> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(events.cause(vi));
  check.need_that(recorder().wait_for(5).size() == 5, "the handler was not called five times");
  ViEvent context = VI_NULL;
  check.need("viWaitOnEvent after an overflow", events.wait(vi, kDone, 0, nullptr, &context),
             {VI_WARN_QUEUE_OVERFLOW});
  ViJobId job = 0;
  check.visa().viGetAttribute(context, VI_ATTR_JOB_ID, &job);
  check.that(job == jobs[0], "the oldest event was not kept");
  check.answered("the second viWaitOnEvent", events.wait(vi, kDone, 0, nullptr, &context),
                 {VI_SUCCESS});
  check.visa().viGetAttribute(context, VI_ATTR_JOB_ID, &job);
  check.that(job == jobs[1], "the second oldest event was not kept");
  check.answered("viWaitOnEvent of the empty queue", events.wait(vi, kDone, 0, nullptr, &context),
                 {VI_ERROR_TMO});
}

void rule_b4_more_in_the_queue(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  const ViJobId job = events.leave_one_queued(vi);  // saw VI_SUCCESS_QUEUE_NEMPTY
  ViEvent context = VI_NULL;
  check.answered("viWaitOnEvent of the last event", events.wait(vi, kDone, 5000, nullptr, &context),
                 {VI_SUCCESS});
  ViJobId seen = 0;
  check.visa().viGetAttribute(context, VI_ATTR_JOB_ID, &seen);
  check.that(seen == job, "another event came out");
}

void rule_b4_null_outputs(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  for (int i = 0; i < 2; ++i) {
    events.cause(vi);
    ViEventType type = 0;
    check.answered("viWaitOnEvent without a context",
                   events.wait(vi, kDone, 5000, i == 0 ? nullptr : &type, nullptr), {VI_SUCCESS});
    check.that(i == 0 || type == kDone, "the type of the event is not returned");
  }
}

void rule_b4_the_life_of_a_context(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  const ViJobId job = events.cause(vi);
  ViEvent context = VI_NULL;
  check.need("viWaitOnEvent", events.wait(vi, kDone, 5000, nullptr, &context), {VI_SUCCESS});
  events.cause(vi);
  events.next(vi);
  ViJobId seen = 0;
  ANSWERS(viGetAttribute(context, VI_ATTR_JOB_ID, &seen), VI_SUCCESS);
  check.that(seen == job, "a later event changed the context");
  ANSWERS(viClose(context), VI_SUCCESS);
  ANSWERS(viGetAttribute(context, VI_ATTR_JOB_ID, &seen), VI_ERROR_INV_OBJECT);
  ANSWERS(viClose(context), VI_ERROR_INV_OBJECT);
}

// 5.1.54: TCPIP INSTR raises service requests, in the queue and through a handler.
void rule_5_1_54_service_requests(Check& check) {
  Events events(check);
  const ViSession vi = check.open();
  if (check.is_stream()) throw NotShown{"a byte stream has no service request"};
  check.answered("viEnableEvent(VI_EVENT_SERVICE_REQ, VI_QUEUE)",
                 events.enable(vi, VI_EVENT_SERVICE_REQ, VI_QUEUE), {VI_SUCCESS});
  events.handle(vi, VI_EVENT_SERVICE_REQ, nullptr);
  check.answered("viEnableEvent(VI_EVENT_SERVICE_REQ, VI_HNDLR)",
                 events.enable(vi, VI_EVENT_SERVICE_REQ, VI_HNDLR), {VI_SUCCESS});
}

}  // namespace

Rules event_rules() {
  return {
      {"rule_b3_idle_disable_and_discard", rule_b3_idle_disable_and_discard},
      {"rule_b3_bad_arguments", rule_b3_bad_arguments},
      {"rule_3_7_6_handler_mechanism_without_handler",
       rule_3_7_6_handler_mechanism_without_handler},
      {"rule_3_7_10_enabling_again", rule_3_7_10_enabling_again},
      {"rule_3_7_13_both_handler_mechanisms", rule_3_7_13_both_handler_mechanisms},
      {"rule_b1_mechanisms_that_are_none", rule_b1_mechanisms_that_are_none},
      {"rule_b1_events_are_lost_unless_enabled", rule_b1_events_are_lost_unless_enabled},
      {"rule_b2_context_must_be_null", rule_b2_context_must_be_null},
      {"rule_b2_events_the_resource_does_not_raise", rule_b2_events_the_resource_does_not_raise},
      {"rule_b2_all_enabled_events", rule_b2_all_enabled_events},
      {"rule_3_7_20_an_immediate_wait", rule_3_7_20_an_immediate_wait},
      {"rule_b4_a_wait_lasts_as_long_as_asked", rule_b4_a_wait_lasts_as_long_as_asked},
      {"rule_b4_waiting_for_what_is_not_enabled", rule_b4_waiting_for_what_is_not_enabled},
      {"rule_3_7_21_queued_events_survive_disabling", rule_3_7_21_queued_events_survive_disabling},
      {"rule_3_7_21_discarded_events_do_not_come_back",
       rule_3_7_21_discarded_events_do_not_come_back},
      {"rule_b4_a_full_queue_keeps_the_oldest", rule_b4_a_full_queue_keeps_the_oldest},
      {"rule_b4_more_in_the_queue", rule_b4_more_in_the_queue},
      {"rule_b4_null_outputs", rule_b4_null_outputs},
      {"rule_b4_the_life_of_a_context", rule_b4_the_life_of_a_context},
      {"rule_5_1_54_service_requests", rule_5_1_54_service_requests},
  };
}

}  // namespace visa::rules
