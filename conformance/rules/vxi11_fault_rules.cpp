// SPDX-License-Identifier: MIT
// VXI-11 with an instrument or network that misbehaves: errors, silence, late answers, broken
// replies, closed connections. After each of them the session works, or reports that it is lost.
#include <future>

#include "conformance/rules/check.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

std::string number(std::int64_t value) {
  return std::to_string(value);
}

// Makes the echo instrument send back a line that no other query uses.
std::string echo(Check& check, ViSession vi, const std::string& line, ViStatus& status) {
  check.have_sent(vi, line);
  return check.read(vi, 1000, status);
}

// Table B.2: an error fails this call only; the next query works. So do unknown numbers (B.5.2).
void rule_vxi11_b_5_2_errors_of_a_read(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  struct Expected {
    std::uint32_t error;
    ViStatus status;
  };
  constexpr Expected kExpected[] = {
      {1, VI_ERROR_IO},     {3, VI_ERROR_IO},           {4, VI_ERROR_IO},
      {5, VI_ERROR_IO},     {6, VI_ERROR_NSUP_MECH},    {8, VI_ERROR_NSUP_OPER},
      {9, VI_ERROR_ALLOC},  {11, VI_ERROR_RSRC_LOCKED}, {12, VI_ERROR_SESN_NLOCKED},
      {15, VI_ERROR_TMO},   {17, VI_ERROR_IO},          {21, VI_ERROR_IO},
      {23, VI_ERROR_ABORT}, {29, VI_ERROR_IO},          {1234, VI_ERROR_IO}};
  // For these the standard does not say what they mean in a device_read.
  const auto open = [](std::uint32_t error) {
    return error == 4 || error == 6 || error == 12 || error == 29 || error == 1234;
  };
  for (const Expected& expected : kExpected) {
    wire.fault(R"("kind":"rpc-error","procedure":"device_read","error":)" + number(expected.error) +
               (expected.error == 15 ? "" : R"(,"count":1)"));
    check.write(vi, "*IDN?\n");
    ViStatus status = VI_SUCCESS;
    check.read(vi, 100, status);
    const std::string what = "viRead answered with error " + number(expected.error);
    if (check.options().strict && !open(expected.error)) {
      check.answered(what.c_str(), status, {expected.status});
    } else {
      check.refused(what.c_str(), status);
    }
    wire.no_faults();
    check.has_its_own_answer(vi, "line after error " + number(expected.error) + "\n");
  }
}

void rule_vxi11_b_5_2_errors_of_other_calls(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ViUInt16 byte = 0;
  ViUInt32 count = 0;
  for (const std::uint32_t error : {3U, 4U, 8U, 11U, 17U, 21U, 1234U}) {
    wire.fault(R"("kind":"rpc-error","error":)" + number(error));
    ViByte data = '\n';
    REFUSES(viWrite(vi, &data, 1, &count));
    REFUSES(viReadSTB(vi, &byte));
    REFUSES(viClear(vi));
    REFUSES(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT));
    REFUSES(viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS));
    if (check.options().strict && error == 8) {
      ANSWERS(viReadSTB(vi, &byte), VI_ERROR_NSUP_OPER);
      ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_ERROR_NSUP_OPER);
    }
    wire.no_faults();
    check.has_its_own_answer(vi, "line after error " + number(error) + "\n");
  }
}

// The RPC layer refuses a call: program or procedure unavailable, garbage arguments, denied.
void rule_vxi11_rpc_refusals(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  for (std::uint32_t error = 1; error <= 7; ++error) {
    wire.fault(R"("kind":"rpc-refuse","count":1,"procedure":"device_read","error":)" +
               number(error));
    check.write(vi, "*IDN?\n");
    ViStatus status = VI_SUCCESS;
    check.read(vi, 100, status);
    check.refused(("viRead refused with " + number(error)).c_str(), status);
    check.has_its_own_answer(vi, "line after refusal " + number(error) + "\n");
  }
}

// RFC 5531 section 9: the xid tells replies apart (pain 25), and the server may split a record into
// any number of fragments and segments, with padding.
void rule_vxi11_replies_in_every_shape(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  for (const char* const fault :
       {R"("kind":"rpc-stale","count":4)", R"("kind":"rpc-fragments","count":4,"pieces":5)",
        R"("kind":"rpc-fragments","count":4,"bytes":4)",
        R"("kind":"rpc-split","count":4,"pieces":7,"ms":2)",
        R"("kind":"rpc-padding","count":4,"bytes":0)",
        R"("kind":"rpc-padding","count":4,"bytes":12)", R"("kind":"rpc-unfinished","count":4)"}) {
    wire.fault(fault);
    check.has_its_own_answer(vi, std::string("line by a reply of ") + (fault + 8) + "\n");
    wire.no_faults();
    check.has_its_own_answer(vi, std::string("line after a reply of ") + (fault + 8) + "\n");
  }
}

// A reply with another xid, or with impossible lengths, is never taken as data and causes no crash,
// and the call ends at its deadline. Then the session works or reports that it is lost.
void rule_vxi11_replies_that_cannot_be_meant(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const std::string identity = check.ask(check.talk(), "*IDN?\n");
  for (const char* const fault : {R"("kind":"rpc-xid","count":1,"procedure":"device_read")",
                                  R"("kind":"rpc-long-opaque","count":1,"length":4294967295)",
                                  R"("kind":"rpc-long-opaque","count":1,"length":2147483647)",
                                  R"("kind":"rpc-long-fragment","count":1,"length":2147483647)"}) {
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TMO_VALUE, 400);
    check.write(vi, "*IDN?\n");
    wire.fault(fault);
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { check.read(vi, 100, status); });
    check.that(seconds < 6, "it took " + std::to_string(seconds) + " s");
    // If only the end of the record is wrong, the library may use the part before it.
    const bool whole = std::string(fault).find("fragment") != std::string::npos;
    if (!whole || status < VI_SUCCESS) {
      check.refused((std::string("viRead with ") + fault).c_str(), status);
    }
    wire.no_faults();
    for (int attempt = 0; attempt < 3; ++attempt) {  // a missing reply may block until a clear
      ViUInt32 count = 0;
      status = visa.viWrite(vi, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count);
      if (status == VI_SUCCESS) {
        const std::string answer = check.read(vi, 1000, status);
        check.that(status != VI_SUCCESS || answer == identity, "something else is read: " + answer);
      }
      if (status != VI_ERROR_TMO) break;
      check.set(vi, VI_ATTR_TMO_VALUE, 3000);
      visa.viClear(vi);
    }
    check.answered((std::string("the session after ") + fault).c_str(), status,
                   {VI_SUCCESS, VI_ERROR_CONN_LOST});
    ANSWERS(viClose(vi), VI_SUCCESS);
    check.that(!check.ask(check.talk(), "*IDN?\n").empty(), "another session gets no answer");
  }
}

// B.4.4: a server that sends nothing. The call returns VI_ERROR_TMO at VI_ATTR_TMO_VALUE; the bound
// is generous, because the machine may be busy.
void rule_vxi11_b_4_4_a_silent_instrument(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const double grace = check.options().strict ? 1.5 : 5;
  ViUInt16 byte = 0;
  ViUInt32 count = 0;
  const auto write = [&](ViSession vi) {
    return visa.viWrite(vi, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count);
  };
  const auto read = [&](ViSession vi) {
    ViByte buffer[100];
    return visa.viRead(vi, buffer, sizeof buffer, &count);
  };
  const auto poll = [&](ViSession vi) { return visa.viReadSTB(vi, &byte); };
  const std::function<ViStatus(ViSession)> operations[] = {write, read, poll};
  for (const auto& operation : operations) {
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TMO_VALUE, 300);
    wire.fault(R"("kind":"rpc-silence","count":1)");
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { status = operation(vi); });
    check.answered("the operation without an answer", status, {VI_ERROR_TMO});
    check.that(seconds >= 0.299 && seconds < 0.3 + grace,
               "with 300 ms it took " + std::to_string(seconds) + " s");
    wire.no_faults();
    // The answer never comes: the library may give up the link, but not silently, and a clear
    // recovers the session.
    for (int attempt = 0; attempt < 3; ++attempt) {
      status = write(vi);
      if (status == VI_SUCCESS) status = read(vi);
      if (status != VI_ERROR_TMO) break;
    }
    if (check.options().strict) check.answered("the next query", status, {VI_ERROR_TMO});
    if (status == VI_ERROR_TMO) {
      check.set(vi, VI_ATTR_TMO_VALUE, 5000);
      status = visa.viClear(vi);
      if (status == VI_SUCCESS) status = write(vi);
      if (status == VI_SUCCESS) status = read(vi);
    }
    check.answered("the query after it", status, {VI_SUCCESS, VI_ERROR_CONN_LOST});
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
  check.that(!check.ask(check.talk(), "*IDN?\n").empty(), "another session gets no answer");
}

// A reply stops in its middle: the call still ends at its own deadline. (The unit tests of this
// library check that it is at most 50 ms late.)
void rule_s6_1_1_a_reply_that_stalls(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  const std::string line = std::string(500, 'l') + "\n";
  const double grace = check.options().strict ? 1.5 : 5;
  for (const ViUInt32 timeout : {300U, 700U}) {
    check.set(vi, VI_ATTR_TMO_VALUE, timeout);
    check.have_sent(vi, line);
    wire.fault(R"("kind":"rpc-stall","count":1,"bytes":200,"procedure":"device_read")");
    ViStatus status = VI_SUCCESS;
    std::string data;
    const double seconds = seconds_of([&] { data = check.read(vi, 1000, status); });
    check.answered("viRead of a reply that stalls", status, {VI_ERROR_TMO});
    check.that(seconds >= timeout / 1000.0 - 0.001 && seconds < timeout / 1000.0 + grace,
               "with " + number(timeout) + " ms it took " + std::to_string(seconds) + " s");
    check.that(line.compare(0, data.size(), data) == 0, "something else was read");
    wire.no_faults();  // now the rest of the reply comes
    check.set(vi, VI_ATTR_TMO_VALUE, 5000);
    check.has_its_own_answer(vi, "line after a stall of " + number(timeout) + " ms\n");
  }
}

// The instrument sends half an answer and no END: the program gets the bytes with VI_ERROR_TMO
// (B.6.27), and the whole call has one deadline.
void rule_s6_1_1_half_an_answer(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 500);
  wire.fault(R"("kind":"truncate","count":1,"bytes":15)");
  check.have_sent(vi, "half of an answer is here\n");
  ViStatus status = VI_SUCCESS;
  std::string data;
  double seconds = seconds_of([&] { data = check.read(vi, 100, status); });
  check.answered("viRead of half an answer", status, {VI_ERROR_TMO});
  check.that(data == "half of an answ", "the data that came is not returned: " + data);
  check.that(seconds >= 0.499 && seconds < 3, "it took " + std::to_string(seconds) + " s");
  wire.no_faults();
  wire.fault(R"("kind":"split","count":1,"pieces":20,"ms":100)");
  check.have_sent(vi, "an answer that trickles in does not move the deadline\n");
  seconds = seconds_of([&] { data = check.read(vi, 100, status); });
  check.answered("viRead of a trickle", status, {VI_ERROR_TMO});
  check.that(!data.empty(), "the data that came is not returned");
  check.that(seconds >= 0.499 && seconds < 2.5, "it took " + std::to_string(seconds) + " s");
  wire.no_faults();
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  check.has_its_own_answer(vi, "line after a trickle\n");
}

// Pains 22 and 25: after a timeout the next query gets its own answer, with or without viClear.
void rule_vxi11_after_a_timeout_the_next_query_has_its_own_answer(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  int round = 0;
  for (const char* const fault : {R"("kind":"late","ms":250)", R"("kind":"stall","ms":250)",
                                  R"("kind":"rpc-late","ms":250,"procedure":"device_read")",
                                  R"("kind":"rpc-stall","ms":250,"procedure":"device_read")"}) {
    for (const bool clears : {false, true}) {
      const std::string name = number(++round) + " (" + (fault + 8) + ")";
      check.set(vi, VI_ATTR_TMO_VALUE, 100);
      wire.fault(fault + std::string(R"(,"count":1)"));
      ViStatus status = VI_SUCCESS;
      echo(check, vi, "old line " + name + "\n", status);
      check.answered(("viRead of what is late: " + name).c_str(), status, {VI_ERROR_TMO});
      check.set(vi, VI_ATTR_TMO_VALUE, 5000);
      if (clears) ANSWERS(viClear(vi), VI_SUCCESS);
      check.has_its_own_answer(vi, "new line " + name + "\n");
      wire.no_faults();
    }
  }
}

// An answer that comes late is not lost: the next read returns it.
void rule_vxi11_a_late_answer_can_still_be_read(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  std::vector<const char*> faults = {R"("kind":"late","ms":250,"count":1)"};
  if (check.options().strict) {
    faults.push_back(R"("kind":"rpc-late","ms":250,"count":1,"procedure":"device_read")");
  }
  for (const char* const fault : faults) {
    check.set(vi, VI_ATTR_TMO_VALUE, 100);
    wire.fault(fault);
    ViStatus status = VI_SUCCESS;
    echo(check, vi, "late line\n", status);
    check.answered("viRead of what is late", status, {VI_ERROR_TMO});
    check.set(vi, VI_ATTR_TMO_VALUE, 5000);
    check.that(check.read(vi, 100, status) == "late line\n", "the late line is lost");
    check.answered("viRead again", status, {VI_SUCCESS});
    wire.no_faults();
  }
}

void connection_lost(Check& check, const char* call, ViStatus status) {
  if (check.options().strict) {
    check.answered(call, status, {VI_ERROR_CONN_LOST});
  } else {
    check.answered(call, status, {VI_ERROR_CONN_LOST, VI_ERROR_TMO});
  }
}

// Section 6.1.1: the connection ends in the middle of an answer.
void rule_s6_1_1_vxi11_closed_in_the_middle(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  for (const char* const fault :
       {R"("kind":"drop","bytes":7)", R"("kind":"drop")", R"("kind":"drop","reset":true)",
        R"("kind":"rpc-close","procedure":"device_read")",
        R"("kind":"rpc-close","procedure":"device_read","bytes":2)"}) {
    const ViSession vi = check.talk();
    wire.fault(fault + std::string(R"(,"count":1)"));
    check.have_sent(vi, "a line that is cut\n");
    ViStatus status = VI_SUCCESS;
    double seconds = seconds_of([&] { check.read(vi, 100, status); });
    connection_lost(check, (std::string("viRead, ") + fault).c_str(), status);
    check.that(seconds < 5, "it took " + std::to_string(seconds) + " s");
    wire.no_faults();
    ViUInt32 count = 0;
    seconds = seconds_of(
        [&] { status = visa.viWrite(vi, reinterpret_cast<ViConstBuf>("*IDN?\n"), 6, &count); });
    connection_lost(check, "the next viWrite", status);
    check.that(seconds < 5, "it took " + std::to_string(seconds) + " s");
    ANSWERS(viClose(vi), VI_SUCCESS);
    check.has_its_own_answer(check.talk(), "line of a new session\n");
  }
}

void rule_s6_1_1_vxi11_a_reader_hears_of_the_close(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, 20'000);
  wire.events();
  ViStatus status = VI_SUCCESS;
  auto reading = std::async(std::launch::async, [&] { check.read(vi, 100, status); });
  const auto deadline = Clock::now() + 5s;
  while (wire.calls("device_read").empty() && Clock::now() < deadline) {
  }
  wire.drop();
  const bool in_time = reading.wait_for(5s) == std::future_status::ready;
  reading.get();
  check.that(in_time, "viRead does not notice within 5 s that the instrument has closed");
  connection_lost(check, "the waiting viRead", status);
}

}  // namespace

Rules vxi11_fault_rules() {
  constexpr On kOn = On::echoing;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_vxi11_b_5_2_errors_of_a_read", rule_vxi11_b_5_2_errors_of_a_read, kOn, kKind},
      {"rule_vxi11_b_5_2_errors_of_other_calls", rule_vxi11_b_5_2_errors_of_other_calls, kOn,
       kKind},
      {"rule_vxi11_rpc_refusals", rule_vxi11_rpc_refusals, kOn, kKind},
      {"rule_vxi11_replies_in_every_shape", rule_vxi11_replies_in_every_shape, kOn, kKind},
      {"rule_vxi11_replies_that_cannot_be_meant", rule_vxi11_replies_that_cannot_be_meant, kOn,
       kKind},
      {"rule_vxi11_b_4_4_a_silent_instrument", rule_vxi11_b_4_4_a_silent_instrument, kOn, kKind,
       60},
      {"rule_s6_1_1_a_reply_that_stalls", rule_s6_1_1_a_reply_that_stalls, kOn, kKind},
      {"rule_s6_1_1_half_an_answer", rule_s6_1_1_half_an_answer, kOn, kKind},
      {"rule_vxi11_after_a_timeout_the_next_query_has_its_own_answer",
       rule_vxi11_after_a_timeout_the_next_query_has_its_own_answer, kOn, kKind},
      {"rule_vxi11_a_late_answer_can_still_be_read", rule_vxi11_a_late_answer_can_still_be_read,
       kOn, kKind},
      {"rule_s6_1_1_vxi11_closed_in_the_middle", rule_s6_1_1_vxi11_closed_in_the_middle, kOn, kKind,
       60},
      {"rule_s6_1_1_vxi11_a_reader_hears_of_the_close",
       rule_s6_1_1_vxi11_a_reader_hears_of_the_close, kOn, kKind},
  };
}

}  // namespace visa::rules
