// SPDX-License-Identifier: MIT
// The back end for a GPIB-ENET/100 against a model of the box.
#include "drivers/gpib/enet/enet_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/fake_enet.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::enet {
namespace {

using test::EnetInstrument;
using test::FakeEnet;
using test::kPatience;
using namespace std::chrono_literals;

struct Answer {
  Status status;
  std::string data;
  spi::StopReason reason;
};

class EnetTest : public testing::Test {
 protected:
  EnetTest() {
    box.with([](FakeEnet& model) {
      model.instruments[5].answer = [](const std::string&) { return "ACME\n"; };
    });
    EXPECT_EQ(board.attach({5}, call), Status::success) << call.detail;
    asked();
  }
  ~EnetTest() override {
    Call closing(Deadline::after(kPatience));
    board.close(closing);
  }
  spi::WriteResult write(std::string_view text, const Address& to = {5}) {
    return board.write(to, std::as_bytes(std::span(text.data(), text.size())), spi::WriteEnd::end,
                       {}, call);
  }
  Answer read(std::size_t size = 100, const spi::EndRule& rule = {},
              Deadline until = Deadline::after(kPatience)) {
    std::vector<std::byte> room(size);
    Call own(until);
    const auto got = board.read({5}, room, rule, {}, own);
    return {got.status, {reinterpret_cast<const char*>(room.data()), got.count}, got.reason};
  }
  void change(const std::function<void(EnetInstrument&)>& use) {
    box.with([&](FakeEnet& model) { use(model.instruments[5]); });
  }
  void echo() {
    change([](EnetInstrument& one) { one.answer = [](const std::string& text) { return text; }; });
  }
  std::vector<std::string> asked() {
    auto all = box.diary();
    std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
  }
  unsigned connections() {
    unsigned count = 0;
    box.with([&](FakeEnet& model) { count = model.connections; });
    return count;
  }

  FakeEnet box;
  EnetController board{{"127.0.0.1", box.port()}};
  Call call{Deadline::after(2500ms)};

 private:
  std::size_t seen_ = 0;
};

TEST_F(EnetTest, OpeningIsTheSequenceOfTheBox) {
  FakeEnet other;
  EnetController one({"127.0.0.1", other.port()});
  EXPECT_EQ(one.attach({5}, call), Status::success);
  EXPECT_EQ(other.diary(), (std::vector<std::string>{"55 02", "07 02", "50 05", "07 00", "50 10",
                                                     "50 15", "58 01", "4E 01"}));
  one.close(call);
}

TEST_F(EnetTest, AQueryIsTwoExchanges) {
  EXPECT_EQ(write("*IDN?").count, 5u);
  const Answer answer = read();
  EXPECT_EQ(answer.data, "ACME\n");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(asked(), (std::vector<std::string>{"62", "16"}));
}

TEST_F(EnetTest, EveryByteAndManyLengthsPassBothWays) {
  echo();
  for (const std::size_t size :
       {1u, 11u, 12u, 13u, 255u, 999u, 1000u, 1001u, 16383u, 16384u, 16385u, 65535u, 70000u}) {
    std::string data;
    for (std::size_t i = 0; i < size; ++i) data += static_cast<char>(i * 7 + size);
    Call own(Deadline::after(kPatience));
    ASSERT_EQ(board.write({5}, std::as_bytes(std::span(data)), spi::WriteEnd::end, {}, own).count,
              size);
    const Answer answer = read(size);
    ASSERT_EQ(answer.data, data) << size;
    ASSERT_EQ(answer.reason, spi::StopReason::end) << "the buffer is filled exactly";
  }
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, AnAnswerInPartsIsOneRequest) {
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2).data, "AC");
  Answer answer = read(2);
  EXPECT_EQ(answer.data, "ME");
  EXPECT_EQ(answer.reason, spi::StopReason::count);
  answer = read(2);
  EXPECT_EQ(answer.data, "\n");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(asked(), (std::vector<std::string>{"62", "16"}));
}

TEST_F(EnetTest, WhatIsLeftOfAnAnswerIsDroppedByTheNextMessage) {
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2).data, "AC");
  EXPECT_EQ(write("y").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, WhatIsLeftOfAnAnswerOutlivesAPoll) {
  const Address five{5};
  const spi::EndRule rule{.termchar_enabled = true};
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2).data, "AC");
  EXPECT_EQ(*board.serial_poll(five, call), 0);
  EXPECT_EQ(read(1).data, "M");
  EXPECT_EQ(board.trigger(five, call), Status::success);
  Answer answer = read();
  EXPECT_EQ(answer.data, "E\n");
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(asked(), (std::vector<std::string>{"62", "16", "19", "20"}));
  // A clear makes void what was kept.
  change([](EnetInstrument& one) { one.answer = [](const std::string&) { return "a\nb"; }; });
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2, rule).data, "a\n");
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::address_gtl, call), Status::success);
  EXPECT_EQ(board.clear(five, call), Status::success);
  EXPECT_EQ(read(2, rule, Deadline::after(5ms)).status, Status::error_tmo);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, APollDoesNotHurtALongAnswer) {
  std::string data(std::size_t{3} << 20, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7 + i / 1000);
  change([&](EnetInstrument& one) { one.answer = [&](const std::string&) { return data; }; });
  EXPECT_EQ(write("x").count, 1u);
  std::string all = read(2).data;
  unsigned refused = 0;
  for (;; ++refused) {
    Call own(Deadline::after(kPatience));
    const auto status = board.serial_poll({5}, own);
    if (status) break;
    ASSERT_EQ(status.status(), Status::error_tmo);
    ASSERT_NE(own.detail.find("earlier answer"), std::string::npos) << own.detail;
  }
  EXPECT_GT(refused, 0u);
  const Answer answer = read(data.size());
  all += answer.data;
  EXPECT_TRUE(all == data);
  EXPECT_EQ(answer.reason, spi::StopReason::end);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, TheTerminationCharacterEndsAReadAndEndComesFirst) {
  change([](EnetInstrument& one) { one.answer = [](const std::string&) { return "a\nbc\n"; }; });
  const spi::EndRule rule{.termchar_enabled = true};
  EXPECT_EQ(write("x").count, 1u);
  Answer answer = read(100, rule);
  EXPECT_EQ(answer.data, "a\n");
  EXPECT_EQ(answer.reason, spi::StopReason::termchar);
  answer = read(100, rule);
  EXPECT_EQ(answer.data, "bc\n");
  EXPECT_TRUE(answer.reason == spi::StopReason::end || answer.reason == spi::StopReason::termchar);
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(100).data, "a\nbc\n");
}

TEST_F(EnetTest, ATimeoutOfTheBoxKeepsTheLink) {
  Answer answer = read(9, {}, Deadline::after(20ms));
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
  answer = read(9, {}, Deadline::immediate());
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, ABoxThatHangsCostsTheTimeoutAndTheNextQueryHasItsOwnAnswer) {
  EXPECT_EQ(write("x").count, 1u);
  box.with([](FakeEnet& model) { model.hangs = true; });
  EXPECT_EQ(read(9, {}, Deadline::after(20ms)).status, Status::error_tmo);
  box.with([](FakeEnet& model) { model.hangs = false; });
  change([](EnetInstrument& one) { one.answer = [](const std::string&) { return "new"; }; });
  EXPECT_EQ(write("y").count, 1u);
  EXPECT_EQ(read().data, "new");
  EXPECT_EQ(connections(), 2u) << "the old link may still be owed an answer";
}

TEST_F(EnetTest, ACancelEndsAReadAtOnce) {
  Call own(Deadline::infinite());
  std::vector<std::byte> room(9);
  std::thread other([&] {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const auto all = box.diary();
      if (all.back() == "16" || std::chrono::steady_clock::now() > limit) break;
      std::this_thread::yield();
    }
    own.cancel();
    board.wake();
  });
  EXPECT_EQ(board.read({5}, room, {}, {}, own).status, Status::error_abort);
  other.join();
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
}

TEST_F(EnetTest, ALostConnectionIsSaidOnceAndMadeAnew) {
  for (const int bytes : {0, 3, 10, 21}) {
    EXPECT_EQ(write("x").count, 1u);
    box.with([&](FakeEnet& model) { model.drops_after = bytes; });
    EXPECT_EQ(read().status, Status::error_conn_lost) << bytes;
    EXPECT_EQ(write("x").count, 1u);
    EXPECT_EQ(read().data, "ACME\n");
  }
}

TEST_F(EnetTest, AnAnswerOfAnotherProtocolIsAnErrorOfIo) {
  box.with([](FakeEnet& model) { model.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"; });
  EXPECT_EQ(write("x").status, Status::error_io);
  EXPECT_NE(call.detail.find("GPIB-ENET/100"), std::string::npos);
  EXPECT_EQ(write("x").count, 1u);
}

TEST_F(EnetTest, OutOfBandBytesAreSkipped) {
  box.with([](FakeEnet& model) { model.out_of_band = true; });
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
}

TEST_F(EnetTest, ABoxThatNeverStopsCostsTheTimeout) {
  EXPECT_EQ(write("x").count, 1u);
  box.with([](FakeEnet& model) { model.floods = true; });
  EXPECT_EQ(read(9, {}, Deadline::after(20ms)).status, Status::error_tmo);
  box.with([](FakeEnet& model) { model.floods = false; });
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read().data, "ACME\n");
}

// The connections beside the main one fail alone.
TEST_F(EnetTest, AFailureBesideTheMainConnectionLeavesTheLink) {
  EXPECT_EQ(write("x").count, 1u);
  EXPECT_EQ(read(2).data, "AC");
  EXPECT_FALSE(*board.service_requested(call));
  EXPECT_EQ(board.send_ifc(call), Status::success);
  box.with([](FakeEnet& model) { model.drops_after = 0; });
  EXPECT_EQ(board.service_requested(call).status(), Status::error_conn_lost);
  box.with([](FakeEnet& model) { model.drops_after = 0; });
  EXPECT_EQ(board.send_ifc(call), Status::error_conn_lost);
  EXPECT_EQ(read().data, "ME\n");
  EXPECT_FALSE(*board.service_requested(call));
  EXPECT_EQ(board.send_ifc(call), Status::success);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(EnetTest, NoListenerIsReportedAsSuch) {
  EXPECT_EQ(write("x", {9}).status, Status::error_nlisteners);
  EXPECT_EQ(write("x").count, 1u);
}

TEST_F(EnetTest, OtherOperationsAreOneFrameEach) {
  const Address five{5};
  change([](EnetInstrument& one) { one.status = 0x51; });
  EXPECT_TRUE(*board.service_requested(call));
  EXPECT_EQ(*board.serial_poll(five, call), 0x51);
  EXPECT_EQ(*board.serial_poll(five, call), 0x11);
  EXPECT_FALSE(*board.service_requested(call));
  EXPECT_EQ(board.clear(five, call), Status::success);
  EXPECT_EQ(board.trigger(five, call), Status::success);
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::address_gtl, call), Status::success);
  EXPECT_EQ(board.control_ren(&five, spi::RenMode::deassert, call), Status::error_inv_mode);
  EXPECT_EQ(board.control_ren(nullptr, spi::RenMode::address_gtl, call), Status::error_inv_mode);
  EXPECT_EQ(board.send_ifc(call), Status::success);
  EXPECT_EQ(asked(), (std::vector<std::string>{"55 01", "50 10", "54", "19", "19", "54", "04", "20",
                                               "10", "4F 49"}));
  box.with([](FakeEnet& model) {
    EXPECT_EQ(model.instruments[5].clears, 1u);
    EXPECT_EQ(model.instruments[5].triggers, 1u);
    EXPECT_EQ(model.instruments[5].locals, 1u);
    EXPECT_EQ(model.interface_clears, 1u);
  });
}

// A box that polls devices by itself shows each client the requests of its own device alone.
TEST_F(EnetTest, ARequestOfAnyDeviceIsSeen) {
  box.with([](FakeEnet& model) {
    model.instruments[7].status = 0x40;
    model.tells_line = false;
  });
  EXPECT_FALSE(*board.service_requested(call));
  EXPECT_EQ(board.attach({7}, call), Status::success);
  EXPECT_TRUE(*board.service_requested(call));
  EXPECT_EQ(*board.serial_poll({7}, call), 0x40);
  EXPECT_FALSE(*board.service_requested(call));
}

TEST_F(EnetTest, ABoardWithoutADeviceAsksByALinkOfItsOwn) {
  board.detach({5}, call);
  EXPECT_EQ(board.attach_board(call), Status::success);
  EXPECT_EQ(board.state(call)->srq, State::unknown);
  change([](EnetInstrument& one) { one.status = 0x40; });
  EXPECT_EQ(board.state(call)->srq, State::asserted);
  EXPECT_EQ(board.state(call)->ren, State::unknown);
  EXPECT_TRUE(*board.service_requested(call));
  EXPECT_EQ(board.send_ifc(call), Status::success);
  EXPECT_EQ(connections(), 2u);
  box.with([](FakeEnet& model) { model.drops_after = 0; });
  EXPECT_EQ(board.state(call).status(), Status::error_conn_lost);
  EXPECT_TRUE(board.state(call).has_value());
}

TEST_F(EnetTest, AChangedTimeoutIsToldOnce) {
  Call longer(Deadline::after(100s));
  EXPECT_EQ(board.clear({5}, longer), Status::success);
  EXPECT_EQ(board.clear({5}, longer), Status::success);
  EXPECT_EQ(asked(), (std::vector<std::string>{"50 03", "04", "04"}));
}

TEST_F(EnetTest, AWriteWithoutEndIsRefused) {
  const std::byte one[] = {std::byte{'x'}};
  EXPECT_EQ(board.write({5}, one, spi::WriteEnd::none, {}, call).status, Status::error_nsup_oper);
  EXPECT_TRUE(asked().empty());
}

TEST(EnetTarget, IsAHostWithOrWithoutAPort) {
  const spi::Settings none;
  Call call(Deadline::infinite());
  EXPECT_EQ(read_target({0, "10.0.0.7", none}, call)->port, 5000);
  EXPECT_EQ(read_target({0, "box:6000", none}, call)->other(kCompanionPort), 6015);
  for (const char* text : {"", ":5000", "box:", "box:0", "box:65535", "box:x", "box/y"}) {
    EXPECT_EQ(read_target({0, text, none}, call).status(), Status::error_inv_setup) << text;
  }
}

TEST(EnetOpen, ABoxThatIsNotThereIsNotFound) {
  std::uint16_t port = 0;
  {
    FakeEnet gone;
    port = gone.port();
  }
  EnetController board({"127.0.0.1", port});
  Call call(Deadline::after(kPatience));
  EXPECT_EQ(board.attach({5}, call), Status::error_rsrc_nfound);
  EXPECT_EQ(board.attach_board(call), Status::error_rsrc_nfound);
  EXPECT_FALSE(call.detail.empty());
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
