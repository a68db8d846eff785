// SPDX-License-Identifier: MIT
// What a query costs: one write, one wait and one read; on a chip also a look at whether the bytes
// have left.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/uio.h>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

struct Calls {
  int read = 0;
  int write = 0;
  int poll = 0;
};

/// Null while nobody counts.
thread_local Calls* counted = nullptr;

/// Counts what this thread does while it lives.
class Counting {
 public:
  explicit Counting(Calls& calls) : ioctls_(ioctls_of_this_thread()) { counted = &calls; }
  ~Counting() { counted = nullptr; }
  int ioctls() const { return ioctls_of_this_thread() - ioctls_; }

 private:
  int ioctls_;
};

}  // namespace
}  // namespace visa::test

extern "C" {
ssize_t __real_read(int, void*, size_t);
ssize_t __real_write(int, const void*, size_t);
ssize_t __real_writev(int, const iovec*, int);
int __real_poll(pollfd*, nfds_t, int);

ssize_t __wrap_read(int fd, void* into, size_t size) {
  if (visa::test::counted != nullptr) ++visa::test::counted->read;
  return __real_read(fd, into, size);
}
ssize_t __wrap_write(int fd, const void* data, size_t size) {
  if (visa::test::counted != nullptr) ++visa::test::counted->write;
  return __real_write(fd, data, size);
}
ssize_t __wrap_writev(int fd, const iovec* pieces, int count) {
  if (visa::test::counted != nullptr) ++visa::test::counted->write;
  return __real_writev(fd, pieces, count);
}
int __wrap_poll(pollfd* watched, nfds_t count, int timeout) {
  if (visa::test::counted != nullptr) ++visa::test::counted->poll;
  return __real_poll(watched, count, timeout);
}
}

namespace visa::test {
namespace {

TEST(SystemCalls, QueryIsAWriteAWaitAndARead) {
  OpenSerial port;
  constexpr int kQueries = 20;
  Calls calls;
  int ioctls = 0;
  for (int i = 0; i < kQueries; ++i) {
    {
      const Counting counting(calls);
      ASSERT_EQ(port.write("*IDN?\n").count, 6u);
      ioctls += counting.ioctls();
    }
    ASSERT_EQ(port.instrument.receive(6), "*IDN?\n");
    port.instrument.send("ACME\n");
    const Counting counting(calls);
    ASSERT_EQ(port.read(1024, line_rule()).data, "ACME\n");
    ioctls += counting.ioctls();
  }
  EXPECT_EQ(calls.write, kQueries);
  EXPECT_EQ(calls.poll, kQueries);
  EXPECT_EQ(calls.read, kQueries);
  EXPECT_EQ(ioctls, 0) << "a pseudo-terminal keeps nothing";
}

TEST(SystemCalls, LinesThatCameTogetherCostOneRead) {
  OpenSerial port;
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "line\n";
  port.instrument.send(lines);
  ASSERT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 500);
  Calls calls;
  for (int i = 0; i < 100; ++i) {
    const Counting counting(calls);
    ASSERT_EQ(port.read(20480, line_rule()).data, "line\n");
  }
  EXPECT_EQ(calls.read, 0) << "they are kept";
  EXPECT_EQ(calls.poll, 0);
}

}  // namespace
}  // namespace visa::test
