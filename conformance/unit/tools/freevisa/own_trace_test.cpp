// SPDX-License-Identifier: MIT
// That the library writes there is seen by `config check` and `list`.
#include "tools/freevisa/own_trace.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace visa::tool {
namespace {

TEST(OwnTrace, TheUsersTraceStaysTheUsersUnlessItMustNot) {
  ::setenv("FREEVISA_TRACE", "stderr", 1);
  keep_trace(false);
  EXPECT_STREQ(std::getenv("FREEVISA_TRACE"), "stderr");
  EXPECT_EQ(kept_trace(), "");
  keep_trace(true);
  const std::string file = std::getenv("FREEVISA_TRACE");
  EXPECT_NE(file, "stderr");
  std::ofstream(file) << "line\n";
  EXPECT_EQ(kept_trace(), "line\n");
  ::unsetenv("FREEVISA_TRACE");
}

}  // namespace
}  // namespace visa::tool
