// SPDX-License-Identifier: MIT
// What a query costs: the system calls of the channel, counted inside the process by wrapping them
// at link time.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

struct Calls {
  int receive = 0;
  int send = 0;
  int poll = 0;
};

/// Null while nobody counts.
thread_local Calls* counted = nullptr;

/// Counts what this thread does while it lives.
class Counting {
 public:
  explicit Counting(Calls& calls) { counted = &calls; }
  ~Counting() { counted = nullptr; }
};

}  // namespace
}  // namespace visa::test

extern "C" {
ssize_t __real_recvmsg(int, msghdr*, int);
ssize_t __real_sendmsg(int, const msghdr*, int);
ssize_t __real_recv(int, void*, size_t, int);
ssize_t __real_send(int, const void*, size_t, int);
int __real_poll(pollfd*, nfds_t, int);

ssize_t __wrap_recvmsg(int fd, msghdr* message, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->receive;
  return __real_recvmsg(fd, message, flags);
}
ssize_t __wrap_sendmsg(int fd, const msghdr* message, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->send;
  return __real_sendmsg(fd, message, flags);
}
ssize_t __wrap_recv(int fd, void* into, size_t size, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->receive;
  return __real_recv(fd, into, size, flags);
}
ssize_t __wrap_send(int fd, const void* data, size_t size, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->send;
  return __real_send(fd, data, size, flags);
}
int __wrap_poll(pollfd* watched, nfds_t count, int timeout) {
  if (visa::test::counted != nullptr) ++visa::test::counted->poll;
  return __real_poll(watched, count, timeout);
}
}

namespace visa::test {
namespace {

class SystemCalls : public testing::TestWithParam<std::size_t> {};

TEST_P(SystemCalls, QueryIsTwoRoundTripsOfOneSendAndOneReceive) {
  OpenVxi11 device;
  constexpr int kQueries = 20;
  const std::string answer(GetParam(), 'a');
  Calls calls;
  for (int i = 0; i < kQueries; ++i) {
    device.instrument.says(answer);
    const Counting counting(calls);
    ASSERT_EQ(device.write("*IDN?\n").count, 6u);
    ASSERT_EQ(device.read(20480).data, answer);
  }
  EXPECT_EQ(calls.send, 2 * kQueries);
  EXPECT_EQ(calls.receive, 2 * kQueries);
  EXPECT_EQ(calls.poll, 0);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPadding, SystemCalls, testing::Values(1, 2, 3, 4, 40, 1001));

}  // namespace
}  // namespace visa::test
