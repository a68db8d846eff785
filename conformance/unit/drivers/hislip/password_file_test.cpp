// SPDX-License-Identifier: MIT
#include "drivers/hislip/password_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "conformance/unit/support/temp_folder.h"
#include "lib/base/log.h"

namespace visa::drivers::hislip {
namespace {

TEST(PasswordFile, HoldsThePasswordInItsFirstLine) {
  const test::TempFolder folder;
  for (const std::string text : {"top secret", "top secret\n", "top secret\r\nrest\n"}) {
    Call call(Deadline::immediate());
    const auto password = read_password(folder.make("pw", text), call);
    ASSERT_TRUE(password) << call.detail;
    EXPECT_EQ(password->reveal(), "top secret");
  }
}

TEST(PasswordFile, AWrongOneIsNamedAndNotShown) {
  const test::TempFolder folder;
  const std::string kWrong[] = {folder.file("missing"),
                                folder.path(),
                                folder.make("empty", ""),
                                folder.make("line", "\ntop secret\n"),
                                folder.make("long", std::string(1025, 's')),
                                folder.make("nul", std::string("top\0secret", 10))};
  for (const std::string& file : kWrong) {
    Call call(Deadline::immediate());
    EXPECT_EQ(read_password(file, call).status(), Status::error_inv_setup) << file;
    EXPECT_NE(call.detail.find(file), std::string::npos) << call.detail;
    EXPECT_EQ(call.detail.find("secret"), std::string::npos) << call.detail;
  }
}

TEST(PasswordFile, APipeIsNotWaitedFor) {
  const test::TempFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  Call call(Deadline::immediate());
  EXPECT_EQ(read_password(pipe, call).status(), Status::error_inv_setup);
}

TEST(PasswordFile, TheTraceSaysWhereOthersMayReadIt) {
  const test::TempFolder folder;
  const std::string file = folder.make("pw", "top secret");
  log::redirect(folder.file("trace"));
  Call call(Deadline::immediate());
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  EXPECT_TRUE(read_password(file, call));
  EXPECT_EQ(folder.text("trace").find("chmod"), std::string::npos);
  ASSERT_EQ(::chmod(file.c_str(), 0604), 0);
  EXPECT_TRUE(read_password(file, call));
  log::redirect("");
  EXPECT_NE(folder.text("trace").find("chmod 600"), std::string::npos);
  EXPECT_EQ(folder.text("trace").find("secret"), std::string::npos);
}

}  // namespace
}  // namespace visa::drivers::hislip
