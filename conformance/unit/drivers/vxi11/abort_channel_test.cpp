// SPDX-License-Identifier: MIT
// device_abort from one end; what it does to the call in progress: vxi11_recovery_test.
#include "drivers/vxi11/abort_channel.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <future>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/fake_instrument.h"
#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

using drivers::vxi11::AbortChannel;
using Outcome = AbortChannel::Outcome;

drivers::Endpoint loopback_at(std::uint16_t port) {
  drivers::Endpoint where = LoopbackServer().endpoint();
  where.set_port(port);
  return where;
}

class AbortChannelTest : public testing::Test {
 protected:
  AbortChannelTest() { channel.listen_at(loopback_at(instrument.abort_listener())); }

  Outcome abort(std::uint32_t link = 7, milliseconds timeout = kLong) {
    Call call(Deadline::after(timeout));
    return channel.abort(link, call);
  }

  FakeInstrument instrument;
  AbortChannel channel{"instrument"};
};

TEST_F(AbortChannelTest, NamesTheLinkAndKeepsItsConnection) {
  EXPECT_EQ(abort(7), Outcome::delivered);
  EXPECT_EQ(abort(8), Outcome::delivered);
  const auto seen = instrument.seen(kDeviceAbort);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].word(0), 7u);
  EXPECT_EQ(seen[1].word(0), 8u);
  EXPECT_EQ(instrument.abort_connections(), 1);
}

TEST_F(AbortChannelTest, SystemProbesTheKeptConnection) {
  ASSERT_EQ(abort(), Outcome::delivered);
  EXPECT_EQ(option_of(instrument.abort_listener(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(instrument.abort_listener(), IPPROTO_TCP, TCP_KEEPIDLE), 60);
}

TEST_F(AbortChannelTest, WithoutAPortThereIsNone) {
  channel.listen_at(loopback_at(0));
  EXPECT_EQ(abort(), Outcome::refused);
  EXPECT_EQ(instrument.abort_connections(), 0);
}

TEST_F(AbortChannelTest, WhereNobodyListensItIsRefused) {
  const RefusedPort nobody;
  channel.listen_at(nobody.endpoint());
  EXPECT_EQ(abort(), Outcome::refused);
}

TEST_F(AbortChannelTest, ErrorOfTheInstrumentIsARefusal) {
  instrument.next(kDeviceAbort, {.words = {4}});
  instrument.next(kDeviceAbort, {.words = {4}});
  EXPECT_EQ(abort(), Outcome::refused);
}

TEST_F(AbortChannelTest, SilenceIsNoAnswerAndTheNextOneBeginsAfresh) {
  instrument.next(kDeviceAbort, {.silent = true});
  EXPECT_EQ(abort(7, milliseconds(50)), Outcome::unanswered);
  EXPECT_EQ(abort(7), Outcome::delivered);
  EXPECT_EQ(instrument.abort_connections(), 2);
}

TEST_F(AbortChannelTest, ConnectionThatWasDroppedMeanwhileIsMadeAgain) {
  ASSERT_EQ(abort(), Outcome::delivered);
  instrument.next(kDeviceAbort, {.closes = true, .stalls_at = 0});
  EXPECT_EQ(abort(), Outcome::delivered);
  EXPECT_EQ(instrument.abort_connections(), 2);
}

// A cancel waited for the next look at the token, up to 300 ms.
TEST_F(AbortChannelTest, WakeEndsTheAbortOfACancelledCallAtOnce) {
  instrument.next(kDeviceAbort, {.silent = true});
  Call call(Deadline::infinite());
  auto aborting = std::async(std::launch::async, [&] { return channel.abort(7, call); });
  ASSERT_TRUE(instrument.wait_for(kDeviceAbort));
  call.cancel();
  channel.wake();
  EXPECT_EQ(aborting.get(), Outcome::unanswered);  // else it waits for ever
  channel.wake();                                  // there is no connection now
  EXPECT_EQ(abort(8), Outcome::delivered);
}

TEST_F(AbortChannelTest, CloseMayComeAtAnyTime) {
  channel.close();
  ASSERT_EQ(abort(), Outcome::delivered);
  channel.close();
  channel.close();
  EXPECT_EQ(abort(), Outcome::delivered);
}

}  // namespace
}  // namespace visa::test
