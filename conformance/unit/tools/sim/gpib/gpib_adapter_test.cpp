// SPDX-License-Identifier: MIT
// The bench's adapters, judged by the manuals: what each prints, what it passes to the bus, and
// what it refuses.
#include "tools/sim/gpib/gpib_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/gpib/noting_instrument.h"
#include "tools/sim/base/event_loop.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {
namespace {

class GpibAdapterTest : public testing::Test, private GpibConversation::Carrier {
 protected:
  explicit GpibAdapterTest(AdapterKind kind = AdapterKind::prologix)
      : adapter(bus, kind, "version 1") {
    bus.add(dmm, GpibPlace{5});
    bus.add(scope, GpibPlace{9, 2});
    adapter.begin(*this);
    say("++savecfg 0\n++auto 0\n++eos 3\n++read_tmo_ms 1\n");
  }
  /// Sends, and returns what comes back until the adapter waits for nothing.
  std::string say(std::string_view text) {
    adapter.receive(text);
    while (const auto due = adapter.due()) adapter.go_on(std::max(*due, Clock::now()));
    std::string out;
    while (!adapter.output().empty()) out += adapter.output().take(1000).bytes;
    return out;
  }
  std::string seen() { return dmm.take_seen(); }

  EventLoop loop;
  NotingInstrument dmm;
  NotingInstrument scope;
  GpibBus bus{loop};
  GpibAdapter adapter;

 private:
  void on_adapter_changed() override {}
};

class Ar488AdapterTest : public GpibAdapterTest {
 protected:
  Ar488AdapterTest() : GpibAdapterTest(AdapterKind::ar488) {}
};

TEST_F(GpibAdapterTest, PassesDataOnAndAnswersWhenItIsAsked) {
  EXPECT_EQ(say("++addr 5\nA?\n"), "");
  EXPECT_EQ(seen(), "<A?>");
  EXPECT_EQ(say("++read eoi\n"), "answer");
  EXPECT_EQ(say("++eot_enable 1\n++eot_char 42\nB?\n++read eoi\n++ver\n"), "answer*version 1\r\n");
  EXPECT_EQ(seen(), "<B?>");
}

TEST_F(GpibAdapterTest, TakesEscapedBytesAsData) {
  say("++addr 5\n\x1B+\x1B+ver\x1B\n\n");
  EXPECT_EQ(seen(), "<++ver\n>");
  say("a\x1B\r\x1B\x1Bz+\n");
  EXPECT_EQ(seen(), "<a\r\x1Bz>");
}

TEST_F(GpibAdapterTest, SaysNothingWhereNothingTalks) {
  EXPECT_EQ(say("++addr 7\nA?\n++read eoi\n++spoll 7\n++ver\n"), "version 1\r\n");
  EXPECT_EQ(say("++addr 5\n++read eoi\n++ver\n"), "version 1\r\n");
  EXPECT_EQ(seen(), "(unterminated)");
}

TEST_F(GpibAdapterTest, ReadsAfterEachWriteWithAuto) {
  EXPECT_EQ(say("++addr 5\n++auto 1\nA?\n"), "answer");
  EXPECT_EQ(say("B\n"), "");
  EXPECT_EQ(seen(), "<A?><B>(unterminated)");
}

TEST_F(GpibAdapterTest, AppendsWhatEosSays) {
  say("++addr 5\n++eos 2\nA\n++eos 0\nB\n++eos 3\n++eoi 0\nC\n");
  EXPECT_EQ(seen(), "<A\n><B\r\n>");
  say("++eoi 1\nD\n");
  EXPECT_EQ(seen(), "<CD>");
}

TEST_F(GpibAdapterTest, PollsClearsAndTriggers) {
  dmm.status = 0x12;
  EXPECT_EQ(say("++srq\n++spoll 5\n++spoll 9 98\n"), "0\r\n18\r\n0\r\n");
  bus.find({5})->link().request_service();
  EXPECT_EQ(say("++srq\n++spoll 5\n++srq\n"), "1\r\n82\r\n0\r\n");
  say("++addr 5\n++clr\n++trg\n");
  EXPECT_EQ(seen(), "(clear)(trigger)");
}

TEST_F(GpibAdapterTest, RefusesWhatItDoesNotKnow) {
  constexpr std::string_view kUnknown = "Unrecognized command\r\n";
  for (const char* const line : {"++read_tmo_ms 0", "++read_tmo_ms 3001", "++addr 31", "++addr 9 2",
                                 "++eor 7", "++fndl all", "++nonsense", "++eos 4", "++spoll 40"}) {
    EXPECT_EQ(say(std::string(line) + "\n"), kUnknown) << line;
  }
  EXPECT_EQ(adapter.unknown(), 9U);
}

TEST_F(GpibAdapterTest, CountsWritesToItsMemory) {
  EXPECT_EQ(adapter.saves(), 0U);
  say("++savecfg 1\n++eos 3\n++addr 5\n");
  EXPECT_EQ(adapter.saves(), 3U);
}

TEST_F(GpibAdapterTest, TellsItsSettings) {
  EXPECT_EQ(say("++addr 9 98\n++addr\n++eos\n++read_tmo_ms\n"), "9 98\r\n3\r\n1\r\n");
}

TEST_F(Ar488AdapterTest, DiffersWhereItsManualSaysSo) {
  EXPECT_EQ(adapter.saves(), 1U);  // ++savecfg writes at once
  EXPECT_EQ(say("++addr 9 2\n++addr\n++fndl all\n"), "9,98\r\n5\r\n");
  EXPECT_EQ(say("++read_tmo_ms 32000\n++read_tmo_ms 1\n++ren\n++eor 7\n"), "1\r\n");
  say("++dcl\n");
  EXPECT_EQ(seen(), "(clear)");
}

TEST(GpibBusTest, GivesAddressesOut) {
  EventLoop loop;
  NotingInstrument instruments[4];
  GpibBus bus(loop);
  EXPECT_EQ(bus.add(instruments[0], std::nullopt), GpibPlace{1});
  EXPECT_EQ(bus.add(instruments[1], GpibPlace{1}), GpibPlace{2});
  EXPECT_EQ(bus.add(instruments[2], (GpibPlace{1, 0})), (GpibPlace{1, 0}));
  EXPECT_EQ(bus.find({3}), nullptr);
  EXPECT_EQ(parse_gpib_place("5,2"), (GpibPlace{5, 2}));
  for (const char* const bad : {"", "31", "5,", "5,31", "-1", "5 2", "x"}) {
    EXPECT_EQ(parse_gpib_place(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace visa::sim
