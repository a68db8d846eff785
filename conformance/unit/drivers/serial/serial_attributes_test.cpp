// SPDX-License-Identifier: MIT
// Each attribute that a session can set: what is read back, and what the port has of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"
#include "drivers/serial/serial_channel.h"

namespace visa::test {
namespace {

using testing::Contains;

TEST(SerialAttributes, WhatIsSetIsReadBack) {
  FakeUart chip;
  chip.set_lines(0);
  chip.set_rs485(0U);
  const OpenSerial port;
  const std::pair<ViAttr, std::uint64_t> values[] = {
      {VI_ATTR_ASRL_BAUD, 250000},
      {VI_ATTR_ASRL_DATA_BITS, 7},
      {VI_ATTR_ASRL_PARITY, VI_ASRL_PAR_EVEN},
      {VI_ATTR_ASRL_STOP_BITS, VI_ASRL_STOP_TWO},
      {VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF},
      {VI_ATTR_ASRL_XON_CHAR, 0x51},
      {VI_ATTR_ASRL_XOFF_CHAR, 0x53},
      {VI_ATTR_ASRL_REPLACE_CHAR, '?'},
      {VI_ATTR_ASRL_DISCARD_NULL, VI_TRUE},
      {VI_ATTR_ASRL_DTR_STATE, VI_STATE_UNASSERTED},
      {VI_ATTR_ASRL_RTS_STATE, VI_STATE_UNASSERTED},
      {VI_ATTR_ASRL_BREAK_LEN, 20},
      {VI_ATTR_ASRL_BREAK_STATE, VI_STATE_ASSERTED},
      {VI_ATTR_ASRL_BREAK_STATE, VI_STATE_UNASSERTED},
      {VI_ATTR_ASRL_ALLOW_TRANSMIT, VI_FALSE},
      {VI_ATTR_ASRL_ALLOW_TRANSMIT, VI_TRUE},
      {VI_ATTR_ASRL_WIRE_MODE, VI_ASRL_WIRE_485_4},
  };
  for (const auto& [id, value] : values) {
    EXPECT_EQ(port.set(id, value), Status::success) << std::hex << id;
    EXPECT_EQ(port.get(id), static_cast<std::int64_t>(value)) << std::hex << id;
  }
  ASSERT_TRUE(chip.state());
  EXPECT_EQ(chip.state()->c_ospeed, 250000U);
  EXPECT_EQ(chip.state()->c_cc[VSTART], 0x51);
  EXPECT_EQ(chip.state()->c_cc[VSTOP], 0x53);
  EXPECT_EQ(chip.lines(), 0);
}

// While flow control drives a line, nobody else does.
TEST(SerialAttributes, LineOfFlowControlIsUnknownAndNotSet) {
  FakeUart chip;
  chip.set_lines(0);
  const OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_RTS_CTS), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_RTS_STATE), VI_STATE_UNKNOWN);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_RTS_STATE, VI_STATE_ASSERTED), Status::error_nsup_attr_state);
  EXPECT_EQ(port.set(VI_ATTR_ASRL_DTR_STATE, VI_STATE_UNASSERTED), Status::success) << "the other";
}

TEST(SerialAttributes, EndOfXonXoffLetsStoppedOutputGo) {
  FakeUart chip;
  const OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_XON_XOFF), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_ALLOW_TRANSMIT, VI_FALSE), Status::success);
  EXPECT_THAT(chip.diary(), testing::Not(Contains("go")));
  ASSERT_EQ(port.set(VI_ATTR_ASRL_FLOW_CNTRL, VI_ASRL_FLOW_NONE), Status::success);
  EXPECT_THAT(chip.diary(), Contains("go"));
  EXPECT_EQ(port.get(VI_ATTR_ASRL_ALLOW_TRANSMIT), VI_TRUE);
}

TEST(SerialAttributes, ReplacementIsOfTheSessionDiscardingOfThePort) {
  const OpenSerial port;
  const SerialSession other(port.instrument.node());
  ASSERT_EQ(port.set(VI_ATTR_ASRL_REPLACE_CHAR, '!'), Status::success);
  ASSERT_EQ(port.set(VI_ATTR_ASRL_DISCARD_NULL, VI_TRUE), Status::success);
  EXPECT_EQ(other.get(VI_ATTR_ASRL_REPLACE_CHAR), 0);
  EXPECT_EQ(other.get(VI_ATTR_ASRL_DISCARD_NULL), VI_TRUE);
}

TEST(SerialAttributes, ConnectedAndAvailableTellOfThePort) {
  OpenSerial port;
  port.instrument.send("abc");
  ASSERT_EQ(port.read(1, count_rule()).data, "a");
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 2);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_CONNECTED), VI_TRUE);
  port.instrument.unplug();
  EXPECT_EQ(port.get(VI_ATTR_ASRL_CONNECTED), VI_FALSE);
}

}  // namespace
}  // namespace visa::test
