// SPDX-License-Identifier: MIT
#include "lib/base/fork_stamp.h"

#include <gtest/gtest.h>

#include "conformance/unit/support/child_process.h"

namespace visa {
namespace {

TEST(ForkStamp, StaysTheSameInAProcess) {
  watch_forks();
  const auto first = fork_stamp();
  watch_forks();
  EXPECT_EQ(fork_stamp(), first);
}

TEST(ForkStamp, GrowsByOneInEveryChild) {
  watch_forks();
  watch_forks();  // a second hook would make it two
  const auto own = fork_stamp();
  EXPECT_EQ(test::in_child([&] {
              if (fork_stamp() != own + 1) return 1;
              return test::in_child([&] { return fork_stamp() == own + 2 ? 0 : 1; }).empty() ? 0
                                                                                             : 2;
            }),
            "");
  EXPECT_EQ(fork_stamp(), own);
}

}  // namespace
}  // namespace visa
