// SPDX-License-Identifier: MIT
// VXI-11 answers that come far later than their call, are longer than requested, or never end. The
// session goes on with the next answer, and the device's lock belongs to the session that asked for
// it.
#include <functional>

#include "conformance/rules/check.h"
#include "conformance/rules/second_client.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

constexpr ViUInt32 kTimeout = 300;
constexpr int kLate = 1900;  // ms: more than the timeout by far more than a second

ViStatus identify(Check& check, ViSession vi, std::string& answer) {
  ViUInt32 count = 0;
  ViStatus status = check.visa().viWrite(vi, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count);
  if (status == VI_SUCCESS) answer = check.read(vi, 1000, status);
  return status;
}

// Each query before the late answer ends with VI_ERROR_TMO at its deadline; each one after it gets
// its own answer.
void recovers(Check& check, ViSession vi, const std::string& identity, const std::string& what) {
  ViStatus status = VI_ERROR_TMO;
  for (const auto begun = Clock::now(); status == VI_ERROR_TMO && Clock::now() < begun + 20s;) {
    std::string answer;
    const double seconds = seconds_of([&] { status = identify(check, vi, answer); });
    check.that(seconds < kTimeout / 1000.0 * 2 + 3, "it took " + std::to_string(seconds) + " s");
    check.that(status != VI_SUCCESS || answer == identity,
               what + ": *IDN? is answered '" + answer + "'");
  }
  if (!check.answered((what + ", the query after it").c_str(), status, {VI_SUCCESS})) return;
  const std::string line = "the line after " + what + "\n";
  check.have_sent(vi, line);
  check.that(check.read(vi, 1000, status) == line, what + ": the next line is another");
  check.answered("viRead of it", status, {VI_SUCCESS});
}

void rule_vxi11_a_session_outlives_late_answers(Check& check) {
  Wire wire(check);
  const std::string identity = check.ask(check.talk(), "*IDN?\n");
  const auto& visa = check.visa();
  ViUInt32 count = 0;
  ViUInt16 byte = 0;
  ViByte data[100] = {'\n'};
  struct Case {
    const char* procedure;
    std::function<ViStatus(ViSession)> call;
  };
  const Case cases[] = {
      {"device_write", [&](ViSession vi) { return visa.viWrite(vi, data, 1, &count); }},
      {"device_read", [&](ViSession vi) { return visa.viRead(vi, data, sizeof data, &count); }},
      {"device_readstb", [&](ViSession vi) { return visa.viReadSTB(vi, &byte); }},
      {"device_clear", [&](ViSession vi) { return visa.viClear(vi); }},
      {"device_trigger", [&](ViSession vi) { return visa.viAssertTrigger(vi, 0); }},
      {"device_remote",
       [&](ViSession vi) { return visa.viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS); }},
  };
  for (const Case& one : cases) {
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
    if (std::string(one.procedure) == "device_read") check.have_sent(vi, "an old line\n");
    wire.fault(R"("kind":"rpc-late","count":1,"ms":)" + std::to_string(kLate) +
               R"(,"procedure":")" + one.procedure + "\"");
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { status = one.call(vi); });
    check.answered((std::string(one.procedure) + " that is answered late").c_str(), status,
                   {VI_ERROR_TMO});
    check.that(seconds >= kTimeout / 1000.0 - 0.001 && seconds < 3,
               "it took " + std::to_string(seconds) + " s");
    recovers(check, vi, identity, one.procedure);
    wire.no_faults();
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

// A lock that the device grants after its viLock has given up shuts out no other client, even if
// the program makes no further call.
void rule_vxi11_a_late_lock_is_given_back(Check& check) {
  Wire wire(check);
  const std::string identity = check.ask(check.talk(), "*IDN?\n");
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.fault(R"("kind":"rpc-late","count":1,"procedure":"device_lock","ms":)" +
             std::to_string(kLate));
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, kTimeout, VI_NULL, VI_NULL), VI_ERROR_TMO);
  std::uint32_t error = 11;
  for (const auto begun = Clock::now(); error == 11 && Clock::now() < begun + 20s;) {
    error = second.lock();
  }
  check.that(error == 0, "the device stays locked: error " + std::to_string(error));
  second.unlock();
  recovers(check, vi, identity, "a late device_lock");
}

// viClear does not wait for an answer that never comes, and keeps the lock.
void rule_vxi11_a_clear_replaces_a_connection_that_owes(Check& check) {
  if (!check.options().strict) throw NotShown{"no library is bound to make a second connection"};
  Wire wire(check);
  const std::string identity = check.ask(check.talk(), "*IDN?\n");
  SecondClient second(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  MUST_ANSWER(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  check.have_sent(vi, "an old line\n");
  wire.fault(R"("kind":"rpc-stall","count":1,"bytes":20,"procedure":"device_read")");
  ViStatus status = VI_SUCCESS;
  check.read(vi, 100, status);
  check.answered("viRead of a reply that stalls", status, {VI_ERROR_TMO});
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(second.lock() == 11, "the lock of the session is lost");
  check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  recovers(check, vi, identity, "a clear");
  wire.no_faults();
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  check.that(second.lock() == 0, "the device is not unlocked");
  second.unlock();
}

void rule_vxi11_a_longer_answer_than_asked(Check& check) {
  Wire wire(check);
  const std::string identity = check.ask(check.talk(), "*IDN?\n");
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  const std::string line = "an answer that is longer than was asked for\n";
  for (const char* const then : {"read", "write", "clear"}) {
    check.have_sent(vi, line);
    wire.fault(R"("kind":"long-answer","count":1)");
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, 10, status) == line.substr(0, 10), "its beginning is lost");
    check.answered("viRead of ten bytes", status, {VI_SUCCESS_MAX_CNT});
    wire.no_faults();
    if (std::string(then) == "read") {
      check.that(check.read(vi, 1000, status) == line.substr(10), "its rest is lost");
      check.answered("viRead of the rest", status, {VI_SUCCESS});
    }
    if (std::string(then) == "clear") ANSWERS(viClear(vi), VI_SUCCESS);
    recovers(check, vi, identity, std::string("a long answer, then ") + then);
  }
}

void rule_vxi11_a_termination_character_needs_no_end(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TERMCHAR, '\n');
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  const std::string line = "no end\n";
  for (const ViUInt32 room : {100U, 7U}) {
    check.have_sent(vi, line);
    wire.fault(R"("kind":"no-end")");
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, room, status) == line, "the line is not read");
    check.answered("viRead without END", status, {VI_SUCCESS_TERM_CHAR});
    wire.no_faults();
  }
}

}  // namespace

Rules vxi11_late_rules() {
  constexpr On kOn = On::echoing;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_vxi11_a_session_outlives_late_answers", rule_vxi11_a_session_outlives_late_answers,
       kOn, kKind, 120},
      {"rule_vxi11_a_late_lock_is_given_back", rule_vxi11_a_late_lock_is_given_back, kOn, kKind,
       60},
      {"rule_vxi11_a_clear_replaces_a_connection_that_owes",
       rule_vxi11_a_clear_replaces_a_connection_that_owes, kOn, kKind, 60},
      {"rule_vxi11_a_longer_answer_than_asked", rule_vxi11_a_longer_answer_than_asked, kOn, kKind},
      {"rule_vxi11_a_termination_character_needs_no_end",
       rule_vxi11_a_termination_character_needs_no_end, kOn, kKind},
  };
}

}  // namespace visa::rules
