// SPDX-License-Identifier: MIT
// VPP-4.3 6.1 with a peer that misbehaves: silence in the middle, late answers, closing. Also what
// goes over the wire: one query is one write and one read. SOCKET sessions talk to a Peer of the
// rule.
#include <future>

#include "conformance/rules/check.h"
#include "conformance/rules/configuration.h"
#include "conformance/rules/peer.h"

namespace visa::rules {
namespace {

void rule_s6_1_1_silence_in_the_middle(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    line.send("half of an ans");
  });
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TMO_VALUE, 500);
  check.write(vi, "?\n");
  ViStatus status = VI_SUCCESS;
  std::string data;
  const double seconds = seconds_of([&] { data = check.read(vi, 100, status); });
  check.answered("viRead of half an answer", status, {VI_ERROR_TMO});
  check.that(data == "half of an ans", "the data that came is not returned");
  check.that(seconds >= 0.499 && seconds < 3, "it took " + std::to_string(seconds) + " s");
}

// One deadline for the whole call: bytes that trickle in do not move it.
void rule_s6_1_1_one_deadline_for_the_call(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    for (int i = 0; i < 30; ++i) {
      line.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the trickle itself
    }
  });
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TMO_VALUE, 600);
  check.write(vi, "?\n");
  ViStatus status = VI_SUCCESS;
  std::string data;
  const double seconds = seconds_of([&] { data = check.read(vi, 1000, status); });
  check.answered("viRead of a trickle", status, {VI_ERROR_TMO});
  check.that(!data.empty(), "the data that came is not returned");
  check.that(seconds >= 0.599 && seconds < 2.5, "it took " + std::to_string(seconds) + " s");
}

void connection_lost(Check& check, const char* call, ViStatus status) {
  if (check.options().strict) {
    check.answered(call, status, {VI_ERROR_CONN_LOST});
  } else {
    check.answered(call, status, {VI_ERROR_CONN_LOST, VI_ERROR_TMO});
  }
}

void rule_s6_1_1_closed_in_the_middle(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    line.send("whole line\nhalf");
    line.close();
  });
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(peer.resource());
  check.write(vi, "?\n");
  check.need_that(peer.finished(), "the peer is not through");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "whole line\n", "the line before the end is lost");
  check.answered("viRead of the line before the end", status, {VI_SUCCESS_TERM_CHAR});
  const double seconds = seconds_of([&] {
    const std::string half = check.read(vi, 100, status);
    check.that(status < VI_SUCCESS, "half a line is given as " + check.symbol(status));
    check.that(half == "half" || half.empty(), "something else came: " + half);
    connection_lost(check, "viRead after the end", status);
    check.read(vi, 100, status);
    connection_lost(check, "the next viRead", status);
  });
  check.that(seconds < 11, "it took " + std::to_string(seconds) + " s");
  ANSWERS(viClose(vi), VI_SUCCESS);
}

// With close_ends_answer, for a peer that sends one answer per connection: its orderly close is the
// end of the answer.
void rule_s6_1_1_a_close_that_ends_the_answer(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    line.send("all there is");
    line.close();
  });
  const Configuration configuration(
      check, configured(check, peer.resource(), "transport = { close_ends_answer = true }\n"));
  const auto& visa = check.visa();
  const ViSession vi = check.open_name(peer.resource());
  check.write(vi, "?\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 100, status) == "all there is", "what came before the end is lost");
  check.answered("viRead of the answer before the end", status, {VI_SUCCESS});
  check.read(vi, 100, status);
  connection_lost(check, "the next viRead", status);
  ANSWERS(viClose(vi), VI_SUCCESS);
}

void rule_s6_1_1_reset_by_the_peer(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    line.reset();
  });
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(peer.resource());
  check.write(vi, "?\n");
  ViStatus status = VI_SUCCESS;
  check.read(vi, 100, status);
  connection_lost(check, "viRead of a connection that was reset", status);
  ViUInt32 count = 0;
  status = visa.viWrite(vi, reinterpret_cast<ViConstBuf>("?\n"), 2, &count);
  if (check.options().strict) {
    check.answered("viWrite to a connection that was reset", status, {VI_ERROR_CONN_LOST});
  } else {
    check.refused("viWrite to a connection that was reset", status);
  }
  ANSWERS(viClose(vi), VI_SUCCESS);
}

void rule_s6_1_1_a_reader_hears_of_the_close(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.wait();
    line.close();
  });
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TMO_VALUE, 20'000);
  check.visa();
  ViStatus status = VI_SUCCESS;
  auto reading = std::async(std::launch::async, [&] { check.read(vi, 100, status); });
  peer.go();
  const bool in_time = reading.wait_for(std::chrono::seconds(5)) == std::future_status::ready;
  reading.get();
  check.that(in_time, "viRead does not notice within 5 s that the peer has closed");
  connection_lost(check, "the waiting viRead", status);
}

// After VI_ERROR_TMO viClear starts anew: no read gets the late answer.
void rule_6_1_clear_after_a_timeout(Check& check) {
  Peer peer([](Peer::Line& line) {
    line.receive();
    line.wait();
    line.send("late answer\n");
    line.receive();
    line.send("right answer\n");
  });
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TMO_VALUE, 100);
  check.write(vi, "first?\n");
  ViStatus status = VI_SUCCESS;
  check.read(vi, 100, status);
  check.answered("viRead without an answer", status, {VI_ERROR_TMO});
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  peer.go();
  // Wait until the late answer is there without reading all of it: read one byte.
  check.that(check.read(vi, 1, status) == "l", "the late answer does not come");
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(check.ask(vi, "second?\n") == "right answer\n", "the late answer was delivered");
}

// The wire carries what the program wrote, and nothing else.
void rule_6_1_one_query_is_one_write_and_one_read(Check& check) {
  Peer peer([](Peer::Line& line) {
    for (int i = 0; i < 3; ++i) {
      line.receive();
      line.send("answer\n");
    }
    line.receive();
  });
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(peer.resource());
  for (int i = 0; i < 3; ++i) check.ask(vi, "question?\n");
  ViUInt16 byte = 0;
  visa.viReadSTB(vi, &byte);                       // with IO_PROT NORMAL there is no status byte,
  visa.viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT);  // no trigger,
  visa.viClear(vi);                                // and no message for a clear
  ANSWERS(viClose(vi), VI_SUCCESS);
  check.need_that(peer.finished(), "the peer did not see the end of the connection");
  check.that(peer.received() == "question?\nquestion?\nquestion?\n",
             "the wire carried: " + peer.received());
}

// The three messages of VI_PROT_4882_STRS.
void rule_6_1_4882_strings(Check& check) {
  Peer peer([](Peer::Line& line) {
    for (std::string one = line.receive(); !one.empty(); one = line.receive()) {
      if (one == "*STB?\n") line.send("+81\n");
    }
  });
  const auto& visa = check.visa();
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);  // these messages bring their own end
  check.set(vi, VI_ATTR_IO_PROT, VI_PROT_4882_STRS);
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.that(byte == 81, "the status byte is " + std::to_string(byte));
  ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  ANSWERS(viClear(vi), VI_SUCCESS);
  const std::string wanted = "*STB?\n*TRG\n*CLS\n";
  const std::string seen = peer.received(wanted.size());
  // One reading of the text requires *CLS; an older one requires no message.
  check.that(seen == wanted || (!check.options().strict && seen == "*STB?\n*TRG\n"),
             "the wire carried: " + seen);
}

void rule_6_1_4882_strings_only_when_asked_for(Check& check) {
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  ViUInt16 byte = 0;
  REFUSES(viReadSTB(vi, &byte));
  REFUSES(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT));
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the session is no good afterwards");
}

}  // namespace

Rules wire_rules() {
  constexpr On kOn = On::every_kind;
  constexpr const char* kSocket = "TCPIP_SOCKET";
  return {
      {"rule_s6_1_1_silence_in_the_middle", rule_s6_1_1_silence_in_the_middle, kOn, kSocket},
      {"rule_s6_1_1_one_deadline_for_the_call", rule_s6_1_1_one_deadline_for_the_call, kOn,
       kSocket},
      {"rule_s6_1_1_closed_in_the_middle", rule_s6_1_1_closed_in_the_middle, kOn, kSocket},
      {"rule_s6_1_1_a_close_that_ends_the_answer", rule_s6_1_1_a_close_that_ends_the_answer, kOn,
       kSocket},
      {"rule_s6_1_1_reset_by_the_peer", rule_s6_1_1_reset_by_the_peer, kOn, kSocket},
      {"rule_s6_1_1_a_reader_hears_of_the_close", rule_s6_1_1_a_reader_hears_of_the_close, kOn,
       kSocket},
      {"rule_6_1_clear_after_a_timeout", rule_6_1_clear_after_a_timeout, kOn, kSocket},
      {"rule_6_1_one_query_is_one_write_and_one_read", rule_6_1_one_query_is_one_write_and_one_read,
       kOn, kSocket},
      {"rule_6_1_4882_strings", rule_6_1_4882_strings, kOn, kSocket},
      {"rule_6_1_4882_strings_only_when_asked_for", rule_6_1_4882_strings_only_when_asked_for,
       On::answering, kSocket},
  };
}

}  // namespace visa::rules
