// SPDX-License-Identifier: MIT
#include "drivers/usb/usb_holder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace visa::test {
namespace {

using drivers::usb::holder_of;

// Pain 15: which process holds it.
TEST(UsbHolder, IsAnotherProcessThatHasTheFileOpen) {
  std::string path = testing::TempDir() + "usb_holder_XXXXXX";
  const int file = ::mkstemp(path.data());
  ASSERT_GE(file, 0);
  EXPECT_EQ(holder_of(path), "");  // this process does not count
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const std::string holder = holder_of(path);
  EXPECT_TRUE(holder.starts_with("process " + std::to_string(child))) << holder;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(holder_of(path), "");
  EXPECT_EQ(holder_of(path + "none"), "");
  ::close(file);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace visa::test
