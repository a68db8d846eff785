// SPDX-License-Identifier: MIT
// What a caller's ViAttrState means, and which values a row takes.
#include "lib/model/attribute.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lib/model/attribute_table.h"
#include "lib/model/attribute_value.h"

namespace visa::model {
namespace {

/// What viSetAttribute would answer for `raw`.
Status set(ViAttr id, Kind kind, ViAttrState raw) {
  const Attribute* row = find_attribute(id, kind);
  EXPECT_NE(row, nullptr);
  return row == nullptr ? Status::error_nsup_attr : check_range(*row, narrow(*row, raw));
}

std::uint64_t narrowed(ViAttr id, Kind kind, ViAttrState raw) {
  return narrow(*find_attribute(id, kind), raw);
}

constexpr ViAttrState kMinusOne = ~ViAttrState{0};  // 64 bits, or 32 where addresses have 32
constexpr Status kRefused = Status::error_nsup_attr_state;

// RULE 3.4.2; PyVISA sends -1 as 64 bits.
TEST(Attribute, rule_3_4_2_termchar_beyond_a_byte_is_refused) {
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, 0x0D), Status::success);
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, 0xFF), Status::success);
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, 0x100), kRefused);
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, 0x1FF), kRefused);
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, kMinusOne), kRefused);
  EXPECT_EQ(set(VI_ATTR_TERMCHAR, Kind::tcpip_socket, 0xFFFFFFFF), kRefused);
}

TEST(Attribute, EveryTimeoutIsLegal) {
  EXPECT_EQ(set(VI_ATTR_TMO_VALUE, Kind::tcpip_socket, VI_TMO_IMMEDIATE), Status::success);
  EXPECT_EQ(set(VI_ATTR_TMO_VALUE, Kind::tcpip_socket, VI_TMO_INFINITE), Status::success);
  EXPECT_EQ(narrowed(VI_ATTR_TMO_VALUE, Kind::tcpip_socket, kMinusOne), VI_TMO_INFINITE)
      << "a C caller's -1";
  if constexpr (sizeof(ViAttrState) == 8) {
    EXPECT_EQ(set(VI_ATTR_TMO_VALUE, Kind::tcpip_socket, ~(kMinusOne >> 1)), kRefused);
  }
}

TEST(Attribute, NegativeNumbersArriveExtendedInAnyWay) {
  const std::uint64_t software = signed_value(VI_TRIG_SW);
  for (const ViAttrState raw : {kMinusOne, ViAttrState{0xFFFFFFFF}, ViAttrState{0xFFFF}}) {
    EXPECT_EQ(narrowed(VI_ATTR_TRIG_ID, Kind::tcpip_vxi11, raw), software) << raw;
    EXPECT_EQ(set(VI_ATTR_TRIG_ID, Kind::tcpip_vxi11, raw), Status::success) << raw;
  }
  EXPECT_EQ(set(VI_ATTR_TRIG_ID, Kind::tcpip_vxi11, 0), kRefused);
  EXPECT_EQ(set(VI_ATTR_TRIG_ID, Kind::vxi_instr, 0), Status::success);
  EXPECT_EQ(set(VI_ATTR_TRIG_ID, Kind::vxi_instr, 0x1FFFF), kRefused);
  EXPECT_EQ(set(VI_ATTR_TRIG_ID, Kind::vxi_instr, 0x10000), kRefused) << "not cut to 0";
  EXPECT_EQ(narrowed(VI_ATTR_SRC_INCREMENT, Kind::pxi_instr, 0xFFFFFFFF), signed_value(-1));
}

TEST(Attribute, BooleansAreZeroOrOne) {
  EXPECT_EQ(set(VI_ATTR_SEND_END_EN, Kind::tcpip_socket, VI_TRUE), Status::success);
  EXPECT_EQ(set(VI_ATTR_SEND_END_EN, Kind::tcpip_socket, VI_FALSE), Status::success);
  EXPECT_EQ(set(VI_ATTR_SEND_END_EN, Kind::tcpip_socket, 2), kRefused);
  EXPECT_EQ(set(VI_ATTR_SEND_END_EN, Kind::tcpip_socket, kMinusOne), kRefused);
}

TEST(Attribute, ProtocolsDependOnTheKind) {
  const auto takes = [](Kind kind, unsigned protocol) {
    return set(VI_ATTR_IO_PROT, kind, protocol) == Status::success;
  };
  for (unsigned protocol = 0; protocol < 7; ++protocol) {
    const bool normal = protocol == VI_PROT_NORMAL;
    EXPECT_EQ(takes(Kind::tcpip_vxi11, protocol), normal);
    EXPECT_EQ(takes(Kind::tcpip_hislip, protocol), normal);
    EXPECT_EQ(takes(Kind::tcpip_socket, protocol), normal || protocol == VI_PROT_4882_STRS);
    EXPECT_EQ(takes(Kind::asrl_instr, protocol), normal || protocol == VI_PROT_4882_STRS);
    EXPECT_EQ(takes(Kind::usb_instr, protocol), normal || protocol == VI_PROT_USBTMC_VENDOR);
    EXPECT_EQ(takes(Kind::gpib_instr, protocol), normal || protocol == VI_PROT_HS488);
    EXPECT_EQ(takes(Kind::vxi_instr, protocol), normal || protocol == VI_PROT_FDC);
  }
  EXPECT_EQ(set(VI_ATTR_IO_PROT, Kind::tcpip_vxi11, VI_PROT_HS488), kRefused);
}

TEST(Attribute, AWishThatCannotBeMetIsAWarning) {
  EXPECT_EQ(set(VI_ATTR_DMA_ALLOW_EN, Kind::tcpip_socket, VI_FALSE), Status::success);
  EXPECT_EQ(set(VI_ATTR_DMA_ALLOW_EN, Kind::tcpip_socket, VI_TRUE), Status::warn_nsup_attr_state);
  EXPECT_EQ(set(VI_ATTR_DMA_ALLOW_EN, Kind::tcpip_socket, 2), kRefused);
  EXPECT_EQ(set(VI_ATTR_DMA_ALLOW_EN, Kind::pxi_instr, VI_TRUE), Status::success);
}

TEST(Attribute, rule_3_4_2_queue_length_zero_is_refused) {
  EXPECT_EQ(set(VI_ATTR_MAX_QUEUE_LENGTH, Kind::tcpip_socket, 0), kRefused);
  EXPECT_EQ(set(VI_ATTR_MAX_QUEUE_LENGTH, Kind::tcpip_socket, 1), Status::success);
}

TEST(Attribute, UserDataKeepsEveryBit) {
  EXPECT_EQ(narrowed(VI_ATTR_USER_DATA_64, Kind::tcpip_socket, kMinusOne),
            std::uint64_t{kMinusOne});
  EXPECT_EQ(set(VI_ATTR_USER_DATA_64, Kind::tcpip_socket, kMinusOne), Status::success);
  // RULE 3.2.10: the 32-bit twin writes zero-extended
  EXPECT_EQ(narrowed(VI_ATTR_USER_DATA_32, Kind::tcpip_socket, 0xDEADBABE), 0xDEADBABEU);
}

TEST(Attribute, SettableSetsRefuseTheReadOnlyStates) {
  EXPECT_EQ(set(VI_ATTR_ASRL_DTR_STATE, Kind::asrl_instr, VI_STATE_ASSERTED), Status::success);
  EXPECT_EQ(
      set(VI_ATTR_ASRL_DTR_STATE, Kind::asrl_instr, static_cast<ViAttrState>(VI_STATE_UNKNOWN)),
      kRefused);
  EXPECT_EQ(set(VI_ATTR_ASRL_STOP_BITS, Kind::asrl_instr, 12), kRefused);
  EXPECT_EQ(set(VI_ATTR_ASRL_STOP_BITS, Kind::asrl_instr, VI_ASRL_STOP_ONE5), Status::success);
  EXPECT_EQ(set(VI_ATTR_GPIB_SECONDARY_ADDR, Kind::gpib_intfc, VI_NO_SEC_ADDR), Status::success);
  EXPECT_EQ(set(VI_ATTR_GPIB_SECONDARY_ADDR, Kind::gpib_intfc, 31), kRefused);
}

TEST(Attribute, EveryRowTakesItsBoundsAndNothingOutside) {
  for (const Attribute& row : attribute_table()) {
    if (!is_number(row.type)) {
      continue;
    }
    for (const std::uint64_t bound : {row.low, row.high}) {
      const bool allowed = row.allowed.empty() || std::find(row.allowed.begin(), row.allowed.end(),
                                                            bound) != row.allowed.end();
      EXPECT_EQ(check_range(row, narrow(row, static_cast<ViAttrState>(bound))),
                allowed ? Status::success : row.unsupported)
          << row.name << " " << bound;
    }
    for (const std::uint64_t value : row.allowed) {
      EXPECT_EQ(check_range(row, narrow(row, static_cast<ViAttrState>(value))), Status::success)
          << row.name;
    }
    const bool full = !is_signed(row.type) && size_of(row.type) == 8;
    if (!full) {
      EXPECT_EQ(check_range(row, row.high + 1), kRefused) << row.name;
      EXPECT_EQ(check_range(row, row.low - 1), kRefused) << row.name;
    }
  }
}

}  // namespace
}  // namespace visa::model
