// SPDX-License-Identifier: MIT
// By the command, because the library opens its trace once in a process.
#include "tools/freevisa/configuration_change.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"
#include "tools/freevisa/configuration_files.h"

namespace visa::tool {
namespace {

class ConfigurationChangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "/change_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder);
    file = folder + "/freevisa/freevisa.toml";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// The exit code of `freevisa config ACTION --file FILE ...`.
  int config(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {FREEVISA_COMMAND, "config", "--file", file});
    Process process(arguments, {std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME});
    output = process.output();
    return process.wait();
  }
  void write(const std::string& text) {
    std::filesystem::create_directories(folder + "/freevisa");
    std::ofstream(file) << text;
  }
  std::string folder;
  std::string file;
  std::string output;
};

TEST_F(ConfigurationChangeTest, ANewFileIsMadeWithItsFolder) {
  EXPECT_EQ(config({"set", "aliases.a", "TCPIP::192.0.2.1::INSTR"}), 0) << output;
  EXPECT_EQ(configured_names(read_configuration(file), file).size(), 1U);
  EXPECT_EQ(config({"check"}), 0) << output;
}

TEST_F(ConfigurationChangeTest, ANewMistakeIsRefusedAndAnOldOneIsNone) {
  const std::string old = "[settings]\nconnect_timeout_ms = 'x'  # old\n";
  write(old);
  EXPECT_EQ(config({"set", "settings.find_timeout_ms", "1"}), 1);
  EXPECT_NE(output.find("\n  " + file + ":3:19: "), std::string::npos) << output;
  EXPECT_EQ(config({"set", "settings.find_tmeout_ms", "500"}), 1);
  EXPECT_NE(output.find("unknown key \"find_tmeout_ms\""), std::string::npos) << output;
  EXPECT_EQ(read_configuration(file), old);
  EXPECT_EQ(config({"set", "settings.find_timeout_ms", "500"}), 0) << output;
  EXPECT_EQ(read_configuration(file), old + "find_timeout_ms = 500\n");
  EXPECT_EQ(config({"check"}), 1);
  EXPECT_NE(output.find(file + ":2:22: "), std::string::npos) << output;
}

TEST_F(ConfigurationChangeTest, AFileWithAPasswordIsForItsOwnerAlone) {
  EXPECT_EQ(config({"set", "credential.lab.password", "x"}), 0) << output;
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ConfigurationChangeTest, WhatAnEditorLeavesIsTakenOverIfItIsGood) {
  write("[settings]\n");
  const auto edit = [this](const std::string& line) {
    Process process({FREEVISA_COMMAND, "config", "edit", "--file", file},
                    {std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME,
                     "VISUAL=sh -c 'echo \"" + line + "\" >> \"$0\"'"});
    output = process.output();
    return process.wait();
  };
  EXPECT_EQ(edit("find_timeout_ms = 500"), 0) << output;
  EXPECT_EQ(read_configuration(file), "[settings]\nfind_timeout_ms = 500\n");
  EXPECT_EQ(edit("connect_timeout_ms = no"), 1);
  EXPECT_NE(output.find("stays as it was"), std::string::npos) << output;
  EXPECT_EQ(read_configuration(file), "[settings]\nfind_timeout_ms = 500\n");
  EXPECT_TRUE(std::filesystem::exists(file + ".rejected"));
}

}  // namespace
}  // namespace visa::tool
