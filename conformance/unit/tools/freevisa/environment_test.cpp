// SPDX-License-Identifier: MIT
#include "tools/freevisa/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace visa::tool {
namespace {

TEST(Environment, AnEmptyVariableIsNone) {
  ::setenv("FREEVISA_TEST_A", "1=2", 1);
  ::setenv("FREEVISA_TEST_B", "", 1);
  EXPECT_EQ(environment("FREEVISA_TEST_A"), "1=2");
  EXPECT_EQ(environment("FREEVISA_TEST_B"), std::nullopt);
  EXPECT_EQ(environment("FREEVISA_TEST_"), std::nullopt) << "the beginning of a name";
  ::unsetenv("FREEVISA_TEST_A");
  ::unsetenv("FREEVISA_TEST_B");
}

}  // namespace
}  // namespace visa::tool
