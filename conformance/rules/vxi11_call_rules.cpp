// SPDX-License-Identifier: MIT
// VXI-11 sections B.5 and B.6, and the parts of VPP-4.3 chapter 6 that a byte stream cannot show:
// which calls go over the wire, with which flags, sizes and timeouts. The log of the instrument
// shows them.
#include "conformance/rules/check.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

constexpr std::int64_t kEnd = 0x08;
constexpr std::int64_t kTermCharSet = 0x80;
constexpr std::int64_t kWaitLock = 0x01;

std::string text_of(const WireCalls& calls) {
  std::string text;
  for (const WireCall& call : calls) text += " " + call.procedure;
  return text;
}

// The one call of `procedure` that `act` causes; ends the rule if there are more or none.
template <class Act>
WireCall one(Check& check, Wire& wire, const char* procedure, Act act) {
  wire.events();
  act();
  const WireCalls calls = wire.calls(procedure);
  check.need_that(calls.size() == 1, std::to_string(calls.size()) + " calls of " + procedure);
  return calls[0];
}

void is(Check& check, const WireCall& call, const char* argument, std::int64_t wanted) {
  std::int64_t got = call[argument];
  // The standard lets the client choose whether it waits for locks of other clients.
  if (!check.options().strict && std::string(argument) == "flags") got &= ~kWaitLock;
  check.that(got == wanted, call.procedure + ": " + argument + " is " + std::to_string(got) +
                                ", expected " + std::to_string(wanted));
}

void rule_vxi11_one_query_is_one_write_and_one_read(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  for (int i = 0; i < 3; ++i) check.ask(vi, "*IDN?\n");
  WireCalls calls = wire.calls();
  const std::string wanted =
      " device_write device_read device_write device_read device_write device_read";
  check.that(text_of(calls) == wanted, "three queries are" + text_of(calls));
  ANSWERS(viClose(vi), VI_SUCCESS);
  // B.6.9
  calls = wire.calls();
  check.that(only(calls, "destroy_link").size() == 1, "viClose is" + text_of(calls));
}

// B.5.3, B.6.14
void rule_vxi11_b_5_3_flags_of_a_write(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  const auto write = [&] { check.write(vi, "*IDN?\n"); };
  is(check, one(check, wire, "device_write", write), "flags", kEnd);
  check.set(vi, VI_ATTR_SEND_END_EN, VI_FALSE);
  is(check, one(check, wire, "device_write", [&] { check.write(vi, "*I"); }), "flags", 0);
  check.set(vi, VI_ATTR_SEND_END_EN, VI_TRUE);
  is(check, one(check, wire, "device_write", [&] { check.write(vi, "DN?\n"); }), "flags", kEnd);
}

// B.5.3
void rule_vxi11_b_5_3_flags_of_a_read(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  for (const ViUInt8 character : std::initializer_list<ViUInt8>{'\n', ';', 0, 255}) {
    for (const ViBoolean on : std::initializer_list<ViBoolean>{VI_TRUE, VI_FALSE}) {
      check.set(vi, VI_ATTR_TERMCHAR, character);
      check.set(vi, VI_ATTR_TERMCHAR_EN, on);
      check.write(vi, "*IDN?\n");
      ViStatus status = VI_SUCCESS;
      const WireCall read = one(check, wire, "device_read", [&] { check.read(vi, 1000, status); });
      is(check, read, "flags", on != VI_FALSE ? kTermCharSet : 0);
      if (on != VI_FALSE) is(check, read, "term", character);
    }
  }
}

// B.5.3: in every call all other bits are 0.
void rule_vxi11_b_5_3_flags_of_other_calls(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  ANSWERS(viClear(vi), VI_SUCCESS);
  ANSWERS(viGpibControlREN(vi, VI_GPIB_REN_ASSERT_ADDRESS), VI_SUCCESS);
  ANSWERS(viGpibControlREN(vi, VI_GPIB_REN_ADDRESS_GTL), VI_SUCCESS);
  int seen = 0;
  for (const WireCall& call : wire.calls()) {
    if (call.arguments.count("flags") == 0) continue;
    ++seen;
    is(check, call, "flags", 0);
  }
  check.that(seen == 5, "five operations are " + std::to_string(seen) + " calls");
}

// B.5.4
void rule_vxi11_b_5_4_the_timeout_goes_to_the_instrument(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const ViUInt32 timeout : {4321U, 2000U, 250U}) {
    check.set(vi, VI_ATTR_TMO_VALUE, timeout);
    is(check, one(check, wire, "device_write", [&] { check.write(vi, "*IDN?\n"); }), "io", timeout);
    ViStatus status = VI_SUCCESS;
    is(check, one(check, wire, "device_read", [&] { check.read(vi, 1000, status); }), "io",
       timeout);
    if (!check.options().strict) continue;
    ViUInt16 byte = 0;
    is(check, one(check, wire, "device_readstb", [&] { visa.viReadSTB(vi, &byte); }), "io",
       timeout);
    is(check, one(check, wire, "device_clear", [&] { visa.viClear(vi); }), "io", timeout);
  }
}

// B.6.22
void rule_vxi11_b_6_22_no_more_is_requested_than_there_is_room(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  check.write(vi, "*IDN?\n");
  for (const ViUInt32 room : {1U, 7U, 5000U}) {
    ViStatus status = VI_SUCCESS;
    const WireCall read = one(check, wire, "device_read", [&] { check.read(vi, room, status); });
    check.that(
        read["request"] > 0 && read["request"] <= room,
        "viRead of " + std::to_string(room) + " requests " + std::to_string(read["request"]));
  }
}

std::string line_of(std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i + 1 < length; ++i) text += static_cast<char>('0' + i % 70);
  return text + "\n";
}

// OBSERVATION B.6.5: data longer than maxRecvSize goes in pieces, and the last one carries END.
// B.6.3 requires at least 1024, but some instruments announce less, even 0.
void rule_vxi11_b_6_5_writes_go_in_pieces(Check& check) {
  Wire wire(check);
  for (const std::uint32_t most : {64U, 1U, 1023U, 0U, 0xFFFFFFFFU}) {
    wire.fault(R"("kind":"max-receive","count":1,"length":)" + std::to_string(most));
    const ViSession vi = check.talk();
    const std::string line = line_of(most == 1 ? 20 : 405);
    check.write(vi, "RECEIVE\n");
    wire.events();
    const double seconds = seconds_of([&] { check.write(vi, line); });
    check.that(seconds < 20, "viWrite took " + std::to_string(seconds) + " s");
    const WireCalls writes = wire.calls("device_write");
    std::int64_t sum = 0;
    for (const WireCall& write : writes) {
      sum += write["size"];
      const bool last = &write == &writes.back();
      is(check, write, "flags", last ? kEnd : 0);
      check.that(most == 0 || write["size"] <= std::int64_t{most},
                 std::to_string(write["size"]) + " bytes were written where " +
                     std::to_string(most) + " are allowed");
    }
    check.that(sum == static_cast<std::int64_t>(line.size()),
               std::to_string(sum) + " bytes were written of " + std::to_string(line.size()));
    check.write(vi, "SEND\n");
    ViStatus status = VI_SUCCESS;
    check.that(check.read(vi, 1000, status) == line, "the pieces did not make one message");
    check.visa().viClose(vi);
  }
}

// An instrument takes less than it was sent, without an error: the rest must follow.
void rule_vxi11_b_6_21_the_rest_of_a_short_write_follows(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  const std::string line = line_of(300);
  check.write(vi, "RECEIVE\n");
  wire.fault(R"("kind":"short-write","count":2,"bytes":100)");
  check.write(vi, line);
  check.write(vi, "SEND\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 1000, status) == line, "something else comes back");
}

// B.6.23, OBSERVATION B.6.9: after a reply without a reason the library must read again.
void rule_vxi11_b_6_23_a_reply_without_a_reason_goes_on(Check& check) {
  Wire wire(check, "pieces-vxi11");
  const ViSession vi = check.talk_name(wire.resource());
  const std::string line = line_of(300).substr(0, 299);
  check.write(vi, "LINE \"" + line + "\"\n");
  check.write(vi, "LINE?\n");
  wire.events();
  ViStatus status = VI_SUCCESS;
  const std::string answer = check.read(vi, 1000, status);
  check.answered("viRead of an answer in parts", status, {VI_SUCCESS});
  check.that(answer.find(line) != std::string::npos, "the answer is " + answer);
  std::int64_t left = 1000;
  const WireCalls reads = wire.calls("device_read");
  check.that(reads.size() > 1, "the instrument was asked once");
  for (const WireCall& read : reads) {
    check.that(read["request"] > 0 && read["request"] <= left, "a device_read requests too much");
    left -= 64;
  }
}

// B.6.39, section B.6.6: device_trigger has no argument for a protocol.
void rule_vxi11_b_6_39_trigger(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  check.that(text_of(wire.calls()) == " device_trigger", "the trigger is something else");
  if (check.options().strict) {
    ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_ON), VI_ERROR_INV_PROT);
    ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_SYNC), VI_ERROR_INV_PROT);
    check.that(wire.calls().empty(), "a refused protocol reaches the instrument");
  }
}

// Sections B.6.8, B.6.9 (B.6.55, B.6.63), 6.5.6: device_remote asserts REN and addresses,
// device_local is GTL, and there is nothing for REN alone.
void rule_vxi11_b_6_55_remote_and_local(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  struct Mode {
    ViUInt16 mode;
    const char* call;
  };
  constexpr Mode kModes[] = {{VI_GPIB_REN_ASSERT_ADDRESS, " device_remote"},
                             {VI_GPIB_REN_ASSERT_ADDRESS_LLO, " device_remote"},
                             {VI_GPIB_REN_DEASSERT_GTL, " device_local"},
                             {VI_GPIB_REN_ADDRESS_GTL, " device_local"}};
  wire.events();
  for (const Mode& mode : kModes) {
    ANSWERS(viGpibControlREN(vi, mode.mode), VI_SUCCESS);
    const std::string seen = text_of(wire.calls());
    check.that(seen == mode.call, "mode " + std::to_string(mode.mode) + " is" + seen);
  }
  for (const ViUInt16 mode : std::initializer_list<ViUInt16>{
           VI_GPIB_REN_DEASSERT, VI_GPIB_REN_ASSERT, VI_GPIB_REN_ASSERT_LLO}) {
    ANSWERS(viGpibControlREN(vi, mode), VI_ERROR_INV_MODE, VI_ERROR_NSUP_OPER);
  }
  check.that(wire.calls().empty(), "a refused mode reaches the instrument");
}

// viReadSTB and viClear make one call each, and no further one.
void rule_vxi11_status_byte_and_clear_are_one_call(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.that(text_of(wire.calls()) == " device_readstb", "viReadSTB is something else");
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(text_of(wire.calls()) == " device_clear", "viClear is something else");
}

// B.6.106 and following: a read that viTerminate ends is aborted at the instrument too.
void rule_vxi11_b_6_106_terminate_aborts_the_call(Check& check) {
  if (!check.options().strict) throw NotShown{"no library is bound to use the abort channel"};
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  wire.events();
  ViByte buffer[16];
  ViJobId job = 0;
  MUST_ANSWER(viEnableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL), VI_SUCCESS);
  MUST_ANSWER(viReadAsync(vi, buffer, sizeof buffer, &job), VI_SUCCESS);
  const auto deadline = Clock::now() + std::chrono::seconds(5);
  while (wire.calls("device_read").empty() && Clock::now() < deadline) {
  }
  ANSWERS(viTerminate(vi, VI_NULL, job), VI_SUCCESS);
  ViEvent context = VI_NULL;
  MUST_ANSWER(viWaitOnEvent(vi, VI_EVENT_IO_COMPLETION, 4000, VI_NULL, &context), VI_SUCCESS);
  ViStatus status = VI_SUCCESS;
  ANSWERS(viGetAttribute(context, VI_ATTR_STATUS, &status), VI_SUCCESS);
  check.answered("the terminated viRead", status, {VI_ERROR_ABORT});
  check.that(wire.calls("device_abort").size() == 1, "device_abort was not sent once");
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

}  // namespace

Rules vxi11_call_rules() {
  constexpr On kOn = On::answering;
  constexpr const char* kKind = "TCPIP_VXI11";
  return {
      {"rule_vxi11_one_query_is_one_write_and_one_read",
       rule_vxi11_one_query_is_one_write_and_one_read, kOn, kKind},
      {"rule_vxi11_b_5_3_flags_of_a_write", rule_vxi11_b_5_3_flags_of_a_write, kOn, kKind},
      {"rule_vxi11_b_5_3_flags_of_a_read", rule_vxi11_b_5_3_flags_of_a_read, kOn, kKind},
      {"rule_vxi11_b_5_3_flags_of_other_calls", rule_vxi11_b_5_3_flags_of_other_calls, kOn, kKind},
      {"rule_vxi11_b_5_4_the_timeout_goes_to_the_instrument",
       rule_vxi11_b_5_4_the_timeout_goes_to_the_instrument, kOn, kKind},
      {"rule_vxi11_b_6_22_no_more_is_requested_than_there_is_room",
       rule_vxi11_b_6_22_no_more_is_requested_than_there_is_room, kOn, kKind},
      {"rule_vxi11_b_6_5_writes_go_in_pieces", rule_vxi11_b_6_5_writes_go_in_pieces, On::echoing,
       kKind},
      {"rule_vxi11_b_6_21_the_rest_of_a_short_write_follows",
       rule_vxi11_b_6_21_the_rest_of_a_short_write_follows, On::echoing, kKind},
      {"rule_vxi11_b_6_23_a_reply_without_a_reason_goes_on",
       rule_vxi11_b_6_23_a_reply_without_a_reason_goes_on, kOn, kKind},
      {"rule_vxi11_b_6_39_trigger", rule_vxi11_b_6_39_trigger, kOn, kKind},
      {"rule_vxi11_b_6_55_remote_and_local", rule_vxi11_b_6_55_remote_and_local, kOn, kKind},
      {"rule_vxi11_status_byte_and_clear_are_one_call",
       rule_vxi11_status_byte_and_clear_are_one_call, kOn, kKind},
      {"rule_vxi11_b_6_106_terminate_aborts_the_call", rule_vxi11_b_6_106_terminate_aborts_the_call,
       kOn, kKind},
  };
}

}  // namespace visa::rules
