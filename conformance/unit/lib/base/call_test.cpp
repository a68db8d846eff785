// SPDX-License-Identifier: MIT
#include "lib/base/call.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace visa {
namespace {

using namespace std::chrono_literals;

TEST(Call, StartsUncancelledAndWithoutDetail) {
  const Call call(Deadline::infinite());
  EXPECT_FALSE(call.cancelled());
  EXPECT_TRUE(call.detail.empty());
  EXPECT_TRUE(call.deadline.is_infinite());
}

TEST(Call, FailPassesTheStatusOnAndKeepsTheLastText) {
  Call call(Deadline::immediate());
  EXPECT_EQ(call.fail(Status::error_tmo, "first"), Status::error_tmo);
  EXPECT_EQ(call.fail(Status::error_io, "second"), Status::error_io);
  EXPECT_EQ(call.detail, "second");
}

TEST(Call, CancelFromAnotherThreadIsSeenAndStays) {
  Call call(Deadline::infinite());
  std::thread([&] { call.cancel(); }).join();
  EXPECT_TRUE(call.cancelled());
  EXPECT_TRUE(call.cancelled());
}

TEST(Call, CancelOfOneCallLeavesOthersAlone) {
  Call first(Deadline::infinite());
  const Call second(Deadline::infinite());
  first.cancel();
  EXPECT_FALSE(second.cancelled());
}

TEST(Call, APartEndsWithTheWhole) {
  Call whole(Deadline::infinite());
  const Call part(whole, Deadline::immediate());
  EXPECT_FALSE(part.cancelled());
  EXPECT_TRUE(part.deadline.is_immediate());
  whole.cancel();
  EXPECT_TRUE(part.cancelled());
}

TEST(Call, APartThatIsCancelledLeavesTheWholeGoing) {
  const Call whole(Deadline::infinite());
  Call part(whole, whole.deadline);
  Call sibling(whole, whole.deadline);
  part.cancel();
  EXPECT_TRUE(part.cancelled());
  EXPECT_FALSE(whole.cancelled());
  EXPECT_FALSE(sibling.cancelled());
}

TEST(Call, APartHasADetailOfItsOwn) {
  const Call whole(Deadline::infinite());
  Call part(whole, whole.deadline);
  part.fail(Status::error_io, "of the part");
  EXPECT_TRUE(whole.detail.empty());
}

}  // namespace
}  // namespace visa
