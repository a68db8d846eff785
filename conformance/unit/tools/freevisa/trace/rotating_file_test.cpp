// SPDX-License-Identifier: MIT
// Whatever the limit, every line is in one of the files, whole and in order.
#include "tools/freevisa/trace/rotating_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace visa::tool {
namespace {

class RotatingFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "rotating_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    file = folder + "/trace";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  static void append_lines(const std::string& path, std::vector<std::string>& lines) {
    std::ifstream stream(path);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
  }
  std::string folder;
  std::string file;
};

TEST_F(RotatingFileTest, EachLineIsInOneFileInOrder) {
  constexpr int kLines = 1000;
  {
    RotatingFile out(file, 1000);
    for (int i = 0; i < kLines; ++i) out.write("line " + std::to_string(i));
  }
  std::vector<std::string> lines;
  int files = 0;
  for (int number = 1; std::filesystem::exists(file + "." + std::to_string(number)); ++number) {
    const std::string one = file + "." + std::to_string(number);
    EXPECT_LE(std::filesystem::file_size(one), 1000u);
    append_lines(one, lines);
    ++files;
  }
  append_lines(file, lines);
  EXPECT_GT(files, 5);
  ASSERT_EQ(lines.size(), std::size_t{kLines});
  for (int i = 0; i < kLines; ++i)
    EXPECT_EQ(lines[static_cast<std::size_t>(i)], "line " + std::to_string(i));
}

TEST_F(RotatingFileTest, WhatIsThereAlreadyIsKept) {
  std::ofstream(file) << "old\n";
  std::ofstream(file + ".1") << "older\n";
  { RotatingFile(file, 0).write("new"); }
  std::vector<std::string> lines;
  for (const char* const end : {".1", ".2", ""}) append_lines(file + end, lines);
  EXPECT_EQ(lines, (std::vector<std::string>{"older", "old", "new"}));
}

TEST_F(RotatingFileTest, LineLongerThanTheLimitIsNotCut) {
  {
    RotatingFile out(file, 10);
    out.write(std::string(100, 'a'));
    out.write("b");
  }
  EXPECT_EQ(std::filesystem::file_size(file + ".1"), 101u);
  EXPECT_EQ(std::filesystem::file_size(file), 2u);
}

}  // namespace
}  // namespace visa::tool
