// SPDX-License-Identifier: MIT
#include "drivers/common/file_holder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "conformance/unit/support/temp_folder.h"

namespace visa::test {
namespace {

using drivers::holder_of;

/// Another process that has the file open, with or without a lock.
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

Call patient_call() {
  return Call(Deadline::after(std::chrono::seconds(20)));
}

// Pains 15 and 39: which process holds it.
TEST(FileHolder, IsAnotherProcessWithALockOrADescriptor) {
  const TempFolder folder;
  const std::string path = folder.make("node", "");
  const Call call = patient_call();
  for (const bool locks : {true, false}) {
    const Holder holder(path, locks);
    const std::string text = holder_of(path, call);
    EXPECT_TRUE(text.starts_with(holder.name())) << text;
  }
  EXPECT_EQ(holder_of(path, call), "") << "it has ended";
}

TEST(FileHolder, ADeviceIsKnownByItsNumberAndThisProcessDoesNotCount) {
  const int own = ::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(own, 0);
  ASSERT_EQ(::grantpt(own) | ::unlockpt(own), 0);
  char node[64] = "";
  ASSERT_EQ(::ptsname_r(own, node, sizeof node), 0);
  const Call call = patient_call();
  EXPECT_EQ(holder_of(node, call), "");
  const Holder holder(node, false);
  EXPECT_TRUE(holder_of(node, call).starts_with(holder.name()));
  ::close(own);
}

TEST(FileHolder, IsNobodyWithoutTheFileOrTheTime) {
  const TempFolder folder;
  const std::string path = folder.make("node", "");
  const Holder holder(path, false);
  EXPECT_EQ(holder_of(path, Call(Deadline::immediate())), "");
  EXPECT_EQ(holder_of(path + ".none", patient_call()), "");
}

}  // namespace
}  // namespace visa::test
