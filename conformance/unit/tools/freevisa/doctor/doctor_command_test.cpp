// SPDX-License-Identifier: MIT
// freevisa doctor as a script meets it: exit codes, an object a line, and only what is wrong. What
// it finds is looked at check by check, and on prepared systems in conformance/clients/doctor.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

TEST(DoctorCommand, SaysOnlyWhatIsWrongAndHowToMendItAndItsCodeIsOne) {
  const std::string file = ::testing::TempDir() + "doctor_" + std::to_string(::getpid()) + ".toml";
  std::ofstream(file) << "[settings]\nlan_discovery = 5\n";
  for (const char* const form : {"--json", "--problems"}) {
    Process doctor(
        {FREEVISA_COMMAND, "doctor", "--problems", form},
        {"FREEVISA_CONFIG=" + file, std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME});
    const std::string told = doctor.output();
    EXPECT_EQ(doctor.wait(), 1) << told;
    const bool json = std::string(form) == "--json";
    EXPECT_NE(told.find(json ? R"({"level":"problem","check":"configuration","text":)"
                             : "  PROBLEM configuration: "),
              std::string::npos)
        << told;
    EXPECT_NE(told.find(file + ":2:"), std::string::npos) << told;
    EXPECT_NE(told.find(json ? R"("fix":"mend that line)" : "fix: mend that line"),
              std::string::npos)
        << told;
    EXPECT_EQ(told.find(json ? R"("level":"good")" : "  ok "), std::string::npos) << told;
    EXPECT_EQ(told.ends_with(" problem\n") || told.ends_with(" problems\n"), !json) << told;
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace visa::tool
