// SPDX-License-Identifier: MIT
#include "lib/base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace visa {
namespace {

TEST(Result, HoldsAValueAndPlainSuccess) {
  const Result<int> result(7);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 7);
  EXPECT_EQ(result.status(), Status::success);
}

TEST(Result, AWarningTravelsWithTheValue) {
  const Result<std::string> result("text", Status::warn_config_nloaded);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->size(), 4u);
  EXPECT_EQ(result.status(), Status::warn_config_nloaded);
}

TEST(Result, AFailureHasNoValue) {
  const Result<std::string> result(Status::error_tmo);
  EXPECT_FALSE(result);
  EXPECT_FALSE(result.has_value());
  EXPECT_EQ(result.status(), Status::error_tmo);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
  const std::unique_ptr<int> taken = *std::move(result);
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, StatusesKnowFailureFromCompletion) {
  EXPECT_TRUE(ok(Status::success));
  EXPECT_TRUE(ok(Status::success_max_cnt));
  EXPECT_TRUE(ok(Status::warn_unknown_status));
  EXPECT_TRUE(failed(Status::error_tmo));
  EXPECT_EQ(static_cast<std::uint32_t>(code(Status::error_tmo)), 0xBFFF0015u);
}

}  // namespace
}  // namespace visa
