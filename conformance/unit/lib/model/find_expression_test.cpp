// SPDX-License-Identifier: MIT
// Both tables of worked examples of the search expression, over the fourteen resources they name.
#include "lib/model/find_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/model/attribute_table.h"
#include "lib/model/resource_name.h"

namespace visa::model {
namespace {

using ::testing::ElementsAreArray;
using Names = std::vector<std::string>;

const std::string kAsrl1 = "ASRL1::INSTR";
const std::string kAsrl2 = "ASRL2::INSTR";
const std::string kIntfc = "GPIB0::INTFC";
const std::string kGpib02 = "GPIB0::2::INSTR";
const std::string kGpib051 = "GPIB0::5::1::INSTR";
const std::string kGpib12 = "GPIB1::2::INSTR";
const std::string kGpibVxi = "GPIB-VXI0::8::INSTR";
const std::string kVxi = "VXI0::1::INSTR";
const std::string kMemacc = "VXI0::MEMACC";
const std::string kInst = "TCPIP0::10.0.0.5::inst0::INSTR";
const std::string kHislip = "TCPIP0::10.0.0.5::hislip0::INSTR";
const std::string kSocket = "TCPIP0::10.0.0.5::5025::SOCKET";
const std::string kUsb = "USB0::0x0957::0x1755::SN1::INSTR";
const std::string kPxi = "PXI0::3-18::INSTR";

const Names& known() {
  static const Names names = {kAsrl1, kAsrl2,  kIntfc, kGpib02, kGpib051, kGpib12, kGpibVxi,
                              kVxi,   kMemacc, kInst,  kHislip, kSocket,  kUsb,    kPxi};
  return names;
}

/// What a finder knows of each resource without opening it: its name and a few facts.
std::optional<AttributeValue> known_attribute(const std::string& resource, ViAttr id) {
  const auto name = parse_resource_name(resource);
  if (!name || find_attribute(id, name->kind) == nullptr) {
    return std::nullopt;
  }
  switch (id) {
    case VI_ATTR_INTF_TYPE:
      return static_cast<std::uint64_t>(name->interface);
    case VI_ATTR_INTF_NUM:
      return name->board;
    case VI_ATTR_GPIB_PRIMARY_ADDR:
      return name->gpib_primary;
    case VI_ATTR_GPIB_SECONDARY_ADDR:
      return name->gpib_secondary.value_or(VI_NO_SEC_ADDR);
    case VI_ATTR_ASRL_BAUD:
      return std::uint64_t{resource == kAsrl1 ? 9600U : 115200U};
    case VI_ATTR_USB_SERIAL_NUM:
      return name->usb_serial;
    case VI_ATTR_TCPIP_ADDR:
      return name->host;
    case VI_ATTR_TCPIP_IS_HISLIP:
      return std::uint64_t{name->kind == Kind::tcpip_hislip ? 1U : 0U};
    case VI_ATTR_TCPIP_PORT:
      return name->port;
    case VI_ATTR_MANF_ID:
      return std::uint64_t{resource == kUsb ? 0x0957U : resource == kVxi ? 0x0FF6U : 1U};
    case VI_ATTR_MODEL_CODE:
      return std::uint64_t{resource == kUsb ? 0x1755U : 2U};
    case VI_ATTR_VXI_LA:
      return name->vxi_logical_address;
    case VI_ATTR_SLOT:
      return signed_value(resource == kVxi ? 3 : -1);
    default:
      return std::nullopt;
  }
}

/// The names found; one entry "INV_EXPR" when the expression is refused.
Names find(std::string_view text) {
  const auto expression = FindExpression::parse(text);
  if (!expression) {
    EXPECT_EQ(expression.status(), Status::error_inv_expr);
    return {"INV_EXPR"};
  }
  Names found;
  for (const std::string& name : known()) {
    if (expression->matches_name(name) &&
        expression->matches_attributes([&name](ViAttr id) { return known_attribute(name, id); })) {
      found.push_back(name);
    }
  }
  return found;
}

Names without(const Names& left_out) {
  Names rest;
  for (const std::string& name : known()) {
    if (std::find(left_out.begin(), left_out.end(), name) == left_out.end()) {
      rest.push_back(name);
    }
  }
  return rest;
}

const Names kRefused = {"INV_EXPR"};
const Names kNothing = {};

struct Example {
  std::string_view expression;
  Names found;
};

TEST(FindExpression, RegularExpressionTable) {
  const std::vector<Example> table = {
      {"?*", known()},
      {"?*INSTR", without({kIntfc, kMemacc, kSocket})},
      {"GPIB?*INSTR", {kGpib02, kGpib051, kGpib12, kGpibVxi}},
      {"GPIB[0-9]*::?*INSTR", {kGpib02, kGpib051, kGpib12}},
      {"GPIB[^0]::?*INSTR", {kGpib12}},
      {"GPIB[0-9]*::?*::?*::INSTR", {kGpib051}},
      {"VXI?*INSTR", {kVxi}},
      {"?*VXI?*INSTR", {kGpibVxi, kVxi}},
      {"GPIB-VXI?*INSTR", {kGpibVxi}},
      {"ASRL[0-9]*::?*INSTR", {kAsrl1, kAsrl2}},
      {"ASRL1+", kNothing},
      {"ASRL1+::INSTR", {kAsrl1}},
      {"(GPIB|VXI)?*INSTR", {kGpib02, kGpib051, kGpib12, kGpibVxi, kVxi}},
      {"GPIB0::INTFC|VXI0::MEMACC", {kIntfc, kMemacc}},
      {"gpib0::2::instr", {kGpib02}},
      {"GPIB0", kNothing},
      {"TCPIP?*SOCKET", {kSocket}},
      {"TCPIP?*hislip?*", {kHislip}},
      {"USB[0-9]*::0x0957::?*INSTR", {kUsb}},
      {"TCPIP0::10.0.0.5::?*", {kInst, kHislip, kSocket}},
      {"TCPIP0::10?0?0?5::?*", {kInst, kHislip, kSocket}},
      {"?*::2::INSTR", {kGpib02, kGpib12}},
      {"[GP]?*INSTR", {kGpib02, kGpib051, kGpib12, kGpibVxi, kPxi}},
      {"*INSTR", kRefused},
      {"GPIB[0-9", kRefused},
      {"(GPIB?*", kRefused},
      {"GPIB?*\\", kRefused},
      {"PXI?*", {kPxi}},
      {"?*::INSTR", without({kIntfc, kMemacc, kSocket})},
  };
  for (const Example& row : table) {
    EXPECT_THAT(find(row.expression), ElementsAreArray(row.found)) << row.expression;
  }
}

TEST(FindExpression, AttributeExpressionTable) {
  const Names every_instr_but_tcpip = {kAsrl1,   kAsrl2, kGpib02, kGpib051, kGpib12,
                                       kGpibVxi, kVxi,   kUsb,    kPxi};
  const Names gpib_board_0 = {kIntfc, kGpib02, kGpib051};
  const std::vector<Example> table = {
      {"ASRL?*INSTR{VI_ATTR_ASRL_BAUD == 9600}", {kAsrl1}},
      {"ASRL?*INSTR{VI_ATTR_ASRL_BAUD != 9600}", {kAsrl2}},
      {"ASRL?*INSTR{VI_ATTR_ASRL_BAUD > 9600}", {kAsrl2}},
      {"ASRL?*INSTR{VI_ATTR_ASRL_BAUD >= 9600}", {kAsrl1, kAsrl2}},
      {"GPIB[0-9]*::?*INSTR{VI_ATTR_GPIB_PRIMARY_ADDR == 2}", {kGpib02, kGpib12}},
      {"GPIB[0-9]*::?*INSTR{VI_ATTR_GPIB_PRIMARY_ADDR==2&&VI_ATTR_INTF_NUM==1}", {kGpib12}},
      {"GPIB[0-9]*::?*::?*::INSTR{VI_ATTR_GPIB_SECONDARY_ADDR > 0 && "
       "VI_ATTR_GPIB_SECONDARY_ADDR < 10}",
       {kGpib051}},
      {"?*INSTR{VI_ATTR_INTF_TYPE == 4}", {kAsrl1, kAsrl2}},
      {"?*INSTR{VI_ATTR_INTF_TYPE == 4 || VI_ATTR_INTF_TYPE == 7}", {kAsrl1, kAsrl2, kUsb}},
      {"?*INSTR{!(VI_ATTR_INTF_TYPE == 6)}", every_instr_but_tcpip},
      {"?*INSTR{!VI_ATTR_INTF_TYPE == 6}", every_instr_but_tcpip},  // decided: as with parentheses
      {"?*{VI_ATTR_MANF_ID == 0x957}", {kUsb}},
      {"?*{VI_ATTR_MANF_ID==2391 && VI_ATTR_MODEL_CODE==0x1755}", {kUsb}},
      {"USB?*{VI_ATTR_USB_SERIAL_NUM == \"SN1\"}", {kUsb}},
      {"TCPIP?*{VI_ATTR_TCPIP_ADDR == \"10.0.0.5\"}", {kInst, kHislip, kSocket}},
      {"TCPIP?*{VI_ATTR_TCPIP_IS_HISLIP == 1}", {kHislip}},
      {"TCPIP?*{VI_ATTR_TCPIP_PORT == 5025}", {kSocket}},
      {"?*{VI_ATTR_INTF_NUM == 0 && VI_ATTR_INTF_TYPE == 1 || VI_ATTR_INTF_TYPE == 2}",
       {kIntfc, kGpib02, kGpib051, kVxi, kMemacc}},
      {"?*{VI_ATTR_INTF_NUM == 0 && (VI_ATTR_INTF_TYPE == 1 || VI_ATTR_INTF_TYPE == 2)}",
       {kIntfc, kGpib02, kGpib051, kVxi, kMemacc}},
      {"?*VXI?*INSTR{VI_ATTR_MANF_ID == 0xFF6 && !(VI_ATTR_VXI_LA == 0 || VI_ATTR_SLOT <= 0)}",
       {kVxi}},
      {"?*INSTR{VI_ATTR_TMO_VALUE == 2000}", kRefused},
      {"?*INSTR{VI_ATTR_FOO == 1}", kRefused},
      {"?*INSTR{VI_ATTR_MANF_NAME > \"A\"}", kRefused},
      {"?*INSTR{VI_ATTR_INTF_TYPE == }", kRefused},
      {"?*INSTR{VI_ATTR_INTF_TYPE == 4", kRefused},
      {"?*INSTR{}", kRefused},
      {"ASRL?*{VI_ATTR_ASRL_BAUD == 300}", kNothing},
  };
  for (const Example& row : table) {
    EXPECT_THAT(find(row.expression), ElementsAreArray(row.found)) << row.expression;
  }
}

TEST(FindExpression, AndBindsTighterThanOr) {
  // GPIB1 has INTF_NUM 1: it is in only when || is weakest.
  EXPECT_THAT(find("GPIB?*{VI_ATTR_INTF_NUM == 0 && VI_ATTR_INTF_TYPE == 9 || "
                   "VI_ATTR_INTF_NUM == 1}"),
              ElementsAreArray(Names{kGpib12}));
  EXPECT_THAT(find("GPIB?*{VI_ATTR_INTF_NUM == 1 || VI_ATTR_INTF_NUM == 0 && "
                   "VI_ATTR_INTF_TYPE == 9}"),
              ElementsAreArray(Names{kGpib12}));
}

TEST(FindExpression, BlanksAreFreeAroundTheBraces) {
  EXPECT_THAT(find("ASRL?*INSTR \t{ VI_ATTR_ASRL_BAUD==9600 } "), ElementsAreArray({kAsrl1}));
  EXPECT_THAT(find("ASRL?*INSTR "), ElementsAreArray(kNothing)) << "without braces a blank counts";
}

TEST(FindExpression, TextAfterTheBracesIsRefused) {
  EXPECT_EQ(find("?*{VI_ATTR_INTF_NUM==0}x"), kRefused);
  EXPECT_EQ(find("?*{VI_ATTR_INTF_NUM==0}}"), kRefused);
  EXPECT_EQ(find("?*{VI_ATTR_INTF_NUM==0}{VI_ATTR_INTF_NUM==0}"), kRefused);
  EXPECT_EQ(find("?*}"), kRefused);
  EXPECT_EQ(find("{VI_ATTR_INTF_NUM==0}"), kRefused);
  EXPECT_EQ(find(""), kRefused);
  EXPECT_EQ(find("(?*{VI_ATTR_INTF_NUM==0})"), kRefused);
}

TEST(FindExpression, BracesAreLiteralInListsAndBehindBackslashes) {
  const auto expression = FindExpression::parse("USB0::1::2::[{}]\\{a\\}::INSTR");
  ASSERT_TRUE(expression);
  EXPECT_FALSE(expression->has_attributes());
  EXPECT_TRUE(expression->matches_name("USB0::1::2::{{a}::INSTR"));
  EXPECT_TRUE(find("USB?*{VI_ATTR_USB_SERIAL_NUM == \"}\"}").empty());
}

TEST(FindExpression, AsksOnlyForAttributesThatMatter) {
  const auto expression =
      FindExpression::parse("?*{VI_ATTR_INTF_NUM == 0 && VI_ATTR_INTF_TYPE == 1}");
  ASSERT_TRUE(expression);
  EXPECT_TRUE(expression->has_attributes());
  std::vector<ViAttr> asked;
  EXPECT_FALSE(expression->matches_attributes([&asked](ViAttr id) -> std::optional<AttributeValue> {
    asked.push_back(id);
    return std::uint64_t{5};
  }));
  EXPECT_THAT(asked, ElementsAreArray({static_cast<ViAttr>(VI_ATTR_INTF_NUM)}));
}

TEST(FindExpression, CouldMatchRulesOutOtherInterfaces) {
  const auto could = [](std::string_view text) {
    std::vector<Interface> interfaces;
    const auto expression = FindExpression::parse(text);
    for (const Interface interface :
         {Interface::gpib, Interface::vxi, Interface::gpib_vxi, Interface::asrl, Interface::pxi,
          Interface::tcpip, Interface::usb, Interface::firewire}) {
      if (expression && expression->could_match(interface)) {
        interfaces.push_back(interface);
      }
    }
    return interfaces;
  };
  EXPECT_EQ(could("?*").size(), 8U);
  EXPECT_EQ(could("?*::INSTR").size(), 8U);
  EXPECT_THAT(could("USB?*"), ElementsAreArray({Interface::usb}));
  EXPECT_THAT(could("usb0::?*"), ElementsAreArray({Interface::usb}));
  EXPECT_THAT(could("GPIB?*"), ElementsAreArray({Interface::gpib, Interface::gpib_vxi}));
  EXPECT_THAT(could("GPIB[0-9]*::?*"), ElementsAreArray({Interface::gpib}));
  EXPECT_THAT(could("?*VXI?*INSTR").size(), 8U) << "a host or serial number may say VXI";
  EXPECT_THAT(could("ASRL/dev/?*"), ElementsAreArray({Interface::asrl}));
  EXPECT_THAT(could("(TCPIP|USB)?*"), ElementsAreArray({Interface::tcpip, Interface::usb}));
  EXPECT_THAT(could("COM1"), ElementsAreArray(std::vector<Interface>{}));
}

// What could_match denies, matches_name must deny too.
TEST(FindExpression, CouldMatchIsConservative) {
  for (const std::string_view text :
       {"?*", "GPIB?*INSTR", "[GP]?*INSTR", "?*VXI?*", "T+?*", "(A|U)*S?*", "TCPIP[^1]*"}) {
    const auto expression = FindExpression::parse(text);
    ASSERT_TRUE(expression) << text;
    for (const std::string& name : known()) {
      const auto parsed = parse_resource_name(name);
      ASSERT_TRUE(parsed) << name;
      EXPECT_TRUE(expression->could_match(parsed->interface) || !expression->matches_name(name))
          << text << " " << name;
    }
  }
}

}  // namespace
}  // namespace visa::model
