// SPDX-License-Identifier: MIT
// Answers that wait for their read.
#include "drivers/gpib/kept_answers.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace visa::drivers::gpib {
namespace {

constexpr Address kDmm{5};
constexpr Address kScope{5, 0};

class KeptAnswersTest : public testing::Test {
 protected:
  void add(const Address& device, std::string_view text) {
    kept_.add(device, std::as_bytes(std::span(text.data(), text.size())));
  }
  bool read(const Address& device, std::size_t most, const spi::EndRule& rule = {}) {
    data_.assign(most, '?');
    result_ = {};
    const bool over =
        kept_.deliver(device, std::as_writable_bytes(std::span(data_)), rule, result_, call_);
    data_.resize(result_.count);
    return over;
  }

  KeptAnswers kept_;
  Call call_{Deadline::immediate()};
  std::string data_;
  spi::ReadResult result_;
};

TEST_F(KeptAnswersTest, DeliversPieceByPieceAndThenTheEnd) {
  add(kDmm, "hello");
  kept_.end(kDmm);
  EXPECT_TRUE(read(kDmm, 2));
  EXPECT_EQ(result_.reason, spi::StopReason::count);
  EXPECT_TRUE(read(kDmm, 3));  // END outranks the count
  EXPECT_EQ(result_.reason, spi::StopReason::end);
  EXPECT_EQ(data_, "llo");
  EXPECT_FALSE(read(kDmm, 3));
  EXPECT_TRUE(kept_.empty());
}

TEST_F(KeptAnswersTest, LeavesAReadOpenWhereTheAnswerGoesOn) {
  add(kDmm, "abc");
  EXPECT_FALSE(read(kDmm, 10));
  EXPECT_EQ(data_, "abc");
}

TEST_F(KeptAnswersTest, StopsAtTheTerminationCharacter) {
  add(kDmm, "a\nb\n");
  kept_.end(kDmm);
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_TRUE(read(kDmm, 10, lines));
  EXPECT_EQ(result_.reason, spi::StopReason::termchar);
  EXPECT_EQ(data_, "a\n");
  EXPECT_TRUE(read(kDmm, 10, lines));
  EXPECT_EQ(result_.reason, spi::StopReason::end);
}

TEST_F(KeptAnswersTest, TellsTheDevicesApart) {
  add(kDmm, "one");
  add(kScope, "two");
  kept_.drop(kDmm);
  EXPECT_FALSE(read(kDmm, 10));
  EXPECT_EQ(result_.count, 0U);
  EXPECT_FALSE(read(kScope, 10));
  EXPECT_EQ(data_, "two");
}

TEST_F(KeptAnswersTest, AnEndWithoutDataEndsARead) {
  kept_.end(kDmm);
  EXPECT_TRUE(read(kDmm, 10));
  EXPECT_EQ(result_.count, 0U);
  EXPECT_EQ(result_.reason, spi::StopReason::end);
}

TEST_F(KeptAnswersTest, CutsWhatNoMemoryShouldHold) {
  const std::string piece(KeptAnswers::kMost / 2 + 1, 'x');
  add(kDmm, piece);
  add(kDmm, piece);
  kept_.end(kDmm);
  EXPECT_TRUE(read(kDmm, KeptAnswers::kMost));
  EXPECT_EQ(result_.status, Status::error_io);
  EXPECT_EQ(result_.count, piece.size());
  EXPECT_NE(call_.detail.find("address 5"), std::string::npos);
  EXPECT_FALSE(read(kDmm, 10));
}

}  // namespace
}  // namespace visa::drivers::gpib
