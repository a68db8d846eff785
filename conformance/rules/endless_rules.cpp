// SPDX-License-Identifier: MIT
// A peer that never stops sending, slowly or as fast as it can: every call ends by its own
// deadline, and the next call works. SOCKET sessions talk to a Peer of the rule; on wires with END
// the bench gives an answer without one (its fault "endless").
#include <chrono>
#include <string>
#include <thread>

#include "conformance/rules/check.h"
#include "conformance/rules/peer.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

constexpr ViUInt32 kTimeout = 500;
constexpr double kMostSeconds = 5;  // one timeout, and the delays of a busy machine

// After the first line the peer sends a byte every 5 ms, or without a pause.
void dribble(Peer::Line& line) {
  line.receive();
  while (line.send("a")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the dribble itself
  }
}
void flood(Peer::Line& line) {
  line.receive();
  const std::string block(std::size_t{64} * 1024, 'a');
  while (line.send(block)) {
  }
}

// A session whose peer has begun to send.
ViSession talk_to(Check& check, const Peer& peer) {
  const ViSession vi = check.talk_name(peer.resource());
  check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  check.write(vi, "?\n");
  return vi;
}

void times_out(Check& check, const char* what, const std::function<ViStatus()>& call) {
  ViStatus status = VI_SUCCESS;
  const double seconds = seconds_of([&] { status = call(); });
  check.answered(what, status, {VI_ERROR_TMO});
  check.that(seconds < kMostSeconds, std::string(what) + " took " + std::to_string(seconds) + " s");
}

void rule_6_2_a_scan_of_a_dribble(Check& check) {
  const auto& visa = check.visa();
  for (const char* format : {"%t", "%s", "%[^,]", "%*t", "%*s", "%10t", "%4000c"}) {
    Peer peer(dribble);
    const ViSession vi = talk_to(check, peer);
    char text[16384] = {};
    times_out(check, format, [&] { return visa.viScanf(vi, format, text); });
    times_out(check, "viQueryf", [&] { return visa.viQueryf(vi, "?\n", format, text); });
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

void rule_6_2_a_scan_of_a_flood(Check& check) {
  const auto& visa = check.visa();
  for (const char* format : {"%*t", "%*s", "%*[^,]", "%10t", "%10s", "%*T"}) {
    Peer peer(flood);
    const ViSession vi = talk_to(check, peer);
    char text[16] = {};
    times_out(check, format, [&] { return visa.viScanf(vi, format, text); });
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

void rule_6_2_a_flush_of_a_flood(Check& check) {
  const auto& visa = check.visa();
  for (auto* const script : {&dribble, &flood}) {
    Peer peer(*script);
    const ViSession vi = talk_to(check, peer);
    char letter = 0;
    ANSWERS(viScanf(vi, "%c", &letter), VI_SUCCESS);
    if (script == &dribble) {  // so that something is left to flush
      char two[2] = {};
      ANSWERS(viScanf(vi, "%2c", two), VI_SUCCESS);
    }
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { status = visa.viFlush(vi, VI_READ_BUF); });
    check.answered("viFlush(VI_READ_BUF)", status, {VI_ERROR_TMO, VI_SUCCESS});
    check.that(seconds < kMostSeconds, "it took " + std::to_string(seconds) + " s");
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

void rule_s6_1_1_a_status_byte_of_a_peer_that_never_stops(Check& check) {
  const auto& visa = check.visa();
  for (auto* const script : {&dribble, &flood}) {
    Peer peer(*script);
    const ViSession vi = talk_to(check, peer);
    check.set(vi, VI_ATTR_IO_PROT, VI_PROT_4882_STRS);
    ViUInt16 byte = 0;
    times_out(check, "viReadSTB", [&] { return visa.viReadSTB(vi, &byte); });
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

void rule_s6_1_1_a_clear_while_the_peer_never_stops(Check& check) {
  const auto& visa = check.visa();
  for (auto* const script : {&dribble, &flood}) {
    Peer peer(*script);
    const ViSession vi = talk_to(check, peer);
    // On a busy machine a slow peer may look silent.
    ViStatus status = VI_SUCCESS;
    const double clearing = seconds_of([&] { status = visa.viClear(vi); });
    check.answered("viClear", status, {VI_ERROR_TMO, VI_SUCCESS});
    check.that(clearing < kMostSeconds, "viClear took " + std::to_string(clearing) + " s");
    const std::string some = check.read(vi, 10, status);
    check.answered("viRead after it", status, {VI_SUCCESS_MAX_CNT});
    check.that(some == "aaaaaaaaaa", "the session returns other bytes");
    const double seconds = seconds_of([&] { ANSWERS(viClose(vi), VI_SUCCESS); });
    check.that(seconds < kMostSeconds, "viClose took " + std::to_string(seconds) + " s");
  }
}

// An instrument of the bench, on any wire: pieces that keep coming do not move the deadline. They
// come for 100 s: a serial port cannot make its instrument drop the rest, and the next session must
// not meet its end.
void rule_6_2_a_scan_of_an_answer_in_pieces(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  for (const char* format : {"%t", "%*t", "%[^,]"}) {
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
    wire.fault(R"("kind":"split","pieces":400,"ms":250,"count":1)");
    check.have_sent(vi, std::string(1000, 'a') + "\n");
    char text[2048] = {};
    times_out(check, format, [&] { return visa.viScanf(vi, format, text); });
    wire.no_faults();
    ANSWERS(viClear(vi), VI_SUCCESS);
    if (!check.is_stream()) {  // a raw socket cannot make its instrument drop the rest
      check.have_sent(vi, "the next answer\n");
      ANSWERS(viScanf(vi, "%t", text), VI_SUCCESS);
      check.that(std::string(text) == "the next answer\n",
                 "then it read '" + std::string(text) + "'");
    }
    ANSWERS(viClose(vi), VI_SUCCESS);
  }
}

// Wires with END: each read is filled, the status byte is still read, a clear ends the answer.
void rule_6_1_1_an_answer_without_end(Check& check) {
  if (check.is_stream()) throw NotShown{"a byte stream has no END"};
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  wire.fault(R"("kind":"endless","count":1)");
  check.write(vi, "*IDN?\n");
  for (const ViUInt32 count : {1U, 10U, 1000U, 100000U}) {
    ViStatus status = VI_SUCCESS;
    const std::string data = check.read(vi, count, status);
    check.answered("viRead", status, {VI_SUCCESS_MAX_CNT});
    check.that(data.size() == count, "viRead of " + std::to_string(count) + " bytes brought " +
                                         std::to_string(data.size()));
    ViUInt16 byte = 0;
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    check.that((byte & 0x10) != 0, "the status byte says that no message is available");
  }
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_TRUE);
  ViStatus status = VI_SUCCESS;
  const std::string line = check.read(vi, 1000, status);
  check.answered("viRead with termination character", status, {VI_SUCCESS_TERM_CHAR});
  check.that(!line.empty() && line.back() == '\n', "the line is '" + line + "'");
  check.set(vi, VI_ATTR_TERMCHAR_EN, VI_FALSE);
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.that(check.ask(vi, "*IDN?\n").find(',') != std::string::npos, "no answer after viClear");
  ANSWERS(viClose(vi), VI_SUCCESS);
}

void rule_6_2_a_scan_of_an_answer_without_end(Check& check) {
  if (check.is_stream()) throw NotShown{"a byte stream has no END"};
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TMO_VALUE, kTimeout);
  for (const char* format : {"%10t", "%*t"}) {
    char text[16] = {};
    wire.fault(R"("kind":"endless","count":1)");
    times_out(check, format, [&] { return visa.viQueryf(vi, "*IDN?\n", format, text); });
    ANSWERS(viClear(vi), VI_SUCCESS);
    check.that(check.ask(vi, "*IDN?\n").find(',') != std::string::npos, "no answer after viClear");
    wire.no_faults();
  }
  ANSWERS(viClose(vi), VI_SUCCESS);
}

}  // namespace

Rules endless_rules() {
  constexpr int kLimit = 120;  // one timeout after the other
  constexpr const char* kSocket = "TCPIP_SOCKET";
  return {
      {"rule_6_2_a_scan_of_a_dribble", rule_6_2_a_scan_of_a_dribble, On::every_kind, kSocket,
       kLimit},
      {"rule_6_2_a_scan_of_a_flood", rule_6_2_a_scan_of_a_flood, On::every_kind, kSocket, kLimit},
      {"rule_6_2_a_scan_of_an_answer_in_pieces", rule_6_2_a_scan_of_an_answer_in_pieces,
       On::echoing, "", kLimit},
      {"rule_6_1_1_an_answer_without_end", rule_6_1_1_an_answer_without_end, On::answering},
      {"rule_6_2_a_scan_of_an_answer_without_end", rule_6_2_a_scan_of_an_answer_without_end,
       On::answering, "", kLimit},
      {"rule_6_2_a_flush_of_a_flood", rule_6_2_a_flush_of_a_flood, On::every_kind, kSocket},
      {"rule_s6_1_1_a_status_byte_of_a_peer_that_never_stops",
       rule_s6_1_1_a_status_byte_of_a_peer_that_never_stops, On::every_kind, kSocket},
      {"rule_s6_1_1_a_clear_while_the_peer_never_stops",
       rule_s6_1_1_a_clear_while_the_peer_never_stops, On::every_kind, kSocket},
  };
}

}  // namespace visa::rules
