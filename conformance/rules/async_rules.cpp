// SPDX-License-Identifier: MIT
// docs/locks-and-events.md B6, B8: asynchronous reads and writes, their completions and the
// attributes of event contexts.
#include <set>

#include "conformance/rules/attribute_facts.h"
#include "conformance/rules/events.h"

namespace visa::rules {
namespace {

constexpr ViEventType kDone = VI_EVENT_IO_COMPLETION;

// The next completion; its context stays open.
ViEvent completion(Check& check, Events& events, ViSession vi) {
  ViEvent context = VI_NULL;
  check.need("viWaitOnEvent", events.wait(vi, kDone, 5000, nullptr, &context),
             {VI_SUCCESS, VI_SUCCESS_QUEUE_NEMPTY});
  return context;
}

// Starts a read before its answer exists. Throws NotShown if the library makes every call wait.
ViJobId start_read(Check& check, Events& events, ViSession vi, ViByte* buffer, ViUInt32 count) {
  ViJobId job = 0;
  const ViStatus status = events.read_async(vi, buffer, count, &job);
  if (status == VI_SUCCESS_SYNC) throw NotShown{"viReadAsync waits and answers VI_SUCCESS_SYNC"};
  check.need("viReadAsync", status, {VI_SUCCESS});
  return job;
}

template <class Value>
Value attribute(Check& check, ViEvent context, ViAttr id, const char* name) {
  Value value{};
  check.answered((std::string("viGetAttribute(") + name + ")").c_str(),
                 check.visa().viGetAttribute(context, id, &value), {VI_SUCCESS});
  return value;
}

#define ATTRIBUTE(type, id) attribute<type>(check, context, id, #id)

void rule_b6_attributes_of_a_completion(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  check.write(vi, "*IDN?\n");
  ViByte buffer[512] = {};
  ViJobId job = 0;
  check.need("viReadAsync", events.read_async(vi, buffer, sizeof buffer, &job),
             {VI_SUCCESS, VI_SUCCESS_SYNC});
  check.that(job != 0, "the job number is 0");
  const ViEvent context = completion(check, events, vi);
  check.that(ATTRIBUTE(ViEventType, VI_ATTR_EVENT_TYPE) == kDone, "VI_ATTR_EVENT_TYPE is another");
  check.that(ATTRIBUTE(ViJobId, VI_ATTR_JOB_ID) == job, "VI_ATTR_JOB_ID is another");
  check.that(ATTRIBUTE(ViBuf, VI_ATTR_BUFFER) == buffer, "VI_ATTR_BUFFER is another");
  const auto count = ATTRIBUTE(ViUInt32, VI_ATTR_RET_COUNT_32);
  check.that(count > 5 && buffer[count - 1] == '\n' && buffer[count] == 0,
             "VI_ATTR_RET_COUNT is not what was read");
  check.answered("VI_ATTR_STATUS", ATTRIBUTE(ViStatus, VI_ATTR_STATUS),
                 {check.is_stream() ? ViStatus{VI_SUCCESS_TERM_CHAR} : ViStatus{VI_SUCCESS}});
  char name[512] = {};
  check.answered("viGetAttribute(VI_ATTR_OPER_NAME)",
                 check.visa().viGetAttribute(context, VI_ATTR_OPER_NAME, name), {VI_SUCCESS});
  check.that(std::string(name) == "viReadAsync",
             std::string("VI_ATTR_OPER_NAME is '") + name + "'");
}

void rule_b6_contexts_are_read_only(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  events.cause(vi);
  const ViEvent context = completion(check, events, vi);
  ANSWERS(viSetAttribute(context, VI_ATTR_STATUS, 0), VI_ERROR_ATTR_READONLY);
  ANSWERS(viSetAttribute(context, VI_ATTR_JOB_ID, 1), VI_ERROR_ATTR_READONLY);
  ViUInt32 value = 0;
  ANSWERS(viGetAttribute(context, VI_ATTR_TMO_VALUE, &value), VI_ERROR_NSUP_ATTR);
  ANSWERS(viGetAttribute(context, VI_ATTR_SIGP_STATUS_ID, &value), VI_ERROR_NSUP_ATTR);
  char text[512];
  ANSWERS(viStatusDesc(context, VI_ERROR_TMO, text), VI_SUCCESS);
}

void rule_b6_attributes_of_a_context_write_their_width(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  events.cause(vi);
  const ViEvent context = completion(check, events, vi);
  int read = 0;
  for (const AttributeCell& cell : cells(check.facts(), "EVENT")) {
    if (cell.access == Access::none) continue;
    alignas(8) char room[kAttributeRoom];
    if (read_attribute(check, context, cell, room, 0) != VI_SUCCESS) continue;
    check_width(check, context, cell);
    ++read;
  }
  check.that(read >= 6, "only " + std::to_string(read) + " attributes can be read");
}

// Each job has exactly one completion, in the order of the calls; numbers are unique and never 0.
void rule_b8_one_completion_a_job(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  std::vector<ViJobId> jobs;
  for (int i = 0; i < 40; ++i) jobs.push_back(events.cause(vi));
  check.that(std::set<ViJobId>(jobs.begin(), jobs.end()).size() == jobs.size(),
             "two jobs have one number");
  for (const ViJobId job : jobs) {
    const ViJobId seen = events.next(vi);
    check.that(seen == job, "the completions come in another order");
    if (seen != job) return;
  }
  check.ask(vi, "*IDN?\n");  // completions still under way arrive before this returns
  check.answered("viWaitOnEvent after all completions", events.wait(vi, kDone, 0, nullptr, nullptr),
                 {VI_ERROR_TMO});
}

void rule_b8_completion_of_a_write(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  ViJobId job = 0;
  check.need("viWriteAsync", events.write_async(vi, "*IDN?\n", &job),
             {VI_SUCCESS, VI_SUCCESS_SYNC});
  const ViEvent context = completion(check, events, vi);
  check.answered("VI_ATTR_STATUS", ATTRIBUTE(ViStatus, VI_ATTR_STATUS), {VI_SUCCESS});
  check.that(ATTRIBUTE(ViUInt32, VI_ATTR_RET_COUNT_32) == 6, "VI_ATTR_RET_COUNT is not 6");
  ViStatus status = VI_SUCCESS;
  check.that(!check.read(vi, 512, status).empty(), "the question did not arrive");
}

void rule_b8_the_job_number_may_be_left_out(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  check.need("viWriteAsync without a job number", events.write_async(vi, "\n", nullptr),
             {VI_SUCCESS, VI_SUCCESS_SYNC});
  check.that(events.next(vi) != 0, "the completion has the job number 0");
}

// The completion carries the status that the synchronous call would have returned.
void rule_b8_status_of_a_read_that_runs_out_of_time(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 200);
  events.want(vi, kDone, VI_QUEUE);
  static ViByte buffer[16];
  const ViJobId job = start_read(check, events, vi, buffer, sizeof buffer);
  ViEvent context = VI_NULL;
  const ViStatus status = events.wait(vi, kDone, 3000, nullptr, &context);
  if (status == VI_ERROR_TMO && !check.options().strict) {
    check.visa().viTerminate(vi, VI_NULL, job);
    throw NotShown{"VI_ATTR_TMO_VALUE does not limit jobs here, which is permitted"};
  }
  check.need("viWaitOnEvent", status, {VI_SUCCESS});
  check.answered("VI_ATTR_STATUS", ATTRIBUTE(ViStatus, VI_ATTR_STATUS), {VI_ERROR_TMO});
}

void rule_b8_a_pending_read_does_not_block_the_question(Check& check) {
  Events events(check);
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  ViByte buffer[512] = {};
  const ViJobId job = start_read(check, events, vi, buffer, sizeof buffer);
  check.write(vi, "*IDN?\n");
  const ViEvent context = completion(check, events, vi);
  check.that(ATTRIBUTE(ViJobId, VI_ATTR_JOB_ID) == job, "another job is done");
  check.that(ATTRIBUTE(ViStatus, VI_ATTR_STATUS) >= VI_SUCCESS, "the read failed");
}

void rule_b8_terminating_a_job(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20'000);
  events.want(vi, kDone, VI_QUEUE);
  static ViByte buffer[512];
  const ViJobId job = start_read(check, events, vi, buffer, sizeof buffer);
  ANSWERS(viTerminate(vi, 1, job), VI_ERROR_INV_DEGREE);
  ANSWERS(viTerminate(vi, VI_NULL, job + 1000), VI_ERROR_INV_JOB_ID);
  ANSWERS(viTerminate(vi, VI_NULL, job), VI_SUCCESS);
  ViEvent context = VI_NULL;
  // A sample program of one vendor fetches it with timeout 0.
  check.need("viWaitOnEvent(0) after viTerminate",
             events.wait(vi, kDone, check.options().strict ? 0 : 5000, nullptr, &context),
             {VI_SUCCESS});
  check.answered("VI_ATTR_STATUS", ATTRIBUTE(ViStatus, VI_ATTR_STATUS), {VI_ERROR_ABORT});
  check.that(ATTRIBUTE(ViJobId, VI_ATTR_JOB_ID) == job, "another job was ended");
  ANSWERS(viTerminate(vi, VI_NULL, job), VI_ERROR_INV_JOB_ID);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good after viTerminate");
}

void rule_b8_closing_ends_jobs(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20'000);
  events.handle(vi, kDone, nullptr);
  events.want(vi, kDone, VI_HNDLR);
  static ViByte buffer[512];
  start_read(check, events, vi, buffer, sizeof buffer);
  for (int i = 0; i < 2; ++i) {
    ViJobId job = 0;
    check.need("viReadAsync", events.read_async(vi, buffer, sizeof buffer, &job),
               {VI_SUCCESS, VI_ERROR_IN_PROGRESS});
  }
  const double seconds = seconds_of([&] { ANSWERS(viClose(vi), VI_SUCCESS); });
  check.that(seconds < 5, "viClose took " + std::to_string(seconds) + " s");
  const std::size_t before = recorder().so_far().size();
  check.ask(check.talk(), "*IDN?\n");  // some time later
  check.that(recorder().so_far().size() == before, "a handler was called after viClose");
}

void rule_b8_errors_at_the_start_give_no_event(Check& check) {
  Events events(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  events.want(vi, kDone, VI_QUEUE);
  const ViSession holder = check.open();
  MUST_ANSWER(viLock(holder, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  ViJobId job = 0;
  check.answered("viWriteAsync under another session's lock", events.write_async(vi, "\n", &job),
                 {VI_ERROR_RSRC_LOCKED});
  ANSWERS(viUnlock(holder), VI_SUCCESS);
  const ViJobId good = events.cause(vi);
  check.that(events.next(vi) == good, "the refused call made an event");
}

}  // namespace

Rules async_rules() {
  return {
      {"rule_b6_attributes_of_a_completion", rule_b6_attributes_of_a_completion, On::answering},
      {"rule_b6_contexts_are_read_only", rule_b6_contexts_are_read_only},
      {"rule_b6_attributes_of_a_context_write_their_width",
       rule_b6_attributes_of_a_context_write_their_width},
      {"rule_b8_one_completion_a_job", rule_b8_one_completion_a_job, On::answering},
      {"rule_b8_completion_of_a_write", rule_b8_completion_of_a_write, On::answering},
      {"rule_b8_the_job_number_may_be_left_out", rule_b8_the_job_number_may_be_left_out},
      {"rule_b8_status_of_a_read_that_runs_out_of_time",
       rule_b8_status_of_a_read_that_runs_out_of_time},
      {"rule_b8_a_pending_read_does_not_block_the_question",
       rule_b8_a_pending_read_does_not_block_the_question, On::answering, "TCPIP_SOCKET"},
      {"rule_b8_terminating_a_job", rule_b8_terminating_a_job, On::answering},
      {"rule_b8_closing_ends_jobs", rule_b8_closing_ends_jobs, On::answering},
      {"rule_b8_errors_at_the_start_give_no_event", rule_b8_errors_at_the_start_give_no_event},
  };
}

}  // namespace visa::rules
