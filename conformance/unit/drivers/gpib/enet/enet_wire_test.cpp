// SPDX-License-Identifier: MIT
// One connection, whose far end the test holds.
#include "drivers/gpib/enet/enet_wire.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "conformance/unit/drivers/support/loopback.h"

namespace visa::drivers::gpib::enet {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

const std::string kOk = "\x00\x00\x00\x0C\x01\x00\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x07"s;
const std::string kEnded =
    "\x00\x01\x00\x00\x00\x00\x00\x0C\x21\x00\xFF\xFF\x00\x00\x00\x00\x00\x00\x00\x05"s;

std::string data_chunk(const std::string& data) {
  return "\x00\x00"s + static_cast<char>(data.size() >> 8U) + static_cast<char>(data.size()) + data;
}

class EnetWireTest : public testing::Test {
 protected:
  EnetWireTest() {
    auto made = EnetWire::connect("127.0.0.1", server.port(), call);
    if (!made) throw std::runtime_error(call.detail);
    wire = *std::move(made);
    box = server.accept();
  }
  Status receive(ReplyReader& reply, std::size_t most, std::optional<std::uint8_t> mark = {},
                 Deadline until = Deadline::after(test::kPatience)) {
    room.assign(most, '?');
    auto into = std::as_writable_bytes(std::span(room));
    Call own(until);
    const Status status = wire->receive(reply, into, mark, own);
    room.resize(most - into.size());
    return status;
  }

  test::LoopbackServer server;
  Call call{Deadline::after(test::kPatience)};
  std::unique_ptr<EnetWire> wire;
  test::PeerEnd box;
  std::string room;
};

TEST_F(EnetWireTest, ARequestAndItsDataAreSentTogether) {
  const std::string data = "*IDN?";
  EXPECT_EQ(wire->send(enet::write(5), std::as_bytes(std::span(data)), call), Status::success);
  EXPECT_EQ(box.receive(17), "\x62\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00*IDN?"s);
}

TEST_F(EnetWireTest, AnExchangeIsARequestAndAStatus) {
  box.send(kOk);
  const auto status = wire->exchange(set_mode(), call);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->count, 7U);
  EXPECT_EQ(box.receive(12), "\x50\x05"s + std::string(10, '\0'));
}

TEST_F(EnetWireTest, WhatFollowsAReplyIsOfTheNext) {
  box.send(kOk + kOk);
  EXPECT_TRUE(wire->exchange(set_mode(), call).has_value());
  EXPECT_TRUE(wire->exchange(set_online(), call).has_value());
}

TEST_F(EnetWireTest, StopsWhereTheCallersRoomEndsAndGoesOnThere) {
  box.send(kOk + data_chunk("abcde"));
  ReplyReader reply(ReplyKind::read);
  EXPECT_EQ(receive(reply, 3), Status::success);
  EXPECT_EQ(room, "abc");
  EXPECT_FALSE(reply.done());
  box.send(kEnded);
  EXPECT_EQ(receive(reply, 10), Status::success);
  EXPECT_EQ(room, "de");
  EXPECT_TRUE(reply.done());
}

TEST_F(EnetWireTest, StopsAfterTheTerminationCharacter) {
  box.send(kOk + data_chunk("a\nb") + kEnded);
  ReplyReader reply(ReplyKind::read);
  EXPECT_EQ(receive(reply, 10, '\n'), Status::success);
  EXPECT_EQ(room, "a\n");
  EXPECT_TRUE(reply.marked());
}

// After the character the end may have come too: it is taken, and nothing is waited for.
TEST_F(EnetWireTest, LooksForTheEndWithoutWaiting) {
  box.send(kOk + data_chunk("a\n"));
  ReplyReader reply(ReplyKind::read);
  EXPECT_EQ(receive(reply, 10, '\n'), Status::success);
  wire->receive_end(reply, call);
  EXPECT_FALSE(reply.done());
  box.send(kEnded);
  while (!reply.done() && !call.deadline.expired()) wire->receive_end(reply, call);
  EXPECT_TRUE(reply.done());
}

TEST_F(EnetWireTest, WhatIsNoReplyIsNamed) {
  box.send("HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(wire->exchange(set_mode(), call).status(), Status::error_io);
  EXPECT_NE(call.detail.find("not that of a GPIB-ENET/100"), std::string::npos) << call.detail;
}

TEST_F(EnetWireTest, ABoxThatIsSilentOrGoneEndsTheWait) {
  ReplyReader reply(ReplyKind::status);
  EXPECT_EQ(receive(reply, 0, {}, Deadline::after(5ms)), Status::error_tmo);
  box.reset();
  EXPECT_EQ(receive(reply, 0), Status::error_conn_lost);
}

// A large buffer, a box that is always quicker, and a deadline that is over: one receive at most.
TEST_F(EnetWireTest, ABoxThatNeverPausesDoesNotHoldTheCaller) {
  box.send(kOk);
  for (int i = 0; i < 40; ++i) box.send(data_chunk(std::string(1000, 'x')));
  ReplyReader reply(ReplyKind::read);
  EXPECT_EQ(receive(reply, 100000, {}, Deadline::at(Deadline::Clock::now() - 1ms)),
            Status::error_tmo);
  EXPECT_LT(room.size(), 40000U);
}

TEST_F(EnetWireTest, TellsItsOwnEnd) {
  const MainEnd own = wire->own_end();
  EXPECT_EQ(own.address, 0x7F000001U);
  EXPECT_NE(own.port, 0);
  EXPECT_NE(own.port, server.port());
}

TEST(EnetWire, NamesABoxThatIsNotThere) {
  const test::RefusedPort refused;
  Call call(Deadline::after(test::kPatience));
  EXPECT_EQ(EnetWire::connect("127.0.0.1", refused.port(), call).status(),
            Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("GPIB-ENET/100"), std::string::npos) << call.detail;
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
