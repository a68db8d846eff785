// SPDX-License-Identifier: MIT
// Sessions beside each other: locks, what they keep out, remote and local.
#include "tools/sim/hislip/hislip_session.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"

namespace visa::sim {
namespace {

constexpr unsigned kMav = 0x10;

TEST_F(HislipTest, ExclusiveLockLeavesTheOthersInputUnread) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*OPC?");
  EXPECT_EQ(other.lock(0), 0U);
  EXPECT_EQ(other.ask(kLockInfo).control, 1U);
  EXPECT_EQ(other.ask(kLockInfo).parameter, 1U);
  EXPECT_EQ(other.ask(kMaximumSize, 0, 0, number_bytes(1 << 20, 8)).type, kMaximumSizeResponse);
  EXPECT_EQ(other.ask(kStatusQuery, 0, other.last_id).control & kMav, 0U);
  EXPECT_EQ(other.ask(kRemoteLocal, 1, other.last_id).type, kRemoteLocalResponse);
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
  EXPECT_FALSE(other.sync.readable(0));
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_EQ(other.get(), "1\n") << "what was left unread";
  EXPECT_EQ(holder.unlock(), 3U);
}

TEST_F(HislipTest, ClientWithoutTheLockIsStoppedByTcp) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  const timeval limit{0, 300000};
  ::setsockopt(other.sync.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const std::string message = hislip_message(kDataEnd, 0, 0xFFFFFF00, std::string(60000, ' '));
  int sent = 0;
  while (sent < 10000 && other.sync.send(message)) {
    ++sent;
  }
  EXPECT_LT(sent, 10000) << "600 MB were taken";
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
}

TEST_F(HislipTest, DeviceClearGoesThroughWithoutTheLock) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*ESE 9");
  EXPECT_EQ(other.clear(0), 0U);
  EXPECT_EQ(holder.query("*ESE?"), "0\n");
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_EQ(other.query("*ESE?"), "0\n") << "the clear has dropped it";
}

TEST_F(HislipTest, LockIsWaitedForAndHandedOver) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  EXPECT_EQ(other.lock(50), 0U) << "after 50 ms";
  other.async.put(kLock, 1, 60000);
  EXPECT_EQ(holder.ask(kLockInfo).type, kLockInfoResponse);
  EXPECT_EQ(holder.unlock(), 1U);
  const Got granted = other.async.next();
  EXPECT_EQ(granted.type, kLockResponse);
  EXPECT_EQ(granted.control, 1U);
  EXPECT_EQ(holder.lock(0), 0U);
  holder.async.put(kLock, 1, 60000);
  holder.async.put(kLock, 1, 60000);
  EXPECT_EQ(holder.async.next().control, 3U) << "one is waited for already";
  holder.async.put(kAsyncClear, 0, 0);
  const Got ended = holder.async.next();
  EXPECT_EQ(ended.type, kLockResponse) << "a device clear ends the wait";
  EXPECT_EQ(ended.control, 0U);
  EXPECT_EQ(holder.async.next().type, kAsyncClearAcknowledge);
}

TEST_F(HislipTest, SharedLockIsForThoseWhoKnowTheKey) {
  HislipClient first(port, "hislip1");
  HislipClient second(port, "hislip1");
  HislipClient third(port, "hislip1");
  const std::string key(256, 'k');
  EXPECT_EQ(first.lock(0, key), 1U);
  EXPECT_EQ(second.lock(0, key), 1U);
  EXPECT_EQ(third.lock(0, "another"), 0U);
  EXPECT_EQ(first.ask(kLockInfo).control, 0U);
  EXPECT_EQ(first.ask(kLockInfo).parameter, 2U);
  EXPECT_EQ(first.query("*OPC?"), "1\n");
  EXPECT_EQ(second.query("*OPC?"), "1\n");
  EXPECT_EQ(first.lock(0), 1U) << "both";
  second.put("*OPC?");
  EXPECT_EQ(first.unlock(), 1U);
  EXPECT_EQ(second.get(), "1\n");
  EXPECT_EQ(first.unlock(), 2U);
  EXPECT_EQ(second.unlock(), 2U);
  EXPECT_EQ(third.lock(0, "another"), 1U);
}

TEST_F(HislipTest, LocksGoWithTheirSession) {
  HislipClient waiting(port, "hislip1");
  {
    HislipClient holder(port, "hislip1");
    EXPECT_EQ(holder.lock(0), 1U);
    waiting.put("*OPC?");
    waiting.async.put(kLock, 1, 60000);
    EXPECT_EQ(waiting.ask(kLockInfo).type, kLockInfoResponse);
  }
  EXPECT_EQ(waiting.async.next().control, 1U);
  EXPECT_EQ(waiting.get(), "1\n");
}

TEST_F(HislipTest, ReleaseWaitsForTheMessagesBefore) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*ESE?");
  const std::string message = hislip_message(kDataEnd, 0, 0xFFFFFF00, "*ESE 77");
  holder.sync.send(std::string_view(message).substr(0, 20));
  holder.async.put(kLock, 0, 0xFFFFFF00);
  EXPECT_FALSE(holder.async.readable(50)) << "the message of that number is not there yet";
  holder.async.put(kLock, 1, 0);
  EXPECT_EQ(holder.async.next().type, kError) << "a release is under way";
  holder.sync.send(std::string_view(message).substr(20));
  const Got released = holder.async.next();
  EXPECT_EQ(released.type, kLockResponse);
  EXPECT_EQ(released.control, 1U);
  EXPECT_EQ(other.get(), "77\n");
}

TEST_F(HislipTest, ReleaseDoesNotWaitForWhatWasDiscarded) {
  HislipClient own(port, "hislip3");
  EXPECT_EQ(own.lock(0), 1U);
  own.put("*ESE 5;" + std::string(100, ' '));
  EXPECT_EQ(own.sync.next().type, kError);
  const auto begun = Clock::now();
  EXPECT_EQ(own.unlock(), 1U);
  EXPECT_LT(Clock::now() - begun, HislipSession::kOrderTime);
}

TEST_F(HislipTest, ReleaseAfterAMessageThatNeverComesIsDoneInTheEnd) {
  HislipClient client(port, "hislip1");
  EXPECT_EQ(client.lock(0), 1U);
  client.last_id += 20;
  EXPECT_EQ(client.unlock(), 1U);
}

TEST_F(HislipTest, RemoteAndLocalFollowTheirTable) {
  HislipClient client(port, "hislip1");
  const auto state = [this] {
    HislipRemote found;
    on_server([&found](HislipServer& server) {
      found = server.registry().find_device("hislip1")->remote;
    });
    return std::array<bool, 3>{found.enabled, found.lockout, found.remote};
  };
  const auto control = [&](unsigned code) {
    EXPECT_EQ(client.ask(kRemoteLocal, code, client.last_id).type, kRemoteLocalResponse);
    return state();
  };
  using State = std::array<bool, 3>;
  EXPECT_EQ(state(), (State{true, false, false}));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(state(), (State{true, false, true})) << "by being used";
  EXPECT_EQ(control(6), (State{true, false, false}));
  EXPECT_EQ(control(5), (State{true, true, true}));
  EXPECT_EQ(control(6), (State{true, true, false}));
  EXPECT_EQ(control(2), (State{false, false, false}));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(state(), (State{false, false, false})) << "remote is not enabled";
  EXPECT_EQ(control(1), (State{true, false, false}));
  EXPECT_EQ(control(4), (State{true, true, false}));
  EXPECT_EQ(control(3), (State{true, true, true}));
  EXPECT_EQ(control(0), (State{false, false, false}));
}

TEST_F(HislipTest, RemoteAndLocalWaitForTheirTurn) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  const auto enabled = [](HislipServer& server) {
    return server.registry().find_device("hislip1")->remote.enabled;
  };
  EXPECT_EQ(holder.lock(0), 1U);
  EXPECT_EQ(other.ask(kRemoteLocal, 0, other.last_id).type, kRemoteLocalResponse);
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
  on_server([&](HislipServer& server) { EXPECT_TRUE(enabled(server)) << "the lock is held"; });
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_TRUE(eventually([&](HislipServer& server) { return !enabled(server); }));
}

}  // namespace
}  // namespace visa::sim
