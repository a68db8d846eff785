// SPDX-License-Identifier: MIT
#include "lib/base/secret.h"

#include <gtest/gtest.h>

#include <string>

namespace visa {
namespace {

TEST(Secrets, AreOverwrittenBeforeTheirMemoryIsGivenBack) {
  std::string text(200, 'x');
  const char* memory = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  for (int i = 0; i < 200; ++i) ASSERT_EQ(memory[i], '\0') << i;  // the text still owns it
}

TEST(Secrets, ARestOfALongerTextIsOverwrittenToo) {
  std::string text(200, 'x');
  text.resize(3);
  const char* memory = text.data();
  wipe(text);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(memory[i], '\0') << i;
}

TEST(Secrets, AreCopiedAndMovedAsValues) {
  Secret one("short");
  Secret copy = one;
  EXPECT_EQ(copy.reveal(), "short");
  const Secret moved = std::move(one);
  EXPECT_EQ(moved.reveal(), "short");
  copy = Secret("other");
  EXPECT_EQ(copy.reveal(), "other");
  EXPECT_EQ(moved.reveal(), "short");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace visa
