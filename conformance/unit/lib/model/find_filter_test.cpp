// SPDX-License-Identifier: MIT
// The attribute expression alone: types, truth of missing attributes, refusals, bounds.
#include "lib/model/find_filter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace visa::model {
namespace {

using Values = std::map<ViAttr, AttributeValue>;

bool holds(std::string_view text, const Values& values) {
  const auto filter = FindFilter::parse(text);
  EXPECT_TRUE(filter.has_value()) << text;
  return filter.has_value() &&
         filter->matches([&values](ViAttr id) -> std::optional<AttributeValue> {
           const auto found = values.find(id);
           return found == values.end() ? std::nullopt : std::optional(found->second);
         });
}

bool refused(std::string_view text) {
  return !FindFilter::parse(text).has_value();
}

const Values kSlot3 = {{VI_ATTR_SLOT, std::uint64_t{3}}};
const Values kSlotUnknown = {{VI_ATTR_SLOT, signed_value(-1)}};

TEST(FindFilter, EveryOperatorComparesNumbers) {
  EXPECT_TRUE(holds("VI_ATTR_SLOT == 3", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT == 4", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT != 4", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT != 3", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT < 4", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT < 3", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT <= 3", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT <= 2", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT > 2", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT > 3", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT >= 3", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_SLOT >= 4", kSlot3));
}

TEST(FindFilter, SignedAttributesCompareSigned) {
  EXPECT_TRUE(holds("VI_ATTR_SLOT < 0", kSlotUnknown));
  EXPECT_TRUE(holds("VI_ATTR_SLOT == -1", kSlotUnknown));
  EXPECT_TRUE(holds("VI_ATTR_SLOT > -0x2", kSlotUnknown));
  EXPECT_TRUE(holds("VI_ATTR_SLOT == VI_UNKNOWN_SLOT", kSlotUnknown));
}

TEST(FindFilter, UnsignedAttributesCompareUnsigned) {
  const Values large = {{VI_ATTR_ASRL_BAUD, std::uint64_t{0xFFFFFFFF}}};
  EXPECT_TRUE(holds("VI_ATTR_ASRL_BAUD > 2147483648", large));
  EXPECT_TRUE(holds("VI_ATTR_ASRL_BAUD == 0xffffFFFF", large));
  EXPECT_TRUE(refused("VI_ATTR_ASRL_BAUD == -1"));
  EXPECT_TRUE(refused("VI_ATTR_ASRL_BAUD == VI_STATE_UNKNOWN"));
}

TEST(FindFilter, NamesOfConstantsStandForNumbers) {
  const Values gpib = {{VI_ATTR_INTF_TYPE, std::uint64_t{1}},
                       {VI_ATTR_ASRL_STOP_BITS, std::uint64_t{15}},
                       {VI_ATTR_4882_COMPLIANT, std::uint64_t{1}}};
  EXPECT_TRUE(holds("VI_ATTR_INTF_TYPE == VI_INTF_GPIB", gpib));
  EXPECT_TRUE(holds("VI_ATTR_ASRL_STOP_BITS == VI_ASRL_STOP_ONE5", gpib));
  EXPECT_TRUE(holds("VI_ATTR_4882_COMPLIANT == VI_TRUE", gpib));
  EXPECT_FALSE(holds("VI_ATTR_4882_COMPLIANT == VI_FALSE", gpib));
  EXPECT_TRUE(refused("VI_ATTR_INTF_TYPE == VI_INTF_FOO"));
  EXPECT_TRUE(refused("VI_ATTR_INTF_TYPE == -VI_INTF_GPIB"));
}

TEST(FindFilter, StringsCompareWithoutCase) {
  const Values usb = {{VI_ATTR_USB_SERIAL_NUM, std::string("My SN}1")}};
  EXPECT_TRUE(holds("VI_ATTR_USB_SERIAL_NUM == \"MY sn}1\"", usb));
  EXPECT_TRUE(holds("VI_ATTR_USB_SERIAL_NUM!=\"\"", usb));
  EXPECT_TRUE(refused("VI_ATTR_USB_SERIAL_NUM == SN"));
  EXPECT_TRUE(refused("VI_ATTR_USB_SERIAL_NUM == 1"));
  EXPECT_TRUE(refused("VI_ATTR_USB_SERIAL_NUM == \"SN"));
  EXPECT_TRUE(refused("VI_ATTR_USB_SERIAL_NUM <= \"SN\""));
  EXPECT_TRUE(refused("VI_ATTR_SLOT == \"3\""));
}

TEST(FindFilter, AMissingAttributeIsNeitherTrueNorFalse) {
  EXPECT_FALSE(holds("VI_ATTR_MANF_ID == 1", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_MANF_ID != 1", kSlot3));
  EXPECT_FALSE(holds("!(VI_ATTR_MANF_ID == 1)", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_MANF_ID == 1 || VI_ATTR_SLOT == 3", kSlot3));
  EXPECT_TRUE(holds("VI_ATTR_SLOT == 3 || VI_ATTR_MANF_ID == 1", kSlot3));
  EXPECT_FALSE(holds("VI_ATTR_MANF_ID == 1 && VI_ATTR_SLOT == 3", kSlot3));
  EXPECT_TRUE(holds("!(VI_ATTR_MANF_ID == 1 && VI_ATTR_SLOT == 4)", kSlot3));
  EXPECT_FALSE(holds("!(VI_ATTR_MANF_ID == 1 && VI_ATTR_SLOT == 3)", kSlot3));
}

TEST(FindFilter, AValueOfTheWrongTypeIsLikeAMissingOne) {
  EXPECT_FALSE(holds("VI_ATTR_SLOT != 3", {{VI_ATTR_SLOT, std::string("3")}}));
  EXPECT_FALSE(
      holds("VI_ATTR_USB_SERIAL_NUM != \"x\"", {{VI_ATTR_USB_SERIAL_NUM, std::uint64_t{3}}}));
}

TEST(FindFilter, NotAndParenthesesBindTightest) {
  EXPECT_TRUE(holds("!VI_ATTR_SLOT == 4 && VI_ATTR_SLOT == 3", kSlot3));
  EXPECT_TRUE(holds("!!(VI_ATTR_SLOT == 3)", kSlot3));
  EXPECT_FALSE(holds("!(VI_ATTR_SLOT == 4 || VI_ATTR_SLOT == 3)", kSlot3));
  EXPECT_TRUE(holds("!(VI_ATTR_SLOT == 4) || VI_ATTR_SLOT == 3", kSlot3));
}

TEST(FindFilter, OnlyGlobalAttributesOfSessionsAreKnown) {
  EXPECT_TRUE(refused("VI_ATTR_TMO_VALUE == 2000"));
  EXPECT_TRUE(refused("VI_ATTR_USER_DATA == 0"));
  EXPECT_TRUE(refused("VI_ATTR_EVENT_TYPE == 0"));
  EXPECT_TRUE(refused("VI_ATTR_TCPIP_SERVER_CERT == \"\"")) << "bytes cannot be compared";
  EXPECT_FALSE(refused("VI_ATTR_MEM_BASE == 0")) << "the macro's name is known too";
  EXPECT_FALSE(refused("vi_attr_slot == 0"));
  EXPECT_FALSE(refused("VI_ATTR_PXI_TRIG_BUS == 1")) << "global on INSTR";
}

TEST(FindFilter, MalformedExpressionsAreRefused) {
  for (const std::string_view text : {"",
                                      " ",
                                      "VI_ATTR_SLOT",
                                      "VI_ATTR_SLOT ==",
                                      "== 3",
                                      "VI_ATTR_SLOT = 3",
                                      "VI_ATTR_SLOT 3",
                                      "VI_ATTR_SLOT == 3 &&",
                                      "VI_ATTR_SLOT == 3 & VI_ATTR_SLOT == 3",
                                      "(VI_ATTR_SLOT == 3",
                                      "VI_ATTR_SLOT == 3)",
                                      "()",
                                      "!",
                                      "VI_ATTR_SLOT == 3 VI_ATTR_SLOT == 3",
                                      "VI_ATTR_SLOT == 3x",
                                      "VI_ATTR_SLOT == 0x",
                                      "VI_ATTR_SLOT == 0xG",
                                      "VI_ATTR_SLOT == 1.5",
                                      "VI_ATTR_SLOT == --1",
                                      "VI_ATTR_SLOT == +1",
                                      "VI_ATTR_SLOT == 9223372036854775808",
                                      "VI_ATTR_ASRL_BAUD == 18446744073709551616",
                                      "VI_ATTR_SLOT === 3",
                                      "VI_ATTR_SLOT =! 3",
                                      "VI_ATTR_SLOT == VI_ATTR_SLOT",
                                      "3 == VI_ATTR_SLOT"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(FindFilter, LengthAndDepthAreBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "VI_ATTR_SLOT==3" + std::string(depth, ')');
  };
  EXPECT_TRUE(holds(nested(FindFilter::kMaxDepth - 1), kSlot3));
  EXPECT_TRUE(refused(nested(FindFilter::kMaxDepth)));
  EXPECT_TRUE(refused(std::string(FindFilter::kMaxDepth, '!') + "VI_ATTR_SLOT==3"));
  std::string chain = "VI_ATTR_SLOT==3";
  while (chain.size() + 17 <= FindFilter::kMaxLength) {
    chain += "&&VI_ATTR_SLOT==3";
  }
  EXPECT_TRUE(holds(chain, kSlot3));
  EXPECT_TRUE(refused(chain + "&&VI_ATTR_SLOT==3"));
  EXPECT_TRUE(refused(std::string(1 << 20, '(')));
}

}  // namespace
}  // namespace visa::model
