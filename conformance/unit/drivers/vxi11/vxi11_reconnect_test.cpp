// SPDX-License-Identifier: MIT
// viClear where an answer is owed that does not come: a second core connection, whatever the
// instrument thinks of that, with lock, service requests and abort channel of the new link.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/connect_from.h"
#include "conformance/unit/drivers/support/open_vxi11.h"
#include "conformance/unit/support/ended_thread.h"
#include "lib/spi/facets.h"

namespace visa::test {
namespace {

using Second = FakeInstrument::Second;

constexpr milliseconds kTimeout{60};

class CountingSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord) override { ++count; }
  std::atomic<int> count{0};
};

Status clear(OpenVxi11& device, milliseconds timeout = kLong) {
  Call call(Deadline::after(timeout));
  call.timeout = timeout;
  return device.channel->clear(call);
}

Status lock(OpenVxi11& device, milliseconds timeout = kLong) {
  Call call(Deadline::after(timeout));
  return device.channel->facets().remote_lock->lock(spi::RemoteLockKind::exclusive, "", call);
}

Status unlock(OpenVxi11& device) {
  Call call(Deadline::after(kLong));
  return device.channel->facets().remote_lock->unlock(spi::RemoteLockKind::exclusive, call);
}

/// A read nobody ever answers.
void lose_an_answer(OpenVxi11& device) {
  device.instrument.next(kDeviceRead, {.silent = true});
  ASSERT_EQ(device.read(100, kTimeout).status, Status::error_tmo);
  ASSERT_EQ(device.write("abc", kTimeout).status, Status::error_tmo);
}

class Vxi11Reconnect : public testing::TestWithParam<Second> {};

TEST_P(Vxi11Reconnect, ClearRecoversWithLockServiceRequestsAndAbort) {
  OpenVxi11 device;
  device.instrument.second = GetParam();
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  const std::string handle = device.instrument.handle();
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  ASSERT_EQ(clear(device), Status::success);
  EXPECT_EQ(device.instrument.count(kClear), 1u);
  EXPECT_EQ(device.instrument.seen(kClear).at(0).word(0), 1u);  // on the new link
  device.expect_in_step();
  EXPECT_TRUE(device.instrument.locked());
  EXPECT_EQ(device.instrument.handle(), handle);
  device.instrument.request_service();
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (sink.count == 0 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
  EXPECT_EQ(sink.count, 1);
  // A read that is cancelled is aborted at the new link.
  const std::size_t aborts = device.instrument.count(kDeviceAbort);
  Call endless(Deadline::infinite());
  auto reading = std::async(std::launch::async, [&] { return device.read(100, {}, endless); });
  ASSERT_TRUE(device.instrument.wait_for(kDeviceRead, 3));
  endless.cancel();
  device.channel->wake();
  EXPECT_EQ(reading.get().status, Status::error_abort);
  const auto seen = device.instrument.seen(kDeviceAbort);
  ASSERT_GT(seen.size(), aborts);
  EXPECT_EQ(seen.back().word(0), 1u);
  EXPECT_EQ(unlock(device), Status::success);
  EXPECT_FALSE(device.instrument.locked());
  EXPECT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
  device.expect_in_step();
}

INSTANTIATE_TEST_SUITE_P(Second, Vxi11Reconnect,
                         testing::Values(Second::served, Second::queued, Second::refused,
                                         Second::without_link));

TEST(Vxi11Reconnect, ClearKeepsTheConnectionWhereTheAnswerComesSoon) {
  int connections = 0;
  for (int attempt = 0; attempt < 5 && connections != 1; ++attempt) {  // "soon" is a time
    OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
    device.instrument.next(kDeviceRead,
                           {.words = {0, 4}, .data = "late", .late = milliseconds(200)});
    if (device.read(100, kTimeout).status != Status::error_tmo) continue;
    EXPECT_EQ(clear(device), Status::success);
    connections = device.instrument.core_connections();
    device.instrument.says("new");
    EXPECT_EQ(device.read(100).data, "new");
  }
  EXPECT_EQ(connections, 1);
}

TEST(Vxi11Reconnect, ClearThatFailsLeavesASessionThatRecoversLater) {
  OpenVxi11 device;
  device.instrument.second = Second::refused;
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  device.instrument.out_of_order = true;
  Call call(Deadline::after(milliseconds(400)));
  EXPECT_EQ(device.channel->clear(call), Status::error_tmo);
  EXPECT_FALSE(call.detail.empty());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(device.write("abc", kTimeout).status, Status::error_tmo);
  device.instrument.out_of_order = false;
  device.expect_in_step();
  EXPECT_TRUE(device.instrument.locked());
}

TEST(Vxi11Reconnect, WhereNoConnectionIsHadTheOldOneStands) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  ASSERT_EQ(lock(device), Status::success);
  device.instrument.next(kDeviceRead,
                         {.words = {0, 4}, .data = "late", .late = milliseconds(1500)});
  ASSERT_EQ(device.read(100, kTimeout).status, Status::error_tmo);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd lowest(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const rlimit none{static_cast<rlim_t>(lowest.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Status status = clear(device, milliseconds(1000));
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(status, Status::error_alloc);
  EXPECT_EQ(device.read(100).data, "late");
  EXPECT_EQ(device.instrument.core_connections(), 1);
  EXPECT_TRUE(device.instrument.locked());
  device.expect_in_step();
}

TEST(Vxi11Reconnect, LockThatAnotherTookMeanwhileIsSaidSoAndComesBack) {
  OpenVxi11 device;
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  device.instrument.always(kLock, {.words = {11}});
  Call call(Deadline::after(milliseconds(1500)));
  EXPECT_EQ(device.channel->clear(call), Status::error_rsrc_locked);
  EXPECT_NE(call.detail.find("lock"), std::string::npos);
  EXPECT_EQ(device.instrument.count(kClear), 0u);
  EXPECT_EQ(device.write("abc", kTimeout).status, Status::error_rsrc_locked);
  device.instrument.always(kLock, {.words = {0}});
  device.expect_in_step();
}

TEST(Vxi11Reconnect, UnlockForgetsALockThatWentWithTheConnection) {
  OpenVxi11 device;
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  device.instrument.always(kLock, {.words = {11}});
  EXPECT_EQ(clear(device, milliseconds(1000)), Status::error_rsrc_locked);
  EXPECT_EQ(unlock(device), Status::success);
  EXPECT_EQ(device.instrument.count(kUnlock), 0u);
  device.expect_in_step();
}

// The request to take the lock again is still owed its reply when the program unlocks.
TEST(Vxi11Reconnect, UnlockForgetsALockThatIsBeingTakenAgain) {
  OpenVxi11 device;
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  device.instrument.always(kDeviceAbort, {.silent = true});
  device.instrument.next(kLock, {.late = milliseconds(2500)});
  EXPECT_EQ(clear(device, milliseconds(600)), Status::error_tmo);
  ASSERT_EQ(device.instrument.count(kLock), 2u);
  EXPECT_EQ(unlock(device), Status::success);
  EXPECT_EQ(device.instrument.count(kUnlock), 0u) << "it waited for the reply";
  EXPECT_TRUE(device.instrument.wait_for(kUnlock)) << "the lock that came late is given back";
  device.expect_in_step();
  EXPECT_FALSE(device.instrument.locked());
}

/// Makes the state of the connection unknown: a thread is ended by force inside a read.
void tear(OpenVxi11& device) {
  const std::size_t reads = device.instrument.count(kDeviceRead);
  EndedThread reading([&] { device.read(100); });
  // The read is sent before, unless an owed reply keeps it waiting.
  if (reads == 0) {
    ASSERT_TRUE(device.instrument.wait_for(kDeviceRead));
  }
  reading.cancel();
  ASSERT_TRUE(reading.join());
}

// viUnlock reported a lost connection, and viClear, which connects again, took the lock for a
// program that wanted none.
TEST(Vxi11Reconnect, ClearTakesNoLockThatALostConnectionHasEnded) {
  for (const bool owed : {false, true}) {
    OpenVxi11 device;
    ASSERT_EQ(lock(device), Status::success);
    if (owed) lose_an_answer(device);
    tear(device);
    EXPECT_EQ(unlock(device), Status::error_conn_lost);
    ASSERT_EQ(clear(device), Status::success);
    EXPECT_EQ(device.instrument.count(kLock), 1u);
    EXPECT_FALSE(device.instrument.locked());
    device.expect_in_step();
  }
}

// viClear took a lock again that the program had unlocked.
TEST(Vxi11Reconnect, LockThatUnlockCouldNotGiveBackIsNotTakenAgain) {
  OpenVxi11 device;
  ASSERT_EQ(lock(device), Status::success);
  device.instrument.next(kUnlock, {.words = {4}});  // the instrument does not know the link
  EXPECT_EQ(unlock(device), Status::error_io);
  lose_an_answer(device);
  EXPECT_EQ(clear(device), Status::success);
  EXPECT_EQ(device.instrument.count(kLock), 1u);
  device.expect_in_step();
}

// It held the gate while it waited, without a deadline, for a lock that another link has.
TEST(Vxi11Reconnect, WatchForALateLockDoesNotTakeALostOneAgain) {
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.abort_port = 0; });
  device.instrument.next(kLock, {.late = milliseconds(700)});
  ASSERT_EQ(lock(device, kTimeout), Status::error_tmo);  // starts the watch
  ASSERT_TRUE(device.instrument.wait_for(kUnlock));
  ASSERT_EQ(lock(device), Status::success);
  lose_an_answer(device);
  device.instrument.always(kLock, {.words = {11}});
  EXPECT_EQ(clear(device, milliseconds(1000)), Status::error_rsrc_locked);
  const auto asked = device.instrument.count(kLock);
  const auto limit = std::chrono::steady_clock::now() + milliseconds(300);
  while (device.instrument.count(kLock) == asked && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_EQ(device.instrument.count(kLock), asked) << "though the program made no call";
  EXPECT_EQ(device.write("abc", kTimeout).status, Status::error_rsrc_locked);
  EXPECT_EQ(unlock(device), Status::success);
  device.expect_in_step();
}

TEST(Vxi11Reconnect, ClearWhileALockIsOwedNeedsNotWaitForIt) {
  OpenVxi11 device;
  device.instrument.next(kLock, {.silent = true});
  EXPECT_EQ(lock(device, kTimeout), Status::error_tmo);
  EXPECT_EQ(clear(device), Status::success);
  EXPECT_FALSE(device.instrument.locked());
  device.expect_in_step();
}

TEST(Vxi11Reconnect, ClearThatIsNotAnsweredIsATimeoutAndTheNextOneRecovers) {
  OpenVxi11 device;
  device.instrument.next(kClear, {.silent = true});
  EXPECT_EQ(clear(device, milliseconds(100)), Status::error_tmo);
  EXPECT_EQ(device.write("abc", kTimeout).status, Status::error_tmo);
  EXPECT_EQ(clear(device), Status::success);
  device.expect_in_step();
}

TEST(Vxi11Reconnect, CancelEndsAClearThatConnects) {
  OpenVxi11 device;
  device.instrument.second = Second::refused;
  lose_an_answer(device);
  device.instrument.out_of_order = true;
  Call call(Deadline::infinite());
  auto clearing = std::async(std::launch::async, [&] { return device.channel->clear(call); });
  const int connections = device.instrument.core_connections();
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (device.instrument.core_connections() == connections &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  call.cancel();
  device.channel->wake();
  EXPECT_EQ(clearing.get(), Status::error_abort);
  device.instrument.out_of_order = false;
  // The cancel may have come before the old connection, which owes an answer for ever, was given
  // up.
  EXPECT_EQ(clear(device), Status::success);
  device.expect_in_step();
}

TEST(Vxi11Reconnect, AttributesOfTheSocketGoWithTheSession) {
  OpenVxi11 device;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}, call),
            Status::success);
  device.instrument.second = Second::refused;
  lose_an_answer(device);
  device.instrument.out_of_order = true;
  EXPECT_EQ(clear(device, milliseconds(300)), Status::error_tmo);
  ASSERT_EQ(device.channel->set_attribute(VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{0}, call),
            Status::success);  // between two connections
  device.instrument.out_of_order = false;
  EXPECT_EQ(clear(device), Status::success);
  EXPECT_EQ(option_of(device.instrument.core_port(), IPPROTO_TCP, 1 /* TCP_NODELAY */), 0);
  EXPECT_EQ(option_of(device.instrument.core_port(), SOL_SOCKET, SO_KEEPALIVE), 0);
}

/// Whether this computer still listens at `port` of 127.0.0.1.
bool listens(std::uint16_t port) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

// After a change of network the instrument was told the address that this computer had before, and
// service requests never came again.
TEST(Vxi11Reconnect, InstrumentLearnsTheAddressThatThisComputerHasNow) {
  OpenVxi11 device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  const std::string handle = device.instrument.handle();
  const auto before = device.instrument.seen(kCreateIntrChan).at(0);
  EXPECT_EQ(before.word(0), 0x7F000001u);
  lose_an_answer(device);
  {
    const ConnectFrom elsewhere(0x7F000005);
    ASSERT_EQ(clear(device), Status::success);
  }
  const auto after = device.instrument.seen(kCreateIntrChan);
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[1].word(0), 0x7F000005u);
  EXPECT_EQ(device.instrument.handle(), handle);
  device.instrument.request_service();
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  const auto in_time = [&] { return std::chrono::steady_clock::now() < patience; };
  while (sink.count == 0 && in_time()) std::this_thread::yield();
  EXPECT_EQ(sink.count, 1);
  const auto old_port = static_cast<std::uint16_t>(before.word(1));
  while (listens(old_port) && in_time()) std::this_thread::yield();
  EXPECT_FALSE(listens(old_port));
  EXPECT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
  device.expect_in_step();
}

TEST(Vxi11Reconnect, CloseBetweenTwoConnectionsReturns) {
  OpenVxi11 device;
  device.instrument.second = Second::refused;
  lose_an_answer(device);
  device.instrument.out_of_order = true;
  EXPECT_EQ(clear(device, milliseconds(300)), Status::error_tmo);
  EXPECT_LT(time_of([&] { device.close(); }), milliseconds(2000));
}

}  // namespace
}  // namespace visa::test
