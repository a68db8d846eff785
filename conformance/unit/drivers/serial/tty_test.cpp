// SPDX-License-Identifier: MIT
// Opening a node for this process alone, and what a failed system call means.
#include "drivers/serial/tty.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <cerrno>
#include <string>
#include <utility>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {
namespace {

using namespace drivers::serial;
using testing::HasSubstr;

Result<ChildClosedFd> opened(const std::string& path, std::string* detail = nullptr) {
  Call call(Deadline::after(kLong));
  auto fd = open_exclusively(path, call);
  if (detail != nullptr) *detail = call.detail;
  return fd;
}

bool others_are_shut_out(int fd) {
  int shut = 0;
  return ::ioctl(fd, TIOCGEXCL, &shut) == 0 && shut != 0;
}

TEST(Tty, NodeIsLockedUntilItsExclusiveUseEnds) {
  const PtyMaster port;
  auto first = opened(port.node());
  ASSERT_TRUE(first);
  std::string detail;
  EXPECT_EQ(opened(port.node(), &detail).status(), Status::error_rsrc_busy);
  EXPECT_THAT(detail, HasSubstr("has the port open")) << "this process, by its lock";
  EXPECT_FALSE(others_are_shut_out(first->get())) << "it would outlive a killed program";
  end_exclusive_use(first->get());
  EXPECT_TRUE(opened(port.node()));
}

TEST(Tty, ChipIsShutToProgramsThatDoNotAskToo) {
  const FakeUart chip;
  const PtyMaster port;
  auto fd = opened(port.node());
  ASSERT_TRUE(fd);
  EXPECT_TRUE(others_are_shut_out(fd->get()));
  end_exclusive_use(fd->get());
  EXPECT_FALSE(others_are_shut_out(fd->get()));
}

TEST(Tty, NodeThatCannotBeOpenedIsNotFoundOrHasItsReason) {
  const TempFolder folder;
  std::string detail;
  EXPECT_EQ(opened(folder.file("none"), &detail).status(), Status::error_rsrc_nfound);
  EXPECT_THAT(detail, HasSubstr("plugged in"));
  EXPECT_EQ(opened(folder.make("file", "") + "/tty").status(), Status::error_rsrc_nfound);
  EXPECT_EQ(opened(folder.path(), &detail).status(), Status::error_rsrc_nfound);
  EXPECT_THAT(detail, HasSubstr("cannot be opened as a serial port"));
}

TEST(Tty, PseudoTerminalIsKnownByItsNumber) {
  const PtyMaster port;
  const auto fd = opened(port.node());
  ASSERT_TRUE(fd);
  EXPECT_TRUE(is_pseudo_terminal(fd->get()));
  EXPECT_FALSE(is_pseudo_terminal(-1));
  const FakeUart chip;
  EXPECT_FALSE(is_pseudo_terminal(fd->get()));
}

TEST(Tty, OnlyWhatMeansThatThePortIsGoneLosesIt) {
  const PtyMaster port;
  auto fd = opened(port.node());
  ASSERT_TRUE(fd);
  Tty tty(*std::move(fd), port.node());
  Call call(Deadline::after(kLong));
  for (const auto& [error, status] : {std::pair{EFAULT, Status::error_user_buf},
                                      {ENOMEM, Status::error_alloc},
                                      {ENOBUFS, Status::error_alloc},
                                      {EINVAL, Status::error_io}}) {
    EXPECT_EQ(tty.fail(error, call), status) << error;
    EXPECT_TRUE(call.detail.starts_with(port.node() + ": ")) << call.detail;
    EXPECT_FALSE(tty.lost()) << error;
  }
  EXPECT_TRUE(tty.connected());
  EXPECT_EQ(tty.fail(EIO, call), Status::error_conn_lost);
  EXPECT_TRUE(tty.lost());
  EXPECT_FALSE(tty.connected()) << "it never comes back";
}

TEST(Tty, HangUpIsSeenWithoutATransfer) {
  PtyMaster port;
  auto fd = opened(port.node());
  ASSERT_TRUE(fd);
  Tty tty(*std::move(fd), port.node());
  EXPECT_TRUE(tty.connected());
  port.unplug();
  EXPECT_FALSE(tty.connected());
}

}  // namespace
}  // namespace visa::test
