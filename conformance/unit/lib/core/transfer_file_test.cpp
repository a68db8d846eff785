// SPDX-License-Identifier: MIT
#include "lib/core/transfer_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <string>

#include "conformance/unit/support/temp_folder.h"

namespace visa::core {
namespace {

class TransferFileTest : public ::testing::Test {
 protected:
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
  }
  test::TempFolder folder_;
  Call call_{Deadline::infinite()};
};

TEST_F(TransferFileTest, WritesWhatItIsGiven) {
  auto file = TransferFile::for_writing(folder_.file("f").c_str(), false, call_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes("one "), call_), Status::success);
  EXPECT_EQ(file->write(bytes("two"), call_), Status::success);
  EXPECT_EQ(file->finish(call_), Status::success);
  EXPECT_EQ(folder_.text("f"), "one two");
}

TEST_F(TransferFileTest, EmptiesAFileUnlessItAppends) {
  const auto path = folder_.make("f", "old");
  {
    auto file = TransferFile::for_writing(path.c_str(), true, call_);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->write(bytes("+new"), call_), Status::success);
  }
  EXPECT_EQ(folder_.text("f"), "old+new");
  EXPECT_TRUE(TransferFile::for_writing(path.c_str(), false, call_));
  EXPECT_EQ(folder_.text("f"), "");
}

TEST_F(TransferFileTest, ReadsUntilTheEnd) {
  auto file = TransferFile::for_reading(folder_.make("f", "12345").c_str(), call_);
  ASSERT_TRUE(file);
  std::array<std::byte, 3> room{};
  EXPECT_EQ(*file->read(room, call_), 3u);
  EXPECT_EQ(*file->read(room, call_), 2u);
  EXPECT_EQ(*file->read(room, call_), 0u);
}

TEST_F(TransferFileTest, SaysWhichFileAndWhy) {
  const auto file = TransferFile::for_reading("/nonexistent/f", call_);
  EXPECT_EQ(file.status(), Status::error_file_access);
  EXPECT_NE(call_.detail.find("/nonexistent/f"), std::string::npos);
  EXPECT_NE(call_.detail.find("No such file"), std::string::npos) << call_.detail;
}

TEST_F(TransferFileTest, ANameIsNeeded) {
  EXPECT_EQ(TransferFile::for_reading(nullptr, call_).status(), Status::error_file_access);
  EXPECT_EQ(TransferFile::for_writing("", false, call_).status(), Status::error_file_access);
}

TEST_F(TransferFileTest, AFullDiskIsTold) {
  auto file = TransferFile::for_writing("/dev/full", false, call_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->write(bytes("x"), call_), Status::error_file_io);
  EXPECT_NE(call_.detail.find("/dev/full"), std::string::npos);
}

TEST_F(TransferFileTest, IsNotInheritedByPrograms) {
  const auto path = folder_.make("f", "x");
  const auto file = TransferFile::for_reading(path.c_str(), call_);
  ASSERT_TRUE(file);
  bool found = false;
  for (int fd = 3; fd < 256; ++fd) {
    char target[4096] = {};
    if (::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target, 4095) < 0) continue;
    if (path != target) continue;
    found = true;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace visa::core
