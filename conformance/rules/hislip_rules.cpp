// SPDX-License-Identifier: MIT
// IVI-6.1 in synchronized mode: message ids, answers that belong to another message, interruption,
// status queries, device clear, errors of the instrument. The log of the instrument shows what was
// sent; its faults make it misbehave.
#include "conformance/rules/check.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstId = 0xFFFFFF00;
constexpr std::int64_t kNoId = 0xFFFFFEFE;

// Data and DataEND of the client, in their order.
WireCalls messages(const WireCalls& calls) {
  WireCalls some;
  for (const WireCall& call : calls) {
    if (call.procedure == "Data" || call.procedure == "DataEND") some.push_back(call);
  }
  return some;
}

std::string hex(std::int64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llX", static_cast<unsigned long long>(value));
  return text;
}

void is(Check& check, const std::string& what, std::int64_t got, std::int64_t wanted) {
  check.that(got == wanted, what + " is " + hex(got) + ", expected " + hex(wanted));
}

// A session in synchronized mode, with all before it taken from the log.
ViSession synchronized(Check& check, Wire& wire) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, VI_FALSE);
  wire.events();
  return vi;
}

void cleared_has_its_own_answer(Check& check, ViSession vi, const std::string& line) {
  const auto& visa = check.visa();
  ANSWERS(viClear(vi), VI_SUCCESS);
  check.has_its_own_answer(vi, line);
}

// 3.1.2: the ids begin at 0xFFFFFF00 and grow by 2, also over 0xFFFFFFFF; a device clear begins
// anew.
void rule_hislip_3_1_2_message_ids(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = synchronized(check, wire);
  ANSWERS(viClear(vi), VI_SUCCESS);
  wire.events();
  // The log has all that came before an answer.
  for (int i = 0; i < 139; ++i) check.write(vi, "*CLS\n");
  check.ask(vi, "*IDN?\n");
  WireCalls sent = messages(wire.calls());
  check.need_that(sent.size() == 140, std::to_string(sent.size()) + " messages, expected 140");
  for (std::size_t i = 0; i < sent.size(); ++i) {
    is(check, "id " + std::to_string(i), sent[i]["parameter"],
       (kFirstId + 2 * static_cast<std::int64_t>(i)) & 0xFFFFFFFF);
  }
  ANSWERS(viAssertTrigger(vi, VI_TRIG_PROT_DEFAULT), VI_SUCCESS);
  check.ask(vi, "*IDN?\n");
  const WireCalls triggers = only(wire.calls(), "Trigger");
  check.need_that(triggers.size() == 1, "viAssertTrigger is not one Trigger");
  is(check, "the id of the trigger", triggers[0]["parameter"], (kFirstId + 280) & 0xFFFFFFFF);
  ANSWERS(viClear(vi), VI_SUCCESS);
  wire.events();
  check.ask(vi, "*IDN?\n");
  sent = messages(wire.calls());
  check.need_that(sent.size() == 1, "no message after viClear");
  is(check, "the id after viClear", sent[0]["parameter"], kFirstId);
}

// 3.1.1: an answer in many messages is one, and any count reads it (pain 24).
void rule_hislip_3_1_1_answers_in_pieces(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  check.set(vi, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, 1);
  const std::string line = std::string(5000, 'p') + "\n";
  check.have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 10000, status) == line, "a line of 5001 bytes comes back otherwise");
  check.answered("viRead", status, {VI_SUCCESS});
  check.have_sent(vi, line);
  std::string all;
  for (const ViUInt32 count : {1U, 1023U, 1U, 1024U, 2000U, 951U}) {
    all += check.read(vi, count, status);
    check.answered("viRead of a part", status, {VI_SUCCESS_MAX_CNT});
  }
  all += check.read(vi, 100, status);
  check.answered("viRead of the rest", status, {VI_SUCCESS});
  check.that(all == line, "the parts are not the line");
}

// 3.1.2, rule 1
void rule_hislip_3_1_2_a_foreign_end_is_dropped(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  wire.fault(R"("kind":"hislip-id","procedure":"data","count":1,"length":4294967294)");
  check.have_sent(vi, "foreign\n");
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ViStatus status = VI_SUCCESS;
  const std::string got = check.read(vi, 100, status);
  check.refused("viRead of an answer to another message", status);
  check.that(got.empty(), "'" + got + "' belongs to another message");
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  wire.no_faults();
  cleared_has_its_own_answer(check, vi, "after a foreign end\n");
}

// 3.1.2, rule 2: what follows the foreign Data completes the read.
void rule_hislip_3_1_2_a_foreign_piece_is_dropped(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  check.set(vi, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, 1);
  wire.fault(R"("kind":"hislip-id","procedure":"data","count":1,"length":4294967294)");
  const std::string line = std::string(1024, 'x') + std::string(500, 'y') + "\n";
  check.have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  const std::string got = check.read(vi, 10000, status);
  check.answered("viRead", status, {VI_SUCCESS});
  check.that(!got.empty() && line.size() - got.size() >= 1000 &&
                 line.compare(line.size() - got.size(), got.size(), got) == 0,
             "what is left of the answer has " + std::to_string(got.size()) + " bytes");
  wire.no_faults();
  check.has_its_own_answer(vi, "after a foreign piece\n");
}

void rule_hislip_3_1_2_data_of_an_unknown_id_is_taken(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  check.set(vi, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, 1);
  wire.fault(R"("kind":"hislip-unknown-id")");
  const std::string line = std::string(3000, 'u') + "\n";
  check.have_sent(vi, line);
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 10000, status) == line, "a line of 3001 bytes comes back otherwise");
  check.answered("viRead", status, {VI_SUCCESS});
}

// 3.1.2: an answer that comes after its timeout never answers the next query (pain 22).
void rule_hislip_3_1_2_a_late_answer_reaches_no_other_query(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  wire.fault(R"("kind":"hislip-late","procedure":"data","count":1,"ms":700)");
  check.have_sent(vi, "late\n");
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ViStatus status = VI_SUCCESS;
  for (int i = 0; i < 2; ++i) {
    const double seconds = seconds_of([&] { check.read(vi, 100, status); });
    if (status == VI_SUCCESS) break;  // a busy machine
    check.answered("viRead before the answer", status, {VI_ERROR_TMO});
    check.that(seconds < 3, "it took " + std::to_string(seconds) + " s");
  }
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  wire.no_faults();
  for (const char* line : {"first after a late one\n", "second after a late one\n"}) {
    check.has_its_own_answer(vi, line);
  }
}

// 3.1.2, rule 3: the rest of a half-read answer is gone with the next message.
void rule_hislip_3_1_2_a_message_drops_the_unread_rest(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  check.have_sent(vi, "0123456789\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 4, status) == "0123", "the first four bytes differ");
  check.answered("viRead", status, {VI_SUCCESS_MAX_CNT});
  check.has_its_own_answer(vi, "after a half-read answer\n");
}

// 3.1.2, rule 4, in both orders of the two messages.
void rule_hislip_3_1_2_an_interrupted_answer_is_dropped(Check& check) {
  Wire wire(check);
  const ViSession vi = synchronized(check, wire);
  for (const char* late : {"", "interrupted", "async_interrupted"}) {
    wire.fault(R"("kind":"hislip-interrupted","count":1)");
    if (*late != '\0') {
      wire.fault(R"("kind":"hislip-late","count":1,"ms":200,"procedure":")" + std::string(late) +
                 "\"");
    }
    check.have_sent(vi, "interrupted\n");
    check.set(vi, VI_ATTR_TMO_VALUE, 400);
    ViStatus status = VI_SUCCESS;
    const std::string got = check.read(vi, 100, status);
    check.refused("viRead of an interrupted answer", status);
    check.that(got.empty(), "'" + got + "' was taken back by the instrument");
    check.set(vi, VI_ATTR_TMO_VALUE, 5000);
    check.has_its_own_answer(vi, std::string("after an interruption, late: ") + late + "\n");
    wire.no_faults();
  }
}

// 3.1.2: RMT-delivered goes out once after each answer, on the next message or status query.
void rule_hislip_3_1_2_rmt_delivered(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = synchronized(check, wire);
  ANSWERS(viClear(vi), VI_SUCCESS);
  wire.events();
  for (int i = 0; i < 3; ++i) check.ask(vi, "*IDN?\n");
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.ask(vi, "*IDN?\n");
  const WireCalls calls = wire.calls();
  const WireCalls sent = messages(calls);
  const WireCalls queries = only(calls, "AsyncStatusQuery");
  check.need_that(sent.size() == 4 && queries.size() == 1, "not four messages and one query");
  const std::int64_t wanted[] = {0, 1, 1, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    is(check, "the flag of message " + std::to_string(i), sent[i]["control"] & 1, wanted[i]);
  }
  is(check, "the flag of the status query", queries[0]["control"] & 1, 1);
}

// 6.14: the status query names the last message sent; so the instrument knows about MAV.
void rule_hislip_6_14_status_query(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = synchronized(check, wire);
  ANSWERS(viClear(vi), VI_SUCCESS);
  wire.events();
  ViUInt16 byte = 0;
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.write(vi, "*IDN?\n");
  const auto deadline = Clock::now() + 5s;
  do {
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  } while ((byte & 0x10) == 0 && Clock::now() < deadline);
  check.that((byte & 0x10) != 0, "no message is available although one is");
  ViStatus status = VI_SUCCESS;
  check.read(vi, 1000, status);
  ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.that((byte & 0x10) == 0, "a message is available although it was read");
  const WireCalls queries = only(wire.calls(), "AsyncStatusQuery");
  check.need_that(queries.size() >= 3, "too few status queries");
  is(check, "the id of the first query", queries.front()["parameter"], kNoId);
  is(check, "the id of the last query", queries.back()["parameter"], kFirstId);
}

// AsyncServiceRequest and vendor messages may stand between a request and its response, and a late
// response answers no other query.
void rule_hislip_6_14_what_comes_between(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = synchronized(check, wire);
  ViUInt16 byte = 0;
  for (const char* type : {"20", "128", "255"}) {
    wire.fault(R"("kind":"hislip-extra","procedure":"async_status_query","count":3,"error":)" +
               std::string(type));
    for (int i = 0; i < 3; ++i) ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    wire.no_faults();
  }
  for (const char* bytes : {"0", "100", "70000"}) {
    wire.fault(R"("kind":"hislip-extra","procedure":"data","error":200,"bytes":)" +
               std::string(bytes));
    check.has_its_own_answer(vi, std::string("after a vendor message of ") + bytes + "\n");
    wire.no_faults();
  }
  wire.fault(R"("kind":"hislip-late","procedure":"async_status_query","count":1,"ms":600)");
  check.set(vi, VI_ATTR_TMO_VALUE, 300);
  ANSWERS(viReadSTB(vi, &byte), VI_ERROR_TMO, VI_SUCCESS);
  check.set(vi, VI_ATTR_TMO_VALUE, 5000);
  for (int i = 0; i < 3; ++i) ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
  check.has_its_own_answer(vi, "after a late status\n");
}

}  // namespace

Rules hislip_rules() {
  constexpr On kOn = On::echoing;
  constexpr const char* kKind = "TCPIP_HISLIP";
  return {
      {"rule_hislip_3_1_2_message_ids", rule_hislip_3_1_2_message_ids, kOn, kKind},
      {"rule_hislip_3_1_1_answers_in_pieces", rule_hislip_3_1_1_answers_in_pieces, kOn, kKind},
      {"rule_hislip_3_1_2_a_foreign_end_is_dropped", rule_hislip_3_1_2_a_foreign_end_is_dropped,
       kOn, kKind},
      {"rule_hislip_3_1_2_a_foreign_piece_is_dropped", rule_hislip_3_1_2_a_foreign_piece_is_dropped,
       kOn, kKind},
      {"rule_hislip_3_1_2_data_of_an_unknown_id_is_taken",
       rule_hislip_3_1_2_data_of_an_unknown_id_is_taken, kOn, kKind},
      {"rule_hislip_3_1_2_a_late_answer_reaches_no_other_query",
       rule_hislip_3_1_2_a_late_answer_reaches_no_other_query, kOn, kKind},
      {"rule_hislip_3_1_2_a_message_drops_the_unread_rest",
       rule_hislip_3_1_2_a_message_drops_the_unread_rest, kOn, kKind},
      {"rule_hislip_3_1_2_an_interrupted_answer_is_dropped",
       rule_hislip_3_1_2_an_interrupted_answer_is_dropped, kOn, kKind},
      {"rule_hislip_3_1_2_rmt_delivered", rule_hislip_3_1_2_rmt_delivered, kOn, kKind},
      {"rule_hislip_6_14_status_query", rule_hislip_6_14_status_query, kOn, kKind},
      {"rule_hislip_6_14_what_comes_between", rule_hislip_6_14_what_comes_between, kOn, kKind},
  };
}

}  // namespace visa::rules
