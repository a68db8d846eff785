// SPDX-License-Identifier: MIT
// freevisa manual --folder, which the build calls for the pages it installs.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {
namespace {

int run(const std::vector<const char*>& arguments) {
  const Command& manual = *find_command("manual");
  return manual.run(CommandLine(manual, arguments));
}

TEST(ManualCommand, WritesAPageForEverySubcommandAndOneForAll) {
  const std::string folder = ::testing::TempDir() + "manual_" + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  EXPECT_EQ(run({"--folder", folder.c_str()}), kDone);
  std::vector<std::string> names = {"freevisa"};
  for (const Command* const command : commands())
    names.push_back("freevisa-" + std::string(command->name));
  for (const std::string& name : names) {
    std::ifstream file(folder + "/" + name + ".1", std::ios::binary);
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(page.find("\n.SH NAME\n"), std::string::npos) << name;
  }
  const auto files = std::filesystem::directory_iterator(folder);
  EXPECT_EQ(static_cast<std::size_t>(std::distance(begin(files), end(files))), names.size());
  std::filesystem::remove_all(folder);
  EXPECT_THROW(run({"--folder", folder.c_str()}), OutputFailure);
}

TEST(ManualCommand, NoSuchSubcommandIsAUsageErrorThatGuesses) {
  try {
    run({"querry"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.text, "no command 'querry'; did you mean 'query'?");
  }
  EXPECT_THROW(run({"--folder", "/tmp", "query"}), UsageError);
}

}  // namespace
}  // namespace visa::tool
