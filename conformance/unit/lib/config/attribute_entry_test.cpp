// SPDX-License-Identifier: MIT
#include "lib/config/attribute_entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace visa::config {
namespace {

using model::AttributeValue;
using model::Kind;
using testing::HasSubstr;

class AttributeEntry : public testing::Test {
 protected:
  /// The value taken, or the string of the problem in `problem`.
  std::optional<AttributeValue> read(const std::string& name, const std::string& value,
                                     Kind kind = Kind::tcpip_socket) {
    const tomlio::TomlDocument document = tomlio::parse_toml(name + " = " + value + "\n");
    EXPECT_TRUE(document.good) << document.error;
    ProblemLog log;
    log.enter("f");
    const auto attribute = read_attribute(document.root.at(0), kind, log);
    EXPECT_EQ(attribute.has_value(), log.complete());
    problem = log.lines().empty() ? "" : log.lines()[0];
    if (!attribute) return {};
    id = attribute->first;
    return attribute->second;
  }
  void refused(const std::string& name, const std::string& value, const std::string& why,
               Kind kind = Kind::tcpip_socket) {
    EXPECT_EQ(read(name, value, kind), std::nullopt) << name << " = " << value;
    EXPECT_THAT(problem, HasSubstr(why));
    EXPECT_THAT(problem, HasSubstr("f:1:"));
  }

  ViAttr id = 0;
  std::string problem;
};

TEST_F(AttributeEntry, NumbersAndFlagsComeAsTheStoresKeepThem) {
  EXPECT_EQ(read("VI_ATTR_TMO_VALUE", "5000"), AttributeValue(std::uint64_t{5000}));
  EXPECT_EQ(id, static_cast<ViAttr>(VI_ATTR_TMO_VALUE));
  EXPECT_EQ(read("VI_ATTR_TMO_VALUE", "0xFFFFFFFF"), AttributeValue(std::uint64_t{0xFFFFFFFF}));
  EXPECT_EQ(read("VI_ATTR_TERMCHAR_EN", "true"), AttributeValue(std::uint64_t{1}));
  EXPECT_EQ(read("VI_ATTR_TERMCHAR_EN", "false"), AttributeValue(std::uint64_t{0}));
  EXPECT_EQ(read("VI_ATTR_TERMCHAR_EN", "1"), AttributeValue(std::uint64_t{1}));
  EXPECT_EQ(read("VI_ATTR_TERMCHAR", "0x0D"), AttributeValue(std::uint64_t{13}));
}

TEST_F(AttributeEntry, NameMayHaveAnyCase) {
  EXPECT_TRUE(read("vi_attr_tmo_value", "1"));
}

TEST_F(AttributeEntry, UnknownNameIsRefused) {
  refused("VI_ATTR_NO_SUCH_THING", "1", "VI_ATTR_NO_SUCH_THING");
  refused("TMO_VALUE", "1", "expected a name like");
}

TEST_F(AttributeEntry, AttributeOfAnotherKindIsRefused) {
  refused("VI_ATTR_ASRL_BAUD", "9600", "TCPIP SOCKET");
  EXPECT_EQ(read("VI_ATTR_ASRL_BAUD", "9600", Kind::asrl_instr),
            AttributeValue(std::uint64_t{9600}));
}

TEST_F(AttributeEntry, ReadOnlyAttributeIsRefused) {
  refused("VI_ATTR_RSRC_NAME", "'x'", "cannot be set");
  refused("VI_ATTR_RSRC_LOCK_STATE", "1", "cannot be set");
}

TEST_F(AttributeEntry, ValueOutOfRangeIsRefusedWithTheRange) {
  refused("VI_ATTR_TERMCHAR", "256", "0 to 255");
  refused("VI_ATTR_TERMCHAR", "-1", "0 to 255");
  refused("VI_ATTR_TMO_VALUE", "-1", "whole number");
  refused("VI_ATTR_TMO_VALUE", "0x100000000", "whole number");
  refused("VI_ATTR_TERMCHAR_EN", "2", "true or false");
  refused("VI_ATTR_TERMCHAR_EN", "-1", "true or false");
}

TEST_F(AttributeEntry, ValueOfAnotherTypeIsRefused) {
  refused("VI_ATTR_TMO_VALUE", "'5000'", "whole number");
  refused("VI_ATTR_TMO_VALUE", "5.5", "whole number");
  refused("VI_ATTR_TMO_VALUE", "true", "whole number");
  refused("VI_ATTR_TMO_VALUE", "[1]", "whole number");
  refused("VI_ATTR_TMO_VALUE", "{ a = 1 }", "whole number");
  refused("VI_ATTR_TMO_VALUE", "2024-01-01", "whole number");
  refused("VI_ATTR_TERMCHAR_EN", "'yes'", "true or false");
}

}  // namespace
}  // namespace visa::config
