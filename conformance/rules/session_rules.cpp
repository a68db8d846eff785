// SPDX-License-Identifier: MIT
// VPP-4.3 3.3 and 3.5: what closing frees, opening again, ending a call from another thread, and
// operations that a resource does not have.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>

#include "conformance/rules/calls.h"
#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

int entries_of(const char* folder) {
  int count = 0;
  if (DIR* const open = ::opendir(folder)) {
    while (::readdir(open) != nullptr) ++count;
    ::closedir(open);
  }
  return count;
}

void rule_s3_3_1_closing_frees_what_the_session_had(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession other = check.open();
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  MUST_ANSWER(viClose(one), VI_SUCCESS);
  ViUInt32 value = 0;
  ANSWERS(viGetAttribute(other, VI_ATTR_TMO_VALUE, &value), VI_SUCCESS);
  ANSWERS(viLock(other, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  ANSWERS(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_ERROR_INV_OBJECT);
}

void rule_s3_3_1_closing_the_manager_closes_its_sessions(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ViSession second = VI_NULL;
  MUST_ANSWER(viOpenDefaultRM(&second), VI_SUCCESS, VI_WARN_CONFIG_NLOADED);
  ViSession survivor = VI_NULL;
  MUST_ANSWER(viOpen(second, check.resource().name.c_str(), VI_NO_LOCK, 5000, &survivor),
              VI_SUCCESS);
  MUST_ANSWER(viClose(check.manager()), VI_SUCCESS);
  ViUInt32 value = 0;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TMO_VALUE, &value), VI_ERROR_INV_OBJECT);
  ANSWERS(viGetAttribute(survivor, VI_ATTR_TMO_VALUE, &value), VI_SUCCESS);
}

void rule_s3_3_1_reopen_80_times(Check& check) {
  const auto& visa = check.visa();
  check.manager();
  MUST_ANSWER(viClose(check.talk()), VI_SUCCESS);  // makes what the library keeps for good
  const int files = entries_of("/proc/self/fd");
  const int threads = entries_of("/proc/self/task");
  for (int cycle = 0; cycle < 80; ++cycle) {
    const ViSession vi = check.talk();
    if (cycle < 60) check.that(!check.ask(vi, "*IDN?\n").empty(), "no answer after reopening");
    MUST_ANSWER(viClose(vi), VI_SUCCESS);
  }
  // Allow a second for threads and connections that end on their own.
  const auto deadline = Clock::now() + 1s;
  while (Clock::now() < deadline &&
         (entries_of("/proc/self/fd") > files + 2 || entries_of("/proc/self/task") > threads)) {
    std::this_thread::yield();
  }
  const int left = entries_of("/proc/self/fd") - files;
  check.that(left <= 2, std::to_string(left) + " descriptors are left after 80 sessions");
  check.that(entries_of("/proc/self/task") <= threads, "threads are left after 80 sessions");
}

void rule_s3_5_1_1_terminate_on_an_idle_session(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ANSWERS(viTerminate(vi, VI_NULL, VI_NULL), VI_SUCCESS);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good after viTerminate");
}

void rule_s3_5_1_1_terminate_with_bad_arguments(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.open();
  ANSWERS(viTerminate(vi, 1, VI_NULL), VI_ERROR_INV_DEGREE);
  ANSWERS(viTerminate(vi, VI_NULL, 0x7654321), VI_ERROR_INV_JOB_ID);
  MUST_ANSWER(viClose(vi), VI_SUCCESS);
  ANSWERS(viTerminate(vi, VI_NULL, VI_NULL), VI_ERROR_INV_OBJECT);
}

// Aborting is only a "should": a library may let the read run to its timeout, but never longer.
void rule_s3_5_1_1_terminate_during_a_read(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 3000);
  double seconds = 0;
  auto reading = std::async(std::launch::async, [&] {
    ViByte buffer[16];
    ViUInt32 count = 0;
    ViStatus status = VI_SUCCESS;
    seconds = seconds_of([&] { status = visa.viRead(vi, buffer, sizeof buffer, &count); });
    return status;
  });
  // The read gives no sign that it has begun: repeat viTerminate until it ends.
  while (reading.wait_for(50ms) != std::future_status::ready) {
    ANSWERS(viTerminate(vi, VI_NULL, VI_NULL), VI_SUCCESS);
  }
  const ViStatus status = reading.get();
  if (check.options().strict) {
    check.answered("the terminated viRead", status, {VI_ERROR_ABORT});
    check.that(seconds < 1.5, "the terminated viRead took " + std::to_string(seconds) + " s");
  } else {
    check.answered("the terminated viRead", status, {VI_ERROR_ABORT, VI_ERROR_TMO});
    check.that(seconds < 6, "the terminated viRead took " + std::to_string(seconds) + " s");
  }
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good after viTerminate");
}

// Each absent operation says so; nothing is thrown, and the session stays usable.
void rule_absent_operations_say_so(Check& check) {
  const ViSession vi = check.talk();
  int absent = 0;
  for (const Call& call : calls()) {
    if (call.needs.empty() || kind_offers(check.resource().kind, call.needs)) continue;
    const ViStatus status = call.make(check, vi);
    check.answered(call.name, status, {VI_ERROR_NSUP_OPER});
    ++absent;
  }
  check.that(absent > 0, "no operation was found that this kind lacks");
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

void rule_every_function_is_there(Check& check) {
  for (const Row& row : check.facts().functions) {
    if (row.at("status") == "NI-ext") continue;
    bool found = false;
    for (const Entry* entry : check.visa().entries()) {
      if (row.at("name") != entry->name()) continue;
      found = true;
      check.that(entry->present(), "the library has no " + row.at("name"));
    }
    check.that(found, "the suite does not know " + row.at("name"));
  }
}

}  // namespace

Rules session_rules() {
  return {
      {"rule_s3_3_1_closing_frees_what_the_session_had",
       rule_s3_3_1_closing_frees_what_the_session_had},
      {"rule_s3_3_1_closing_the_manager_closes_its_sessions",
       rule_s3_3_1_closing_the_manager_closes_its_sessions},
      {"rule_s3_3_1_reopen_80_times", rule_s3_3_1_reopen_80_times, On::answering, "", 120},
      {"rule_s3_5_1_1_terminate_on_an_idle_session", rule_s3_5_1_1_terminate_on_an_idle_session,
       On::answering},
      {"rule_s3_5_1_1_terminate_with_bad_arguments", rule_s3_5_1_1_terminate_with_bad_arguments},
      {"rule_s3_5_1_1_terminate_during_a_read", rule_s3_5_1_1_terminate_during_a_read,
       On::answering},
      {"rule_absent_operations_say_so", rule_absent_operations_say_so, On::answering},
      {"rule_every_function_is_there", rule_every_function_is_there, On::nothing},
  };
}

}  // namespace visa::rules
