// SPDX-License-Identifier: MIT
// Service requests: the interrupt channel from both ends, and that nothing of it is left behind.
#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/open_vxi11.h"
#include "conformance/unit/support/failing_new.h"

namespace visa::test {
namespace {

class CountingSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(record.type, static_cast<ViEventType>(VI_EVENT_SERVICE_REQ));
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

int entries_of(const char* folder) {
  DIR* handle = ::opendir(folder);
  int count = 0;
  while (::readdir(handle) != nullptr) ++count;
  ::closedir(handle);
  return count;
}

Status enable(OpenVxi11& device, spi::EventSink& sink) {
  Call call(Deadline::after(kLong));
  return device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call);
}

/// How many of the descriptors of this process a child of fork has not.
int closed_in_a_child() {
  std::vector<int> open;
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) open.push_back(fd);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    int closed = 0;
    for (const int fd : open) closed += ::fcntl(fd, F_GETFD) >= 0 ? 0 : 1;
    ::_exit(closed);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Status disable(OpenVxi11& device) {
  Call call(Deadline::after(kLong));
  return device.channel->disable_event(VI_EVENT_SERVICE_REQ, call);
}

// The listener, its wake-up and the instrument's connection, beside the core connection. The
// descriptors of the instrument, which lives in this process, are not the library's to close.
TEST(Vxi11Interrupt, AChildOfForkKeepsNothingOfTheService) {
  OpenVxi11 device;
  const int core = closed_in_a_child();
  EXPECT_GE(core, 1);
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  device.instrument.request_service();
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_GE(closed_in_a_child(), core + 3);
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(2)) << "the parent goes on";
  EXPECT_EQ(disable(device), Status::success);
}

TEST(Vxi11Interrupt, ServiceRequestReachesItsSession) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  const auto channel = device.instrument.seen(kCreateIntrChan);
  ASSERT_EQ(channel.size(), 1u);
  EXPECT_EQ(channel[0].word(0), 0x7F000001u);
  EXPECT_EQ(channel[0].word(2), 0x0607B1u);
  EXPECT_EQ(channel[0].word(3), 1u);
  EXPECT_EQ(channel[0].word(4), 0u);  // DEVICE_TCP
  const auto enabled = device.instrument.seen(kEnableSrq);
  ASSERT_EQ(enabled.size(), 1u);
  EXPECT_EQ(enabled[0].word(0), FakeInstrument::kLink);
  EXPECT_EQ(enabled[0].word(1), 1u);
  EXPECT_EQ(enabled[0].opaque(2).size(), 40u);
  for (int i = 1; i <= 30; ++i) {
    device.instrument.request_service();
    ASSERT_TRUE(sink.wait_for(i));
  }
  EXPECT_EQ(device.instrument.count(kReadStb), 0u);  // pain 31
  EXPECT_EQ(disable(device), Status::success);
  EXPECT_EQ(sink.count(), 30);
}

TEST(Vxi11Interrupt, DisablingSendsTheWholeHandleAndEndsTheChannel) {  // pain 30
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  EXPECT_EQ(disable(device), Status::success);
  const auto seen = device.instrument.seen(kEnableSrq);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].word(1), 0u);
  EXPECT_EQ(seen[1].opaque(2), seen[0].opaque(2));
  EXPECT_EQ(device.instrument.count(kDestroyIntrChan), 1u);
}

TEST(Vxi11Interrupt, ThreadAndSocketsLiveAsLongAsSomebodyListens) {
  OpenVxi11 one;
  OpenVxi11 two;
  CountingSink sink;
  const int descriptors = entries_of("/proc/self/fd");
  const int threads = entries_of("/proc/self/task");
  ASSERT_EQ(enable(one, sink), Status::success);
  ASSERT_EQ(enable(two, sink), Status::success);
  EXPECT_EQ(entries_of("/proc/self/task"), threads + 1);
  EXPECT_EQ(one.instrument.seen(kCreateIntrChan).at(0).word(1),
            two.instrument.seen(kCreateIntrChan).at(0).word(1));  // one listener
  EXPECT_EQ(disable(one), Status::success);
  two.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(1));
  EXPECT_EQ(entries_of("/proc/self/task"), threads + 1);
  EXPECT_EQ(disable(two), Status::success);
  EXPECT_EQ(entries_of("/proc/self/task"), threads);
  // The instruments' own ends of the channels are in this process, too.
  EXPECT_LE(entries_of("/proc/self/fd"), descriptors + 2);
}

TEST(Vxi11Interrupt, HandlesTellSessionsApart) {
  OpenVxi11 one;
  OpenVxi11 two;
  CountingSink first;
  CountingSink second;
  ASSERT_EQ(enable(one, first), Status::success);
  ASSERT_EQ(enable(two, second), Status::success);
  EXPECT_NE(one.instrument.handle(), two.instrument.handle());
  two.instrument.request_service();
  EXPECT_TRUE(second.wait_for(1));
  EXPECT_EQ(first.count(), 0);
  disable(one);
  disable(two);
}

TEST(Vxi11Interrupt, ForeignAndEmptyHandlesRaiseNothing) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  for (const std::string& handle :
       {std::string(), std::string(40, 'x'), device.instrument.handle().substr(0, 8)}) {
    std::string body = wire_words({1, 0, 2, 0x0607B1, 1, 30, 0, 0, 0, 0});
    body += wire_word(static_cast<std::uint32_t>(handle.size())) + handle;
    device.instrument.send_interrupt(
        wire_word(0x80000000 | static_cast<std::uint32_t>(body.size())) + body);
  }
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(1));
  EXPECT_EQ(sink.count(), 1);
  disable(device);
}

TEST(Vxi11Interrupt, IsNotAcknowledgedByDefault) {  // pyvisa-py's issue 614
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  device.instrument.request_service();
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_EQ(device.instrument.interrupt_reply(1, milliseconds(50)), "");
  disable(device);
}

TEST(Vxi11Interrupt, IsAcknowledgedWhereTheSettingSaysSo) {
  OpenVxi11 device({}, {{"interrupt_acknowledge", true}});
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  device.instrument.request_service();
  EXPECT_EQ(device.instrument.interrupt_reply(28, kPatience),
            wire_words({0x80000018, 4711, 1, 0, 0, 0, 0}));
  disable(device);
}

TEST(Vxi11Interrupt, InstrumentThatCannotConnectBackIsSaidSo) {
  OpenVxi11 device;
  CountingSink sink;
  for (const std::uint32_t error : {6u, 8u}) {
    device.instrument.next(kCreateIntrChan, {.words = {error}});
    EXPECT_EQ(enable(device, sink), Status::error_nsup_mech);
  }
  device.instrument.next(kCreateIntrChan, {.accept_status = 3});
  EXPECT_EQ(enable(device, sink), Status::error_nsup_mech);
  device.instrument.next(kEnableSrq, {.words = {8}});
  EXPECT_EQ(enable(device, sink), Status::error_nsup_mech);
  EXPECT_EQ(device.instrument.count(kDestroyIntrChan), 1u);
  EXPECT_EQ(enable(device, sink), Status::success);
  EXPECT_EQ(disable(device), Status::success);
}

// A registration whose thread could not start stayed in the list of the server after its end.
TEST(Vxi11Interrupt, NoFailedAllocationLeavesARegistrationBehind) {
  const auto serves = [] {
    OpenVxi11 device;
    CountingSink sink;
    EXPECT_EQ(enable(device, sink), Status::success);
    device.instrument.request_service();
    return sink.wait_for(1);
  };
  ASSERT_TRUE(serves());
  const int threads = entries_of("/proc/self/task");
  const int descriptors = entries_of("/proc/self/fd");
  int failures = 0;
  for (long passing = 0, failed = true; failed; ++passing) {
    SCOPED_TRACE(passing);
    {
      OpenVxi11 device;
      CountingSink sink;
      const FailingNew failing(passing);
      try {
        enable(device, sink);
      } catch (const std::bad_alloc&) {
        ++failures;
      }
      failed = failing.failed();
    }
    // The server thread and its sockets end with the last registration.
    EXPECT_EQ(entries_of("/proc/self/task"), threads);
    EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
    EXPECT_TRUE(serves());
  }
  EXPECT_GE(failures, 1);
}

TEST(Vxi11Interrupt, ChannelFromBeforeIsReplaced) {  // error 29
  OpenVxi11 device;
  CountingSink sink;
  device.instrument.next(kCreateIntrChan, {.words = {29}});
  ASSERT_EQ(enable(device, sink), Status::success);
  EXPECT_EQ(device.instrument.count(kDestroyIntrChan), 1u);
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(1));
  disable(device);
}

/// A connection from another address of this computer to the listener of `device`.
UniqueFd call_from(const OpenVxi11& device, std::uint32_t address) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(address);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port =
      htons(static_cast<std::uint16_t>(device.instrument.seen(kCreateIntrChan).at(0).word(1)));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  return fd;
}

std::string request_with(const std::string& handle) {
  std::string body = wire_words({1, 0, 2, 0x0607B1, 1, 30, 0, 0, 0, 0});
  body += wire_word(static_cast<std::uint32_t>(handle.size())) + handle;
  return wire_word(0x80000000 | static_cast<std::uint32_t>(body.size())) + body;
}

/// An option of the socket of this process whose own end is at `port` and is connected.
int option_of_accepted(std::uint16_t port, int level, int name) {
  for (int fd = 3; fd < 1024; ++fd) {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t size = sizeof own;
    socklen_t peer_size = sizeof peer;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) continue;
    if (ntohs(own.sin_port) != port) continue;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) continue;
    int value = -1;
    socklen_t length = sizeof value;
    ::getsockopt(fd, level, name, &value, &length);
    return value;
  }
  return -1;
}

// The connection of an instrument that was switched off stayed as long as the session.
TEST(Vxi11Interrupt, SystemProbesTheInstrumentsConnection) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  device.instrument.request_service();
  ASSERT_TRUE(sink.wait_for(1));
  const auto port =
      static_cast<std::uint16_t>(device.instrument.seen(kCreateIntrChan).at(0).word(1));
  EXPECT_EQ(option_of_accepted(port, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of_accepted(port, IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option_of_accepted(port, IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(disable(device), Status::success);
}

// A multi-homed instrument, a gateway: the handle proves it, not where it calls from.
TEST(Vxi11Interrupt, InstrumentMayCallFromAnotherAddress) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  const PeerEnd other(call_from(device, 0x7F000002));
  for (int i = 1; i <= 3; ++i) {
    other.send(request_with(device.instrument.handle()));
    ASSERT_TRUE(sink.wait_for(i));
  }
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(4));
  EXPECT_EQ(disable(device), Status::success);
  EXPECT_LE(other.next(), 0);  // closed with the session
}

TEST(Vxi11Interrupt, CrowdOfStrangersNeitherUsesUpDescriptorsNorKeepsAnInstrumentOut) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  const int descriptors = entries_of("/proc/self/fd");
  std::vector<UniqueFd> crowd;
  for (std::uint32_t i = 0; i < 200; ++i) crowd.push_back(call_from(device, 0x7F000003));
  // One more from elsewhere, seen after them all, is the instrument.
  const PeerEnd other(call_from(device, 0x7F000002));
  other.send(request_with(device.instrument.handle()));
  ASSERT_TRUE(sink.wait_for(1));
  EXPECT_LE(entries_of("/proc/self/fd"), descriptors + 200 + 1 + 20);
  device.instrument.request_service();  // which was there before them
  EXPECT_TRUE(sink.wait_for(2));
  disable(device);
}

TEST(Vxi11Interrupt, CallerWithHandlesOfNobodyIsSentAway) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  const PeerEnd stranger(call_from(device, 0x7F000002));
  for (int i = 0; i < 8; ++i) stranger.send(request_with(std::string(40, 'x')));
  EXPECT_LE(stranger.next(), 0);  // closed
  EXPECT_EQ(sink.count(), 0);
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(1));
  disable(device);
}

std::chrono::microseconds time_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto whole = std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  return whole + std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST(Vxi11Interrupt, WithoutDescriptorsTheListenerWaitsInsteadOfSpinning) {
  OpenVxi11 device;
  CountingSink sink;
  ASSERT_EQ(enable(device, sink), Status::success);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port =
      htons(static_cast<std::uint16_t>(device.instrument.seen(kCreateIntrChan).at(0).word(1)));
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // It was the lowest one free: there is no other.
  const rlimit none{static_cast<rlim_t>(fd.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const int connected = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
  const auto begun = time_used();
  const std::chrono::milliseconds window(300);
  ::nanosleep(std::array{timespec{0, std::chrono::nanoseconds(window).count()}}.data(), nullptr);
  const auto used = time_used() - begun;
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_EQ(connected, 0);
  EXPECT_LT(used, window / 2);
  device.instrument.request_service();
  EXPECT_TRUE(sink.wait_for(1));
  disable(device);
}

TEST(Vxi11Interrupt, NeedsIpv4) {
  if (!have_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  FakeInstrument instrument(AF_INET6);
  Call call(Deadline::after(kLong));
  auto channel = open_vxi11(vxi11_name("::1"), call,
                            {{"portmapper_port", std::int64_t{instrument.portmapper_port()}}});
  ASSERT_TRUE(channel) << call.detail;
  CountingSink sink;
  EXPECT_EQ((*channel)->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::error_nsup_mech);
  EXPECT_NE(call.detail.find("IPv4"), std::string::npos);
  (*channel)->close(call);
}

TEST(Vxi11Interrupt, OtherEventsAreNotOfThisWire) {
  OpenVxi11 device;
  CountingSink sink;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(device.channel->enable_event(VI_EVENT_CLEAR, sink, call), Status::error_inv_event);
  EXPECT_EQ(device.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::error_inv_event);
}

}  // namespace
}  // namespace visa::test
