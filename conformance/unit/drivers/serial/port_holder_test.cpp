// SPDX-License-Identifier: MIT
#include "drivers/serial/port_holder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

using drivers::serial::busy_text;
using testing::HasSubstr;

/// Another process that has the port open, with or without a lock.
class Holder {
 public:
  Holder(const std::string& path, bool locks) {
    int told[2];
    if (::pipe(told) != 0) return;
    process_ = ::fork();
    if (process_ == 0) {
      ::alarm(60);
      const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY);
      if (locks) ::flock(fd, LOCK_EX);
      [[maybe_unused]] const auto size = ::write(told[1], "x", 1);
      for (;;) ::pause();
    }
    char byte = 0;
    EXPECT_EQ(::read(told[0], &byte, 1), 1);
    ::close(told[0]);
    ::close(told[1]);
  }
  ~Holder() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  std::string name() const { return "process " + std::to_string(process_) + " ("; }

 private:
  pid_t process_ = -1;
};

TEST(PortHolder, ProcessIsNamedByItsLockAndByItsDescriptor) {
  const PtyMaster port;
  const Call call(Deadline::after(kLong));
  for (const bool locks : {true, false}) {
    const Holder holder(port.node(), locks);
    EXPECT_THAT(busy_text(port.node(), call), HasSubstr(holder.name()));
    EXPECT_THAT(busy_text(port.node(), call), HasSubstr(port.node()));
  }
}

TEST(PortHolder, WithoutAHolderTheTextNamesNone) {
  const PtyMaster port;
  const Call call(Deadline::after(kLong));
  EXPECT_THAT(busy_text(port.node(), call), HasSubstr("another program"));
}

}  // namespace
}  // namespace visa::test
