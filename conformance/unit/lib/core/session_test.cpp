// SPDX-License-Identifier: MIT
// What a session makes of its attributes for a transfer, and of what the wire says: the completion
// codes of 6.1.1 to 6.1.7.
#include "lib/core/session.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using spi::StopReason;
using spi::WriteEnd;
using test::FakeWire;

class Session : public test::VisaSession {
 protected:
  // The status of a read that stopped for `reason`.
  ViStatus read_ending(StopReason reason) {
    wire_->answers("data", reason);
    std::string data;
    const ViStatus status = read(session_, data);
    EXPECT_EQ(data, "data");
    return status;
  }
  void open_on(const char* name) { session_ = open(name, wire_); }
  void put(ViAttr id, ViAttrState value) { ASSERT_EQ(set(session_, id, value), VI_SUCCESS); }

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(Session, rule_6_1_1_end_is_plain_success_also_when_the_buffer_is_full) {
  open_on(test::kGpib);
  EXPECT_EQ(read_ending(StopReason::end), VI_SUCCESS);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  wire_->answers("1234\n", StopReason::end);  // END and character on the last byte that fits
  std::string data;
  EXPECT_EQ(read(session_, data, 5), VI_SUCCESS);
  EXPECT_EQ(data, "1234\n");
}

TEST_F(Session, rule_6_1_2_the_termination_character_is_told) {
  open_on(test::kGpib);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS_TERM_CHAR);
}

TEST_F(Session, rule_6_1_3_a_full_count_is_told_and_the_rest_stays) {
  open_on(test::kGpib);
  wire_->answers("0123456789", StopReason::end);
  std::string data;
  EXPECT_EQ(read(session_, data, 4), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(data, "0123");
  EXPECT_EQ(read(session_, data, 4), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(data, "4567");
  EXPECT_EQ(read(session_, data, 4), VI_SUCCESS);
  EXPECT_EQ(data, "89");
}

TEST_F(Session, rule_6_1_4_suppressed_end_is_told_to_the_driver) {
  open_on(test::kGpib);
  put(VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::count), VI_SUCCESS_MAX_CNT);
  EXPECT_TRUE(wire_->last("read").rule.suppress_end);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS_TERM_CHAR);
}

TEST_F(Session, rule_6_1_5_no_termination_character_without_its_attribute) {
  open_on(test::kLan);
  // A server may stop for a character nobody asked for.
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS_MAX_CNT);
}

TEST_F(Session, rule_6_1_6_serial_end_in_none_has_no_end) {
  open_on(test::kSerial);
  put(VI_ATTR_ASRL_END_IN, VI_ASRL_END_NONE);
  EXPECT_EQ(read_ending(StopReason::count), VI_SUCCESS_MAX_CNT);
  const auto rule = wire_->last("read").rule;
  EXPECT_TRUE(rule.suppress_end);
  EXPECT_FALSE(rule.termchar_enabled);
  EXPECT_FALSE(rule.last_bit);
}

TEST_F(Session, rule_6_1_6_serial_end_in_none_still_stops_at_an_enabled_character) {
  open_on(test::kSerial);
  put(VI_ATTR_ASRL_END_IN, VI_ASRL_END_NONE);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS_TERM_CHAR);
  EXPECT_TRUE(wire_->last("read").rule.termchar_enabled);
}

TEST_F(Session, rule_6_1_7_serial_end_in_termchar_makes_the_character_the_end) {
  open_on(test::kSerial);  // END_IN = TERMCHAR is the default
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS);
  EXPECT_TRUE(wire_->last("read").rule.termchar_enabled);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);  // END outranks the character (6.1.1)
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS);
  EXPECT_TRUE(wire_->last("read").rule.suppress_end) << "a pause on the line is no END";
}

TEST_F(Session, rule_6_1_4_serial_with_suppressed_end_knows_only_the_enabled_character) {
  open_on(test::kSerial);
  put(VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::count), VI_SUCCESS_MAX_CNT);
  EXPECT_FALSE(wire_->last("read").rule.termchar_enabled);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::termchar), VI_SUCCESS_TERM_CHAR);
}

TEST_F(Session, SerialLastBitIsAnEndUnlessSuppressed) {
  open_on(test::kSerial);
  put(VI_ATTR_ASRL_END_IN, VI_ASRL_END_LAST_BIT);
  EXPECT_EQ(read_ending(StopReason::end), VI_SUCCESS);
  EXPECT_TRUE(wire_->last("read").rule.last_bit);
  EXPECT_FALSE(wire_->last("read").rule.termchar_enabled);
  put(VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  EXPECT_EQ(read_ending(StopReason::count), VI_SUCCESS_MAX_CNT);
  EXPECT_FALSE(wire_->last("read").rule.last_bit);
}

TEST_F(Session, SocketSuppressesEndByDefault) {
  open_on(test::kSocket);
  EXPECT_EQ(read_ending(StopReason::count), VI_SUCCESS_MAX_CNT);
  EXPECT_TRUE(wire_->last("read").rule.suppress_end);
  put(VI_ATTR_SUPPRESS_END_EN, VI_FALSE);
  EXPECT_EQ(read_ending(StopReason::end), VI_SUCCESS);
  EXPECT_FALSE(wire_->last("read").rule.suppress_end);
}

TEST_F(Session, TheTerminationCharacterReachesTheDriver) {
  open_on(test::kSocket);
  put(VI_ATTR_TERMCHAR, 0x7C);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  read_ending(StopReason::termchar);
  EXPECT_EQ(wire_->last("read").rule.termchar, 0x7C);
}

TEST_F(Session, WritesEndTheirMessageUnlessToldNotTo) {
  open_on(test::kGpib);
  ViUInt32 count = 0;
  EXPECT_EQ(write(session_, "*IDN?\n", &count), VI_SUCCESS);
  EXPECT_EQ(count, 6u);
  EXPECT_EQ(wire_->last("write").end, WriteEnd::end);
  put(VI_ATTR_SEND_END_EN, VI_FALSE);
  write(session_, "more");
  EXPECT_EQ(wire_->last("write").end, WriteEnd::none);
}

TEST_F(Session, SerialWritesEndAsEndOutSays) {
  open_on(test::kSerial);
  const std::pair<ViUInt16, WriteEnd> ends[] = {{VI_ASRL_END_NONE, WriteEnd::none},
                                                {VI_ASRL_END_LAST_BIT, WriteEnd::last_bit},
                                                {VI_ASRL_END_TERMCHAR, WriteEnd::termchar},
                                                {VI_ASRL_END_BREAK, WriteEnd::break_}};
  for (const auto& [value, end] : ends) {
    put(VI_ATTR_ASRL_END_OUT, value);
    put(VI_ATTR_SEND_END_EN, VI_TRUE);
    write(session_, "x");
    EXPECT_EQ(wire_->last("write").end, end);
    put(VI_ATTR_SEND_END_EN, VI_FALSE);
    write(session_, "x");
    EXPECT_EQ(wire_->last("write").end, WriteEnd::none);
  }
}

TEST_F(Session, SerialWritesSayWhichTermcharAndWhetherTheLastBitIsCleared) {
  open_on(test::kSerial);
  put(VI_ATTR_TERMCHAR, ';');
  put(VI_ATTR_ASRL_END_OUT, VI_ASRL_END_TERMCHAR);
  write(session_, "x");
  EXPECT_EQ(wire_->last("write").write_rule.termchar, ';');
  EXPECT_FALSE(wire_->last("write").write_rule.masks_last_bit);
  put(VI_ATTR_ASRL_END_OUT, VI_ASRL_END_LAST_BIT);
  for (const ViAttrState send_end : {ViAttrState{VI_TRUE}, ViAttrState{VI_FALSE}}) {
    put(VI_ATTR_SEND_END_EN, send_end);
    write(session_, "x");
    EXPECT_TRUE(wire_->last("write").write_rule.masks_last_bit);
  }
}

TEST_F(Session, OneDeadlineOfTheTimeoutForTheWholeCall) {
  open_on(test::kSocket);
  const auto before = Deadline::after(std::chrono::milliseconds(700));
  put(VI_ATTR_TMO_VALUE, 700);
  write(session_, "x");
  EXPECT_GE(wire_->last("write").deadline.time_point(), before.time_point());
  EXPECT_LE(wire_->last("write").deadline.remaining(), std::chrono::milliseconds(700));
  put(VI_ATTR_TMO_VALUE, VI_TMO_IMMEDIATE);
  write(session_, "x");
  EXPECT_TRUE(wire_->last("write").deadline.is_immediate());
  put(VI_ATTR_TMO_VALUE, VI_TMO_INFINITE);
  write(session_, "x");
  EXPECT_TRUE(wire_->last("write").deadline.is_infinite());
}

TEST_F(Session, AFailedReadStillGivesItsBytes) {
  open_on(test::kSocket);
  for (const auto& [status, code] : {std::pair{Status::error_tmo, VI_ERROR_TMO},
                                     std::pair{Status::error_conn_lost, VI_ERROR_CONN_LOST},
                                     std::pair{Status::error_io, VI_ERROR_IO}}) {
    wire_->then({.operation = "read", .status = status, .data = "part"});
    std::string data;
    EXPECT_EQ(read(session_, data), code);
    EXPECT_EQ(data, "part");
  }
}

TEST_F(Session, AFailedWriteTellsHowMuchWasTaken) {
  open_on(test::kSocket);
  wire_->then({.operation = "write", .status = Status::error_tmo, .count = 3});
  ViUInt32 count = 99;
  EXPECT_EQ(write(session_, "abcdef", &count), VI_ERROR_TMO);
  EXPECT_EQ(count, 3u);
}

TEST_F(Session, TheDetailOfAFailureIsToldByStatusDesc) {
  open_on(test::kSocket);
  wire_->fails("read", Status::error_tmo, "192.0.2.1: switch it on");
  std::string data;
  EXPECT_EQ(read(session_, data), VI_ERROR_TMO);
  EXPECT_NE(description(session_, VI_ERROR_TMO).find("192.0.2.1: switch it on"), std::string::npos);
  EXPECT_EQ(description(session_, VI_ERROR_IO).find("192.0.2.1"), std::string::npos);
  EXPECT_EQ(description(rm_, VI_ERROR_TMO).find("192.0.2.1"), std::string::npos);
}

TEST_F(Session, NothingToTransferIsNoError) {
  open_on(test::kSocket);
  ViUInt32 count = 7;
  wire_->answers("", StopReason::count);
  EXPECT_GE(::viRead(session_, nullptr, 0, &count), VI_SUCCESS);
  EXPECT_EQ(count, 0u);
  EXPECT_GE(::viWrite(session_, nullptr, 0, &count), VI_SUCCESS);
  EXPECT_EQ(count, 0u);
}

TEST_F(Session, FlushRefusesMasksThatContradictThemselves) {
  open_on(test::kSocket);
  for (const unsigned bad : {0u, unsigned{VI_READ_BUF | VI_READ_BUF_DISCARD},
                             unsigned{VI_IO_IN_BUF | VI_IO_IN_BUF_DISCARD},
                             unsigned{VI_WRITE_BUF | VI_WRITE_BUF_DISCARD},
                             unsigned{VI_IO_OUT_BUF | VI_IO_OUT_BUF_DISCARD}, 0x8000u}) {
    EXPECT_EQ(::viFlush(session_, static_cast<ViUInt16>(bad)), VI_ERROR_INV_MASK) << bad;
    EXPECT_EQ(wire_->count("read"), 0u);
  }
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS);
  EXPECT_EQ(::viSetBuf(session_, 0, 100), VI_ERROR_INV_MASK);
  EXPECT_EQ(::viSetBuf(session_, VI_IO_IN_BUF, 100), VI_ERROR_NSUP_OPER);  // the fake has none
}

}  // namespace
}  // namespace visa::core
