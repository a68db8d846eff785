// SPDX-License-Identifier: MIT
#include "lib/locks/access_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "lib/locks/lock_record.h"

namespace visa::locks {
namespace {

TEST(AccessKey, LooksLikeARandomGuid) {
  EXPECT_THAT(*generate_access_key(),
              testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(generate_access_key()->size(), 36u);
}

TEST(AccessKey, rule_3_6_16_keys_do_not_repeat) {
  std::set<std::string> keys;
  for (int i = 0; i < 10000; ++i) keys.insert(*generate_access_key());
  EXPECT_EQ(keys.size(), 10000u);
}

}  // namespace
}  // namespace visa::locks
