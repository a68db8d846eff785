// SPDX-License-Identifier: MIT
// VPP-4.3 3.6.22, 3.6.23, section 3.6.2.1: how long viLock waits. Also the purpose of locks:
// several sessions query one instrument, and each gets its own answers.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <future>
#include <thread>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

void between(Check& check, double seconds, double low, double high) {
  check.that(seconds >= low && seconds <= high, "viLock took " + std::to_string(seconds) +
                                                    " s, expected " + std::to_string(low) + " to " +
                                                    std::to_string(high));
}

void rule_3_6_22_waits_as_long_as_asked(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  check.set(two, VI_ATTR_TMO_VALUE, 50);  // must have no effect here
  ViStatus status = VI_SUCCESS;
  const double seconds =
      seconds_of([&] { status = visa.viLock(two, VI_EXCLUSIVE_LOCK, 700, VI_NULL, VI_NULL); });
  if (check.options().strict) {
    check.answered("viLock with 700 ms", status, {VI_ERROR_TMO});
  } else {
    check.refused("viLock with 700 ms", status);
  }
  between(check, seconds, 0.69, 5);
}

void rule_3_6_22_takes_what_is_freed_meanwhile(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  for (const auto type : std::initializer_list<ViAccessMode>{VI_EXCLUSIVE_LOCK, VI_SHARED_LOCK}) {
    MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
    Clock::time_point freed;
    Clock::time_point taken;
    auto waiting = std::async(std::launch::async, [&] {
      const ViStatus status = visa.viLock(two, type, 10'000, VI_NULL, VI_NULL);
      taken = Clock::now();
      return status;
    });
    // Only time can show that viLock waits: it gives no sign that it has begun to.
    check.that(waiting.wait_for(400ms) != std::future_status::ready, "viLock did not wait");
    freed = Clock::now();
    ANSWERS(viUnlock(one), VI_SUCCESS);
    check.answered("the waiting viLock", waiting.get(), {VI_SUCCESS});
    check.that(taken >= freed, "the lock was granted while another session held it");
    between(check, std::chrono::duration<double>(taken - freed).count(), 0, 5);
    ANSWERS(viUnlock(two), VI_SUCCESS);
  }
}

void rule_3_6_22_takes_what_a_close_frees(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  auto waiting = std::async(std::launch::async, [&] {
    return visa.viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_INFINITE, VI_NULL, VI_NULL);
  });
  check.that(waiting.wait_for(200ms) != std::future_status::ready, "viLock did not wait");
  ANSWERS(viClose(one), VI_SUCCESS);
  check.answered("the waiting viLock", waiting.get(), {VI_SUCCESS});
}

void rule_3_6_23_immediate_returns_at_once(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  const double seconds = seconds_of([&] {
    REFUSES(viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL));
    REFUSES(viLock(two, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL));
  });
  between(check, seconds, 0, 0.5);
}

void rule_s3_6_2_1_codes_of_a_refusal(Check& check) {
  const auto& visa = check.visa();
  const ViSession one = check.open();
  const ViSession two = check.open();
  MUST_ANSWER(viLock(one, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  const auto at_once = visa.viLock(two, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL);
  const auto later = visa.viLock(two, VI_EXCLUSIVE_LOCK, 100, VI_NULL, VI_NULL);
  if (check.options().strict) {
    check.answered("viLock, immediate", at_once, {VI_ERROR_RSRC_LOCKED});
    check.answered("viLock, 100 ms", later, {VI_ERROR_TMO});
  } else {
    check.answered("viLock, immediate", at_once, {VI_ERROR_RSRC_LOCKED, VI_ERROR_TMO});
    check.answered("viLock, 100 ms", later, {VI_ERROR_RSRC_LOCKED, VI_ERROR_TMO});
  }
}

// Four sessions, ten times each: lock, ask, get the answer to that question, unlock.
void rule_locks_make_a_query_whole(Check& check) {
  const auto& visa = check.visa();
  const auto one_session = [&](int number) {
    const ViSession vi = check.talk();
    for (int cycle = 0; cycle < 10; ++cycle) {
      const std::string line =
          "session " + std::to_string(number) + " cycle " + std::to_string(cycle) + "\n";
      check.need("viLock", visa.viLock(vi, VI_EXCLUSIVE_LOCK, 10'000, VI_NULL, VI_NULL),
                 {VI_SUCCESS});
      check.have_sent(vi, line);
      ViStatus status = VI_SUCCESS;
      const std::string answer = check.read(vi, 100, status);
      check.need("viUnlock", visa.viUnlock(vi), {VI_SUCCESS});
      check.that(answer == line, "asked '" + line + "', was answered '" + answer + "'");
    }
  };
  check.manager();
  std::vector<std::future<void>> all;
  for (int number = 0; number < 4; ++number) {
    all.push_back(std::async(std::launch::async, one_session, number));
  }
  for (auto& one : all) one.get();
}

// Runs in the second process: takes the lock, reports that, and holds it until it is killed.
[[noreturn]] void hold_the_lock(const Options& options, const Facts& facts,
                                const Resource& resource, int pipe) {
  const auto tell = [](char, const std::string&) {};
  auto* const check = new Check(options, facts, &resource, tell);
  char sign = 'n';
  try {
    const ViSession vi = check->open();
    const ViStatus status = check->visa().viLock(vi, VI_EXCLUSIVE_LOCK, 5000, VI_NULL, VI_NULL);
    if (status == VI_SUCCESS) sign = 'y';
  } catch (const Ended&) {
  }
  if (::write(pipe, &sign, 1) != 1) ::_exit(1);
  ::alarm(20);
  for (;;) ::pause();
}

/// The second process: ended with the rule, however that ends.
struct Holder {
  const pid_t process;
  const int pipe;
  Holder(pid_t child, int end) : process(child), pipe(end) {}
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() {
    ::kill(process, SIGKILL);
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::close(pipe);
  }
};

// 3.6.8: a lock holds for every process of this computer, and ends with the process that holds it.
void rule_3_6_8_locks_hold_across_processes(Check& check) {
  int ends[2];
  check.need_that(::pipe(ends) == 0, "no pipe");
  const pid_t process = ::fork();  // before this process has loaded the library
  check.need_that(process >= 0, "no process");
  if (process == 0) hold_the_lock(check.options(), check.facts(), check.resource(), ends[1]);
  ::close(ends[1]);
  const Holder holder{process, ends[0]};
  char sign = 0;
  const bool told = ::read(ends[0], &sign, 1) == 1;
  if (!told || sign != 'y') {
    throw NotShown{"a second process cannot open the resource and lock it"};
  }
  const auto& visa = check.visa();
  ViSession vi = VI_NULL;
  const ViStatus opened = visa.viOpen(
      check.manager(), const_cast<char*>(check.resource().name.c_str()), VI_NO_LOCK, 2000, &vi);
  if (opened == VI_ERROR_RSRC_BUSY) {  // a USB device, a board
    throw NotShown{"one process has the resource at a time"};
  }
  check.need("viOpen", opened, {VI_SUCCESS});
  ViUInt32 state = 77;
  ANSWERS(viGetAttribute(vi, VI_ATTR_RSRC_LOCK_STATE, &state), VI_SUCCESS);
  check.that(state == VI_EXCLUSIVE_LOCK,
             "another process holds the lock, but the state is " + std::to_string(state));
  REFUSES(viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL));
  ViByte byte = 0;
  ViUInt32 count = 0;
  check.set(vi, VI_ATTR_TMO_VALUE, 50);
  ANSWERS(viRead(vi, &byte, 1, &count), VI_ERROR_RSRC_LOCKED);
  ::kill(process, SIGKILL);
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 5000, VI_NULL, VI_NULL), VI_SUCCESS);
}

}  // namespace

Rules lock_wait_rules() {
  return {
      {"rule_3_6_22_waits_as_long_as_asked", rule_3_6_22_waits_as_long_as_asked},
      {"rule_3_6_22_takes_what_is_freed_meanwhile", rule_3_6_22_takes_what_is_freed_meanwhile},
      {"rule_3_6_22_takes_what_a_close_frees", rule_3_6_22_takes_what_a_close_frees},
      {"rule_3_6_23_immediate_returns_at_once", rule_3_6_23_immediate_returns_at_once},
      {"rule_s3_6_2_1_codes_of_a_refusal", rule_s3_6_2_1_codes_of_a_refusal},
      {"rule_locks_make_a_query_whole", rule_locks_make_a_query_whole, On::echoing},
      {"rule_3_6_8_locks_hold_across_processes", rule_3_6_8_locks_hold_across_processes},
  };
}

}  // namespace visa::rules
