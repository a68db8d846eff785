// SPDX-License-Identifier: MIT
// A program with the rights of another must not open what its user wrote into the environment.
#include "lib/base/environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/sanitizers.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa {
namespace {

constexpr unsigned kStranger = 65534;

TEST(TrustedGetenv, GivesWhatIsSet) {
  ::setenv("FREEVISA_PROBE", "value", 1);
  EXPECT_STREQ(trusted_getenv("FREEVISA_PROBE"), "value");
  ::unsetenv("FREEVISA_PROBE");
  EXPECT_EQ(trusted_getenv("FREEVISA_PROBE"), nullptr);
}

class RaisedRights : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give rights away";
    struct statvfs place {};
    if (::statvfs(folder_.path().c_str(), &place) != 0 || (place.f_flag & ST_NOSUID) != 0) {
      GTEST_SKIP() << "the folder for temporary files takes no set-user-ID programs";
    }
    if (test::kAddressSanitizer || test::kThreadSanitizer) {
      GTEST_SKIP() << "a sanitizer's runtime does not start with raised rights";
    }
    std::filesystem::copy_file(ENVIRONMENT_PROBE, program_);
    ::chmod(folder_.path().c_str(), 0777);
    ::chmod(program_.c_str(), 0755);
  }
  /// What the program prints, started by a stranger; "" where it did not start.
  std::string as_stranger() const {
    const auto out = folder_.file("out");
    const auto failure = test::in_child([&] {
      const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
      ::dup2(fd, 1);
      const std::string trace = "FREEVISA_TRACE=" + folder_.file("trace");
      const char* const arguments[] = {program_.c_str(), nullptr};
      const char* const environment[] = {"FREEVISA_PROBE=believed", trace.c_str(), nullptr};
      if (::setresgid(kStranger, kStranger, kStranger) != 0) return 1;
      if (::setresuid(kStranger, kStranger, kStranger) != 0) return 2;
      ::execve(program_.c_str(), const_cast<char* const*>(arguments),
               const_cast<char* const*>(environment));
      return 3;
    });
    return failure.empty() ? folder_.text("out") : failure;
  }
  bool traced() const { return std::filesystem::exists(folder_.file("trace")); }

  test::TempFolder folder_;
  const std::string program_ = folder_.file("program");
};

TEST_F(RaisedRights, WithoutThemTheEnvironmentIsBelieved) {
  EXPECT_EQ(as_stranger(), "believed\n");
  EXPECT_TRUE(traced());
}

TEST_F(RaisedRights, SetUserId) {
  ASSERT_EQ(::chmod(program_.c_str(), 04755), 0);
  EXPECT_EQ(as_stranger(), "nothing\n");
  EXPECT_FALSE(traced());
}

TEST_F(RaisedRights, SetGroupId) {
  ASSERT_EQ(::chmod(program_.c_str(), 02755), 0);
  EXPECT_EQ(as_stranger(), "nothing\n");
  EXPECT_FALSE(traced());
}

TEST_F(RaisedRights, FileCapabilities) {
  // The form of Linux' vfs_cap_data, revision 2: effective, CAP_NET_RAW permitted.
  const unsigned char capability[20] = {1, 0, 0, 2, 0, 0x20};
  if (::setxattr(program_.c_str(), "security.capability", capability, sizeof capability, 0) != 0) {
    GTEST_SKIP() << "the file system takes no capabilities";
  }
  EXPECT_EQ(as_stranger(), "nothing\n");
  EXPECT_FALSE(traced());
}

TEST_F(RaisedRights, TakenOnAfterTheStart) {
  ::setenv("FREEVISA_PROBE", "value", 1);
  EXPECT_EQ(test::in_child([] {
              if (::setresuid(kStranger, 0, 0) != 0) return 1;
              return trusted_getenv("FREEVISA_PROBE") == nullptr ? 0 : 2;
            }),
            "");
  EXPECT_EQ(test::in_child([] {
              if (::setresgid(kStranger, 0, 0) != 0 || ::setresuid(kStranger, kStranger, 0) != 0) {
                return 1;
              }
              return trusted_getenv("FREEVISA_PROBE") == nullptr ? 0 : 2;
            }),
            "");
  // A service of root that works as another user for a while.
  EXPECT_EQ(test::in_child([] {
              if (::setresuid(0, kStranger, 0) != 0) return 1;
              return trusted_getenv("FREEVISA_PROBE") != nullptr ? 0 : 2;
            }),
            "");
  ::unsetenv("FREEVISA_PROBE");
}

}  // namespace
}  // namespace visa
