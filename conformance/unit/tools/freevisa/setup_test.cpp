// SPDX-License-Identifier: MIT
// freevisa setup: what it prints is a script of a shell, and whole.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

TEST(Setup, PrintsAScriptThatMakesWhatAPackageWouldLayDown) {
  Process setup({FREEVISA_COMMAND, "setup", "--print"}, std::vector<std::string>{});
  const std::string script = setup.output();
  EXPECT_EQ(setup.wait(), 0);
  EXPECT_NE(script.find("\nd /run/lock/freevisa 2770 root "), std::string::npos) << script;
  EXPECT_NE(script.find("ID_USB_INTERFACES"), std::string::npos);
  Process shell({"/bin/sh", "-n", "-c", script}, std::vector<std::string>{});
  EXPECT_EQ(shell.output(), "");
  EXPECT_EQ(shell.wait(), 0);
}

TEST(Setup, SaysWhatIsThereAndChangesNothing) {
  Process setup({FREEVISA_COMMAND, "setup"}, std::vector<std::string>{});
  const std::string told = setup.output();
  const int code = setup.wait();
  EXPECT_NE(told.find("lock folder /run/lock/freevisa"), std::string::npos) << told;
  EXPECT_NE(told.find("70-freevisa-usb.rules"), std::string::npos) << told;
  EXPECT_EQ(code, told.find("missing") == std::string::npos ? 0 : 1) << told;
}

}  // namespace
}  // namespace visa::tool
