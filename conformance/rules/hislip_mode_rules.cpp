// SPDX-License-Identifier: MIT
// IVI-6.1: overlap mode and its change, device clear, locks that other computers see, errors of the
// instrument and broken messages.
#include "conformance/rules/check.h"
#include "conformance/rules/second_hislip.h"
#include "conformance/rules/wire.h"

namespace visa::rules {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kFirstId = 0xFFFFFF00;
constexpr std::int64_t kNoId = 0xFFFFFEFE;

bool overlaps(Check& check, ViSession vi) {
  const auto& visa = check.visa();
  ViBoolean on = 99;
  ANSWERS(viGetAttribute(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, &on), VI_SUCCESS);
  check.that(on == VI_FALSE || on == VI_TRUE, "the mode is neither VI_FALSE nor VI_TRUE");
  return on == VI_TRUE;
}

ViSession overlapped(Check& check) {
  const ViSession vi = check.talk();
  check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, VI_TRUE);
  check.need_that(overlaps(check, vi), "the instrument does not go into overlap mode");
  return vi;
}

// VPP-4.3 5.1.2, IVI-6.1 6.12.1: the change is a device clear that asks for the wanted mode.
void rule_5_1_2_overlap_changes_by_a_device_clear(Check& check) {
  Wire wire(check);
  const ViSession vi = check.talk();
  for (const bool wanted : {true, false, true}) {
    check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, wanted ? VI_FALSE : VI_TRUE);
    wire.events();
    check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, wanted ? VI_TRUE : VI_FALSE);
    const WireCalls calls = wire.calls();
    const WireCalls complete = only(calls, "DeviceClearComplete");
    check.need_that(only(calls, "AsyncDeviceClear").size() == 1 && complete.size() == 1,
                    "setting the mode is not one device clear");
    check.that((complete[0]["control"] & 1) == (wanted ? 1 : 0), "the other mode is asked for");
    check.that(overlaps(check, vi) == wanted, "the mode reads back otherwise");
    check.has_its_own_answer(vi, "in the mode asked for\n");
  }
}

void rule_hislip_6_12_a_clear_keeps_the_mode_of_its_session(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession one = overlapped(check);
  const ViSession other = check.talk();
  check.set(other, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, VI_FALSE);
  for (const ViSession vi : {one, other}) {
    wire.events();
    ANSWERS(viClear(vi), VI_SUCCESS);
    const WireCalls complete = wire.calls("DeviceClearComplete");
    check.need_that(complete.size() == 1, "viClear is not one device clear");
    check.that((complete[0]["control"] & 1) == (vi == one ? 1 : 0),
               "viClear asks for another mode");
    check.that(overlaps(check, vi) == (vi == one), "the mode is another after viClear");
    check.has_its_own_answer(vi, "after viClear\n");
  }
}

// 3.2: answers come in the order of the questions, whatever is sent in between.
void rule_hislip_3_2_overlapped_answers_come_in_order(Check& check) {
  const ViSession vi = overlapped(check);
  for (int i = 0; i < 8; ++i) check.have_sent(vi, "line " + std::to_string(i) + "\n");
  ViStatus status = VI_SUCCESS;
  check.that(check.read(vi, 4, status) == "line", "the first answer begins otherwise");
  check.answered("viRead of a part", status, {VI_SUCCESS_MAX_CNT});
  check.have_sent(vi, "line 8\n");
  check.that(check.read(vi, 100, status) == " 0\n", "the rest of the first answer is lost");
  for (int i = 1; i <= 8; ++i) {
    const std::string wanted = "line " + std::to_string(i) + "\n";
    check.that(check.read(vi, 100, status) == wanted, "the answer '" + wanted + "' is lost");
    check.answered("viRead", status, {VI_SUCCESS});
  }
}

// 3.2.2, 6.14: the query names the last answer that the program has taken whole.
void rule_hislip_3_2_2_status_query_of_an_overlapped_session(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = overlapped(check);
  wire.events();
  ViUInt16 byte = 0;
  const auto queried = [&](const char* when, std::int64_t wanted) {
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    const WireCalls queries = wire.calls("AsyncStatusQuery");
    check.need_that(queries.size() == 1, "viReadSTB is not one AsyncStatusQuery");
    check.that(queries[0]["parameter"] == wanted,
               std::string("the id of the query is wrong ") + when);
  };
  queried("before the first answer", kNoId);
  check.write(vi, "*IDN?\n");
  ViStatus status = VI_SUCCESS;
  check.read(vi, 1, status);
  queried("inside the first answer", kNoId);
  check.that((byte & 0x10) != 0, "the answer is not available although it was not taken whole");
  check.read(vi, 1000, status);
  queried("after the first answer", kFirstId);
  check.that((byte & 0x10) == 0, "a message is available although it was read");
  ANSWERS(viClear(vi), VI_SUCCESS);
  wire.events();
  queried("after a clear", kNoId);
}

// 6.12: nothing that was under way reaches the program after a clear, in either mode.
void rule_hislip_6_12_a_clear_drops_everything(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const ViBoolean mode : {ViBoolean{VI_FALSE}, ViBoolean{VI_TRUE}}) {
    check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, mode);
    check.have_sent(vi, std::string(3000, 'h') + "\n");
    ViStatus status = VI_SUCCESS;
    check.read(vi, 10, status);
    ANSWERS(viClear(vi), VI_SUCCESS);
    check.has_its_own_answer(vi, "after a half-read answer\n");
    wire.fault(R"("kind":"endless","count":1)");
    check.have_sent(vi, "endless\n");
    check.read(vi, 100000, status);
    check.answered("viRead of an endless answer", status, {VI_SUCCESS_MAX_CNT});
    ANSWERS(viClear(vi), VI_SUCCESS);
    wire.no_faults();
    check.has_its_own_answer(vi, "after an endless answer\n");
  }
}

// 6.12: silence at each step ends at the caller's deadline, and the session works when it is over.
void rule_hislip_6_12_a_clear_that_is_not_answered(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const char* step : {"async_device_clear", "device_clear_complete"}) {
    wire.fault(R"("kind":"hislip-late","ms":1500,"count":1,"procedure":")" + std::string(step) +
               "\"");
    check.set(vi, VI_ATTR_TMO_VALUE, 300);
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { status = visa.viClear(vi); });
    check.answered("viClear", status, {VI_ERROR_TMO});
    check.that(seconds < 3, "it took " + std::to_string(seconds) + " s");
    check.set(vi, VI_ATTR_TMO_VALUE, 5000);
    check.has_its_own_answer(vi, std::string("after a late ") + step + "\n");
    wire.no_faults();
    ANSWERS(viClear(vi), VI_SUCCESS);
  }
}

void gives(Check& check, const char* what, int got, int wanted) {
  check.that(got == wanted, std::string("the second client's ") + what + " is answered with " +
                                std::to_string(got) + ", expected " + std::to_string(wanted));
}

// 3.6.5, IVI-6.1 6.5: both kinds of lock go to the instrument, each once, and viClose ends them.
void rule_3_6_5_hislip_locks_go_to_the_instrument(Check& check) {
  Wire wire(check);
  SecondHislip second(check);
  const auto& visa = check.visa();
  ViSession vi = check.talk();
  wire.events();
  MUST_ANSWER(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS_NESTED_EXCLUSIVE);
  check.that(wire.calls("AsyncLock").size() == 1, "nested locks are not sent once");
  gives(check, "exclusive lock", second.lock(), 0);
  check.that(!check.ask(vi, "*IDN?\n").empty(), "the holder cannot use the instrument");
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_EXCLUSIVE);
  gives(check, "exclusive lock", second.lock(), 0);
  ANSWERS(viUnlock(vi), VI_SUCCESS);
  gives(check, "exclusive lock", second.lock(), 1);
  gives(check, "unlock", second.unlock(), 1);
  ViChar key[256] = "";
  char wanted[] = "a key of the laboratory";
  MUST_ANSWER(viLock(vi, VI_SHARED_LOCK, 1000, wanted, key), VI_SUCCESS);
  gives(check, "lock with another key", second.lock("another key"), 0);
  gives(check, "lock with the key", second.lock(key), 1);
  gives(check, "unlock", second.unlock(), 2);
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 1000, VI_NULL, VI_NULL), VI_SUCCESS);
  gives(check, "lock with the key", second.lock(key), 0);
  ANSWERS(viUnlock(vi), VI_SUCCESS_NESTED_SHARED);
  gives(check, "lock with the key", second.lock(key), 1);
  gives(check, "unlock", second.unlock(), 2);
  ANSWERS(viClose(vi), VI_SUCCESS);
  const auto deadline = Clock::now() + 5s;
  int got = 0;
  while ((got = second.lock()) == 0 && Clock::now() < deadline) {
  }
  gives(check, "exclusive lock after viClose", got, 1);
  vi = check.talk();
  ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_ERROR_RSRC_LOCKED,
          VI_ERROR_TMO);
  const double seconds = seconds_of(
      [&] { ANSWERS(viLock(vi, VI_EXCLUSIVE_LOCK, 400, VI_NULL, VI_NULL), VI_ERROR_TMO); });
  check.that(seconds > 0.3 && seconds < 3, "viLock waits " + std::to_string(seconds) + " s of 0.4");
}

// 6.2, 6.3: whatever the instrument reports, only this call fails, or the session is over.
void rule_hislip_6_2_errors_of_the_instrument(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  const ViSession vi = check.talk();
  for (const char* code : {"0", "1", "2", "3", "4", "200"}) {
    wire.fault(R"("kind":"hislip-error","procedure":"async_status_query","count":1,"error":)" +
               std::string(code));
    ViUInt16 byte = 0;
    REFUSES(viReadSTB(vi, &byte));
    ANSWERS(viReadSTB(vi, &byte), VI_SUCCESS);
    wire.no_faults();
    check.has_its_own_answer(vi, std::string("after Error ") + code + "\n");
  }
  for (const char* code : {"0", "1", "4", "255"}) {
    const ViSession lost = check.talk();
    wire.fault(R"("kind":"hislip-fatal","procedure":"data","count":1,"error":)" +
               std::string(code));
    check.write(lost, "*IDN?\n");
    ViStatus status = VI_SUCCESS;
    check.read(lost, 100, status);
    check.answered("viRead after FatalError", status, {VI_ERROR_CONN_LOST});
    ANSWERS(viClose(lost), VI_SUCCESS);
    wire.no_faults();
  }
}

// 2.3 and hostile messages: nothing crashes or hangs, nothing wrong is delivered as an answer.
void rule_hislip_2_3_messages_that_cannot_be_meant(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  for (const char* fault :
       {R"("kind":"hislip-prologue")", R"("kind":"hislip-length")",
        R"("kind":"hislip-type","error":9)", R"("kind":"hislip-type","error":22)",
        R"("kind":"hislip-close","bytes":5)", R"("kind":"hislip-close","bytes":20)",
        R"("kind":"hislip-fatal-inside","bytes":20)", R"("kind":"hislip-lost")"}) {
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TMO_VALUE, 300);
    wire.fault(std::string(fault) + R"(,"procedure":"data","count":1)");
    check.write(vi, "*IDN?\n");
    ViStatus status = VI_SUCCESS;
    const double seconds = seconds_of([&] { check.read(vi, 1000, status); });
    check.refused((std::string("viRead, ") + fault).c_str(), status);
    check.that(seconds < 3, "it took " + std::to_string(seconds) + " s");
    ANSWERS(viClose(vi), VI_SUCCESS);
    wire.no_faults();
    check.has_its_own_answer(check.talk(), "line of a new session\n");
  }
}

// Any segmentation, late and repeated messages, and payload where 2.0 reserves it.
void rule_hislip_messages_in_every_shape(Check& check) {
  Wire wire(check);
  for (const char* fault :
       {R"("kind":"hislip-split")", R"("kind":"hislip-split","bytes":15)",
        R"("kind":"hislip-twice","procedure":"data")", R"("kind":"hislip-stale")",
        R"("kind":"hislip-payload")", R"("kind":"hislip-payload","bytes":250)"}) {
    if (std::string(fault).find("stale") == std::string::npos) wire.fault(fault);
    const ViSession vi = check.talk();
    check.set(vi, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, VI_FALSE);
    if (std::string(fault).find("stale") != std::string::npos) wire.fault(fault);
    if (std::string(fault).find("payload") != std::string::npos) {
      wire.no_faults();  // they are for the messages of the handshake and the clear
    }
    for (int i = 0; i < 3; ++i) {
      check.has_its_own_answer(vi, std::string("by ") + (fault + 8) + std::to_string(i) + "\n");
    }
    wire.no_faults();
  }
}

// Silence at each step of viOpen ends at its deadline (pain 23).
void rule_hislip_6_1_silence_while_opening(Check& check) {
  Wire wire(check);
  const auto& visa = check.visa();
  for (const char* step : {"initialize", "async_initialize", "async_maximum_message_size"}) {
    wire.fault(R"("kind":"hislip-silence","procedure":")" + std::string(step) + "\"");
    ViSession vi = VI_NULL;
    ViStatus status = VI_SUCCESS;
    std::string name = check.resource().name;
    const ViSession manager = check.manager();
    const double seconds =
        seconds_of([&] { status = visa.viOpen(manager, name.data(), VI_NO_LOCK, 500, &vi); });
    check.answered((std::string("viOpen without an answer to ") + step).c_str(), status,
                   {VI_ERROR_TMO});
    check.that(seconds < 4, "it took " + std::to_string(seconds) + " s");
    wire.no_faults();
    check.has_its_own_answer(check.talk(), "after silence\n");
  }
}

}  // namespace

Rules hislip_mode_rules() {
  constexpr On kOn = On::echoing;
  constexpr const char* kKind = "TCPIP_HISLIP";
  return {
      {"rule_5_1_2_overlap_changes_by_a_device_clear", rule_5_1_2_overlap_changes_by_a_device_clear,
       kOn, kKind},
      {"rule_hislip_6_12_a_clear_keeps_the_mode_of_its_session",
       rule_hislip_6_12_a_clear_keeps_the_mode_of_its_session, kOn, kKind},
      {"rule_hislip_3_2_overlapped_answers_come_in_order",
       rule_hislip_3_2_overlapped_answers_come_in_order, kOn, kKind},
      {"rule_hislip_3_2_2_status_query_of_an_overlapped_session",
       rule_hislip_3_2_2_status_query_of_an_overlapped_session, kOn, kKind},
      {"rule_hislip_6_12_a_clear_drops_everything", rule_hislip_6_12_a_clear_drops_everything, kOn,
       kKind},
      {"rule_hislip_6_12_a_clear_that_is_not_answered",
       rule_hislip_6_12_a_clear_that_is_not_answered, kOn, kKind, 60},
      {"rule_3_6_5_hislip_locks_go_to_the_instrument", rule_3_6_5_hislip_locks_go_to_the_instrument,
       kOn, kKind},
      {"rule_hislip_6_2_errors_of_the_instrument", rule_hislip_6_2_errors_of_the_instrument, kOn,
       kKind},
      {"rule_hislip_2_3_messages_that_cannot_be_meant",
       rule_hislip_2_3_messages_that_cannot_be_meant, kOn, kKind, 60},
      {"rule_hislip_messages_in_every_shape", rule_hislip_messages_in_every_shape, kOn, kKind, 60},
      {"rule_hislip_6_1_silence_while_opening", rule_hislip_6_1_silence_while_opening, kOn, kKind},
  };
}

}  // namespace visa::rules
