// SPDX-License-Identifier: MIT
// What programs do all day: many clears, many threads on one session, everything mixed. No clause
// asks for these, but users had each of the failures. The echo instrument shows whose answer came.
#include <atomic>
#include <future>
#include <random>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

std::string line_of(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i + 1 < length; ++i) text += static_cast<char>('A' + i % 50);
  return text + "\n";
}

// The unread rest of an answer never shows up after viClear, for any part that was read before.
void rule_6_1_clear_again_and_again(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string large = line_of(30'000);
  ViStatus status = VI_SUCCESS;
  for (int i = 0; i < 50; ++i) {
    check.have_sent(vi, large);
    if (i % 2 == 0) {
      check.that(check.read(vi, 100, status) == large.substr(0, 100), "something else was read");
      check.answered("viRead of the first 100 bytes", status, {VI_SUCCESS_MAX_CNT});
    }
    ANSWERS(viClear(vi), VI_SUCCESS);
    const std::string line = "clear " + std::to_string(i) + "\n";
    check.have_sent(vi, line);
    const std::string answer = check.read(vi, 1000, status);
    if (!check.that(answer == line, "after a viClear came '" + answer.substr(0, 60) + "'")) return;
    check.answered("viRead after viClear", status, {VI_SUCCESS});
  }
  check.have_sent(vi, large);
  check.that(check.read(vi, 100'000, status) == large, "a large answer is not whole any more");
}

// One session: a thread that asks, two that poll, one that locks and unlocks, one for remote and
// local. No thread gets an error, and every answer is right.
void rule_6_1_one_session_for_many_threads(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  std::atomic<bool> over{false};
  const auto run = [&over](auto work) {
    return std::async(std::launch::async, [&over, work] {
      while (!over) work();
    });
  };
  const auto poll = [&] {
    ViUInt16 byte = 0xFFFF;
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    check.that(byte <= 255, "the status byte is " + std::to_string(byte));
  };
  const auto lock = [&] {
    const ViStatus status = visa.viLock(vi, VI_EXCLUSIVE_LOCK, 2000, VI_NULL, VI_NULL);
    check.answered("viLock", status, {VI_SUCCESS, VI_ERROR_TMO});
    if (status == VI_SUCCESS) ANSWERS(viUnlock(vi), VI_SUCCESS);
  };
  const auto remote = [&] {
    ANSWERS(viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS), VI_SUCCESS);
  };
  std::vector<std::future<void>> all;
  for (int i = 0; i < 2; ++i) all.push_back(run(poll));
  all.push_back(run(lock));
  all.push_back(run(remote));
  const auto end = Clock::now() + std::chrono::milliseconds(800);
  int asked = 0;
  for (; Clock::now() < end || asked < 5; ++asked) {
    const std::string line = "question " + std::to_string(asked) + "\n";
    check.have_sent(vi, line);
    ViStatus status = VI_SUCCESS;
    const std::string answer = check.read(vi, 1000, status);
    if (!check.answered("viRead beside other threads", status, {VI_SUCCESS})) break;
    if (!check.that(answer == line, "asked '" + line + "', was answered '" + answer + "'")) break;
  }
  over = true;
  for (auto& one : all) one.get();
}

// A random sequence, the same in each run: whole and partial reads, clears, polls, locks, remote
// control, buffers.
void rule_6_1_everything_mixed(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  std::mt19937 random(20260401);
  const auto below = [&random](unsigned count) { return static_cast<unsigned>(random() % count); };
  ViStatus status = VI_SUCCESS;
  for (int step = 0; step < 250; ++step) {
    switch (below(8)) {
      case 0:
      case 1: {
        const std::string line = line_of(2 + below(20'000));
        check.have_sent(vi, line);
        check.need_that(check.read(vi, 30'000, status) == line,
                        "step " + std::to_string(step) + ": something else came back");
        break;
      }
      case 2: {  // in parts
        const std::string line = line_of(2 + below(3000));
        const ViUInt32 part = std::initializer_list<ViUInt32>{13, 512, 8192}.begin()[below(3)];
        check.have_sent(vi, line);
        std::string all;
        do {
          all += check.read(vi, part, status);
        } while (status == VI_SUCCESS_MAX_CNT && all.size() < line.size());
        check.need_that(all == line, "step " + std::to_string(step) + ": other parts came back");
        break;
      }
      case 3: {
        ViUInt16 byte = 0;
        ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
        break;
      }
      case 4:
        check.have_sent(vi, line_of(200));
        check.read(vi, 1 + below(300), status);
        ANSWERS(viClear(vi), VI_SUCCESS);
        break;
      case 5:
        ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
        check.that(!check.ask(vi, "*IDN?\n").empty(), "no answer under a lock");
        ANSWERS(viUnlock(vi), VI_SUCCESS);
        break;
      case 6:
        ANSWERS(viGpibControlREN(vi, VI_GPIB_REN_ADDRESS_GTL), VI_SUCCESS);
        ANSWERS(viFlush(vi, VI_READ_BUF_DISCARD), VI_SUCCESS);
        break;
      default:
        ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
        check.set(vi, VI_ATTR_TMO_VALUE, 5000 + below(1000));
        break;
    }
  }
}

}  // namespace

Rules vxi11_use_rules() {
  constexpr On kOn = On::echoing;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_6_1_clear_again_and_again", rule_6_1_clear_again_and_again, kOn, kKind},
      {"rule_6_1_one_session_for_many_threads", rule_6_1_one_session_for_many_threads, kOn, kKind},
      {"rule_6_1_everything_mixed", rule_6_1_everything_mixed, kOn, kKind, 60},
  };
}

}  // namespace visa::rules
