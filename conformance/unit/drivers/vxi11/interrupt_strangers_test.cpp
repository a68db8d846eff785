// SPDX-License-Identifier: MIT
// Who calls the listener for service requests: the instrument from any of its addresses, strangers,
// nobody any more, and more callers than there are descriptors.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <time.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/vxi11_service.h"

namespace visa::test {
namespace {

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
  // The thread runs before descriptors end: as it starts, a sanitizer needs some to look at memory.
  device.instrument.request_service();
  ASSERT_TRUE(sink.wait_for(1));
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
  EXPECT_TRUE(sink.wait_for(2));
  disable(device);
}

}  // namespace
}  // namespace visa::test
