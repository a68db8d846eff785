// SPDX-License-Identifier: MIT
#include "lib/core/protocol_4882.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "conformance/unit/support/fake_wire.h"

namespace visa::core::protocol_4882 {
namespace {

using spi::StopReason;

class Protocol4882 : public ::testing::Test {
 protected:
  std::shared_ptr<test::FakeWire> wire_ = std::make_shared<test::FakeWire>();
  std::unique_ptr<spi::Channel> channel_ = test::make_fake_channel(wire_);
  Call call_{Deadline::after(test::kPatience)};
};

TEST_F(Protocol4882, AsksForTheStatusByteByMessage) {
  wire_->answers("16\n", StopReason::termchar);
  const auto byte = read_status_byte(*channel_, call_);
  ASSERT_TRUE(byte);
  EXPECT_EQ(*byte, 16);
  EXPECT_EQ(wire_->written(), "*STB?\n");
  EXPECT_EQ(wire_->last("write").end, spi::WriteEnd::end);
  const auto rule = wire_->last("read").rule;
  EXPECT_TRUE(rule.termchar_enabled);
  EXPECT_EQ(rule.termchar, '\n');
  EXPECT_TRUE(rule.suppress_end);
  EXPECT_EQ(wire_->last("read").deadline, call_.deadline);
}

// A wire that marks the end of messages itself sent the line feed as well, and the end of the
// answer was overlooked.
TEST_F(Protocol4882, WhereTheWireEndsMessagesItsEndIsEnough) {
  wire_->with({.stream = true, .ends_messages = true});
  wire_->answers("16");
  const auto byte = read_status_byte(*channel_, call_);
  ASSERT_TRUE(byte);
  EXPECT_EQ(*byte, 16);
  const auto rule = wire_->last("read").rule;
  EXPECT_FALSE(rule.termchar_enabled);
  EXPECT_FALSE(rule.suppress_end);
  EXPECT_EQ(trigger(*channel_, call_), Status::success);
  EXPECT_EQ(clear(*channel_, call_), Status::success);
  EXPECT_EQ(wire_->written(), "*STB?*TRG*CLS");
}

TEST_F(Protocol4882, TakesEverySpellingOfAByte) {
  const std::pair<const char*, int> spellings[] = {{"0\n", 0},     {"255\n", 255}, {"+64\n", 64},
                                                   {" 4 \r\n", 4}, {"007\n", 7},   {"\t1\n", 1}};
  for (const auto& [text, value] : spellings) {
    wire_->answers(text, StopReason::termchar);
    const auto byte = read_status_byte(*channel_, call_);
    ASSERT_TRUE(byte) << text;
    EXPECT_EQ(*byte, value) << text;
  }
}

TEST_F(Protocol4882, RefusesWhatIsNoByte) {
  for (const auto* text : {"\n", "  \n", "256\n", "-1\n", "abc\n", "4.5\n", "0x10\n", "1 2\n",
                           "+\n", "++1\n", "+-1\n", "99999999999999999999\n", "1,2\n"}) {
    wire_->answers(text, StopReason::termchar);
    call_.detail.clear();
    EXPECT_EQ(read_status_byte(*channel_, call_).status(), Status::error_outp_prot_viol) << text;
    EXPECT_FALSE(call_.detail.empty());
  }
}

TEST_F(Protocol4882, ALongAnswerIsReadToItsEndSoThatTheNextIsInStep) {
  wire_->answers(std::string(1000, '7') + "\n", StopReason::termchar);
  EXPECT_EQ(read_status_byte(*channel_, call_).status(), Status::error_outp_prot_viol);
  EXPECT_EQ(wire_->steps_left(), 0u);
  wire_->answers("5\n", StopReason::termchar);
  EXPECT_EQ(*read_status_byte(*channel_, call_), 5);
}

TEST_F(Protocol4882, ALongAnswerThatEndsInANumberIsStillNone) {
  // 32 is the size of one piece: the last piece alone would read as a number.
  wire_->answers(std::string(32, 'x') + "5\n", StopReason::termchar);
  EXPECT_EQ(read_status_byte(*channel_, call_).status(), Status::error_outp_prot_viol);
}

TEST_F(Protocol4882, WireFailuresPassThrough) {
  wire_->fails("write", Status::error_conn_lost, "gone");
  EXPECT_EQ(read_status_byte(*channel_, call_).status(), Status::error_conn_lost);
  EXPECT_EQ(wire_->count("read"), 0u);
  EXPECT_EQ(call_.detail, "gone");
  wire_->fails("read", Status::error_tmo);
  EXPECT_EQ(read_status_byte(*channel_, call_).status(), Status::error_tmo);
}

TEST_F(Protocol4882, TriggerAndClearAreMessages) {
  EXPECT_EQ(trigger(*channel_, call_), Status::success);
  EXPECT_EQ(clear(*channel_, call_), Status::success);
  EXPECT_EQ(wire_->written(), "*TRG\n*CLS\n");
  wire_->fails("write", Status::error_tmo);
  EXPECT_EQ(trigger(*channel_, call_), Status::error_tmo);
  wire_->fails("write", Status::error_conn_lost);
  EXPECT_EQ(clear(*channel_, call_), Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::core::protocol_4882
