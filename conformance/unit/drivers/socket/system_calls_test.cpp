// SPDX-License-Identifier: MIT
// What a query costs: the system calls of the channel, counted inside the process by wrapping them
// at link time (strace would hide the difference that counts).
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "conformance/unit/drivers/support/open_socket.h"

namespace visa::test {
namespace {

struct Calls {
  int recv = 0;
  int send = 0;
  int poll = 0;
  int setsockopt = 0;
  int eventfd = 0;
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
ssize_t __real_recv(int, void*, size_t, int);
ssize_t __real_send(int, const void*, size_t, int);
int __real_poll(pollfd*, nfds_t, int);
int __real_setsockopt(int, int, int, const void*, socklen_t);
int __real_eventfd(unsigned, int);

ssize_t __wrap_recv(int fd, void* into, size_t size, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->recv;
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
int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  if (visa::test::counted != nullptr) ++visa::test::counted->setsockopt;
  return __real_setsockopt(fd, level, name, value, size);
}
int __wrap_eventfd(unsigned value, int flags) {
  if (visa::test::counted != nullptr) ++visa::test::counted->eventfd;
  return __real_eventfd(value, flags);
}
}

namespace visa::test {
namespace {

class SystemCalls : public testing::TestWithParam<int> {};

TEST_P(SystemCalls, QueryIsOneSendAndOneReceive) {
  const int timeout = GetParam();
  const auto deadline = [&] {
    return timeout < 0 ? Deadline::infinite() : Deadline::after(std::chrono::milliseconds(timeout));
  };
  OpenSocket socket;
  constexpr int kQueries = 20;
  Calls calls;
  for (int i = 0; i < kQueries; ++i) {
    {
      const Counting counting(calls);
      Call call(deadline());
      ASSERT_EQ(socket.channel->write(bytes("*IDN?\n"), spi::WriteEnd::end, call).count, 6u);
    }
    ASSERT_EQ(socket.peer.receive(6), "*IDN?\n");
    socket.peer.send("ACME\n");
    const Counting counting(calls);
    ASSERT_EQ(socket.read(1024, i % 2 == 0 ? line_rule() : pause_rule(), deadline()).data,
              "ACME\n");
  }
  EXPECT_EQ(calls.send, kQueries);
  EXPECT_EQ(calls.recv, kQueries);
  EXPECT_EQ(calls.poll, 0);
  EXPECT_EQ(calls.setsockopt, 0);
  EXPECT_EQ(calls.eventfd, 0);
}

INSTANTIATE_TEST_SUITE_P(FiniteInfiniteAndImmediate, SystemCalls,
                         testing::Values(2000, 10000, -1, 0, 10));

TEST(SystemCallsOfLines, LinesThatCameTogetherCostOneReceive) {
  OpenSocket socket;
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "line\n";
  socket.peer.send(lines);
  Calls calls;
  for (int i = 0; i < 1000; ++i) {
    const Counting counting(calls);
    ASSERT_EQ(socket.read(20480, line_rule()).data, "line\n");
  }
  EXPECT_EQ(calls.recv, 1);
}

TEST(SystemCallsOfWaiting, ReadThatHasToWaitPollsOnce) {
  OpenSocket socket;
  Calls calls;
  {
    const Counting counting(calls);
    EXPECT_EQ(socket.read(10, line_rule(), std::chrono::milliseconds(100)).status,
              Status::error_tmo);
  }
  EXPECT_EQ(calls.recv, 1);
  EXPECT_LE(calls.poll, 2);
  EXPECT_EQ(calls.eventfd, 1);
}

}  // namespace
}  // namespace visa::test
