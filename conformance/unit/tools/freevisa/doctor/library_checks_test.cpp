// SPDX-License-Identifier: MIT
// Which library programs get, and what the doctor says of it.
#include "tools/freevisa/doctor/library_checks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace visa::tool {
namespace {

using Level = Finding::Level;

class LibraryChecksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "libraries_" + std::to_string(::getpid());
    std::filesystem::create_directory(folder);
    facts.own = make("own", "FREEVISA_TRACE");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string make(const std::string& name, const std::string& text) const {
    std::ofstream(folder + "/" + name) << text;
    return folder + "/" + name;
  }
  /// The finding about PyVISA.
  Finding pyvisa() const { return check_libraries(facts).back(); }
  std::string folder;
  LibraryFacts facts;
};

TEST_F(LibraryChecksTest, FirstOfTheCacheIsPyvisas) {
  facts.known = {{"libvisa.so.1", facts.own, "FreeVISA"}};
  EXPECT_EQ(pyvisa().level, Level::good);
  const std::string ni = make("ni", "National Instruments");
  facts.known.insert(facts.known.begin(), {"libvisa.so.23", ni, "NI"});
  EXPECT_EQ(pyvisa().level, Level::problem);
  EXPECT_EQ(pyvisa().fix, "export PYVISA_LIBRARY=" + facts.own);
}

TEST_F(LibraryChecksTest, VariableAndFileComeBeforeTheCache) {
  facts.known = {{"libvisa.so.1", facts.own, "FreeVISA"}};
  facts.pyvisarc = "/home/ann/.pyvisarc";
  facts.pyvisarc_library = "/gone/libvisa.so";
  EXPECT_EQ(pyvisa().level, Level::problem);
  EXPECT_NE(pyvisa().fix.find("in /home/ann/.pyvisarc: 'visa library = "), std::string::npos);
  facts.variable = "@py";
  EXPECT_NE(pyvisa().text.find("backend @py"), std::string::npos);
  facts.variable = facts.own + "@ivi";
  EXPECT_EQ(pyvisa().level, Level::good);
}

TEST_F(LibraryChecksTest, LibraryOfTheSameNameBeforeOursIsAProblem) {
  const std::string other = make("other", "Keysight");
  facts.known = {{"libvisa.so.1", other, "Keysight"}, {"libvisa.so.1", facts.own, "FreeVISA"}};
  const auto found = check_libraries(facts);
  EXPECT_EQ(found[1].level, Level::problem);
  EXPECT_NE(found[1].text.find("not FreeVISA"), std::string::npos);
  facts.known = {{"libvisa.so.1", facts.own, "FreeVISA"}, {"libvisa.so", other, "Keysight"}};
  EXPECT_EQ(check_libraries(facts)[1].level, Level::note);
}

TEST_F(LibraryChecksTest, LibraryThatIsGoneIsAProblem) {
  facts.known = {{"libvisa.so.1", folder + "/gone", ""}};
  EXPECT_EQ(check_libraries(facts)[1].fix, "sudo ldconfig");
}

TEST_F(LibraryChecksTest, PyvisarcIsReadAsPyvisaReadsIt) {
  EXPECT_EQ(library_of_pyvisarc("[Paths]\nVISA library: /a/libvisa.so\n"), "/a/libvisa.so");
  EXPECT_EQ(library_of_pyvisarc("[Paths]\r\nvisa library = /b\r\n"), "/b");
  EXPECT_EQ(library_of_pyvisarc("[Other]\nvisa library = /b\n"), "");
  EXPECT_EQ(library_of_pyvisarc("visa library"), "");
}

TEST_F(LibraryChecksTest, AConfigurationThatCannotBeReadHasAFixOfItsOwn) {
  EXPECT_NE(fix_of_configuration("a.toml: cannot be read: Permission denied").find("chmod +r"),
            std::string::npos);
  EXPECT_NE(fix_of_configuration("a.toml: cannot be read: No such file or directory").find("unset"),
            std::string::npos);
  EXPECT_NE(fix_of_configuration("/etc: not a regular file").find("name a file"),
            std::string::npos);
  EXPECT_EQ(fix_of_configuration("a.toml:3:1: unknown key").find("mend that line"), 0U);
}

TEST_F(LibraryChecksTest, LocksAreJudgedByTheirReach) {
  EXPECT_EQ(check_locks("meet in /run/lock/freevisa")[0].level, Level::good);
  EXPECT_EQ(check_locks("meet in /run/user/1000/freevisa")[0].level, Level::note);
  EXPECT_EQ(check_locks("hold inside this process only, because x")[0].level, Level::problem);
  EXPECT_EQ(check_locks("")[0].level, Level::note);
}

}  // namespace
}  // namespace visa::tool
