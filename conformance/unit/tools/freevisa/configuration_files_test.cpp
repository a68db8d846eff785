// SPDX-License-Identifier: MIT
#include "tools/freevisa/configuration_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

TEST(ConfigurationFiles, EveryWayToNameAResourceIsSeen) {
  const auto names = configured_names(
      "[aliases]\nscope = 'TCPIP::1'\nbroken = 5\n[[resource]]\nname = 'TCPIP::2'\nalias = 'dmm'\n"
      "aliases = ['meter']\n[[resource]]\nname = 'TCPIP::3'\n[[resource]]\nalias = 'nameless'\n",
      "file");
  ASSERT_EQ(names.size(), 4U);
  EXPECT_EQ(names[0].alias, "scope");
  EXPECT_EQ(names[0].line, 2U);
  EXPECT_EQ(names[1].alias, "dmm");
  EXPECT_EQ(names[1].resource, "TCPIP::2");
  EXPECT_EQ(names[1].line, 6U);
  EXPECT_EQ(names[2].alias, "meter");
  EXPECT_EQ(names[3].resource, "TCPIP::3");
  EXPECT_TRUE(names[3].alias.empty());
  EXPECT_TRUE(configured_names("no TOML", "file").empty());
}

TEST(ConfigurationFiles, TheLastFileThatHasAnAliasCounts) {
  const std::string folder = ::testing::TempDir() + "/configuration_files";
  const std::string user = folder + "/freevisa/freevisa.toml";
  ASSERT_EQ(std::system(("mkdir -p " + folder + "/freevisa").c_str()), 0);
  const std::string own = folder + "/own.toml";
  std::ofstream(user) << "[aliases]\nDMM = 'TCPIP::1'\npsu = 'TCPIP::2'\n";
  std::ofstream(own) << "[aliases]\ndmm = 'TCPIP::3'\n";
  ::setenv("XDG_CONFIG_HOME", folder.c_str(), 1);
  EXPECT_EQ(own_configuration_file(), user);
  ::setenv("FREEVISA_CONFIG", own.c_str(), 1);
  EXPECT_EQ(own_configuration_file(), own);
  std::string found;
  for (const ConfiguredName& name : configured_names())
    if (name.file.starts_with(folder)) found += name.alias + "=" + name.resource + " ";
  EXPECT_EQ(found, "psu=TCPIP::2 dmm=TCPIP::3 ");
  ::unsetenv("FREEVISA_CONFIG");
  ::unsetenv("XDG_CONFIG_HOME");
}

TEST(ConfigurationFiles, BoardsAreThoseOfInterfaces) {
  const auto boards = configured_boards(
      "[[interface]]\nname = 'gpib2'\nadapter = 'prologix://a'\n[[interface]]\nname = 'GPIB'\n"
      "[[interface]]\nname = 'GPIB2'\n[[interface]]\nname = 'GPIB-VXI0'\n[[interface]]\nname = "
      "'TCPIP'\n[[interface]]\nname = 'GPIB99999999'\n",
      "file");
  ASSERT_EQ(boards.size(), 2U);
  EXPECT_EQ(boards[0].number, 2);
  EXPECT_EQ(boards[0].adapter, "prologix://a");
  EXPECT_EQ(boards[0].line, 3U);
  EXPECT_EQ(boards[1].number, 0) << "those of all boards";
  EXPECT_EQ(boards[1].line, 5U);
}

TEST(ConfigurationFiles, AFileThatIsNotThereIsEmptyAndAFolderAnError) {
  EXPECT_EQ(read_configuration("/nonexistent/freevisa.toml"), "");
  try {
    read_configuration("/tmp");
    FAIL();
  } catch (const VisaFailure& failure) {
    EXPECT_EQ(failure.text.find("cannot read /tmp: Is a directory\n  "), 0U) << failure.text;
  }
}

}  // namespace
}  // namespace visa::tool
