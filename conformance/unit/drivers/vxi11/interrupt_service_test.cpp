// SPDX-License-Identifier: MIT
// Service requests: the interrupt channel from both ends, and that nothing of it is left behind.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <new>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/vxi11_service.h"
#include "conformance/unit/support/failing_new.h"

namespace visa::test {
namespace {

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
