// SPDX-License-Identifier: MIT
#include "tools/sim/description/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tools/sim/description/description.h"
#include "tools/sim/description/property_store.h"

namespace visa::sim {
namespace {

class ExpressionTest : public ::testing::Test {
 protected:
  ExpressionTest() {
    PropertyDescription voltage;
    voltage.name = "voltage";
    voltage.presets = {5};
    PropertyDescription scale;
    scale.name = "scale";
    scale.count = 3;
    scale.presets = {10, 20, 30};
    PropertyDescription format;
    format.name = "format";
    format.type = PropertyType::choice;
    format.choices = {"BYTE", "WORD", "ASCii"};
    format.presets = {2};
    PropertyDescription label;
    label.name = "label";
    label.type = PropertyType::text;
    label.texts = {"x"};
    properties = {voltage, scale, format, label};
  }
  std::optional<NameInfo> find(std::string_view name, bool channel) const {
    for (std::size_t i = 0; i < properties.size(); ++i) {
      const PropertyDescription& one = properties[i];
      if (one.name == name) {
        return NameInfo{i, one.count, channel, one.type == PropertyType::text,
                        one.type == PropertyType::choice ? &one.choices : nullptr};
      }
    }
    return std::nullopt;
  }
  double value(std::string_view text, std::size_t channel = 0) {
    Expression::Fault fault;
    const auto parsed = Expression::parse(
        text, [&](std::string_view name) { return find(name, channel > 0); }, channel > 0, fault);
    EXPECT_TRUE(parsed) << text << ": " << fault.reason;
    PropertyStore store(properties);
    return parsed ? parsed->evaluate(store, channel) : 0;
  }
  // "<offset>: <reason>"
  std::string fault(std::string_view text) const {
    Expression::Fault found;
    const auto parsed = Expression::parse(
        text, [&](std::string_view name) { return find(name, false); }, false, found);
    return parsed ? "none" : std::to_string(found.at) + ": " + found.reason;
  }
  std::vector<PropertyDescription> properties;
};

TEST_F(ExpressionTest, OperatorsBindAsInMathematics) {
  EXPECT_EQ(value("1 + 2 * 3 - 4 / 2"), 5);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("-2 * -3 + 7 % 4"), 9);
  EXPECT_EQ(value("1 < 2 and not 3 <= 2 or 0"), 1);
  EXPECT_EQ(value("1 + 1 == 2 ? 10 : 20"), 10);
  EXPECT_EQ(value("0 ? 1 : 0 ? 2 : 3"), 3);
  EXPECT_EQ(value("2 >= 2 and 2 != 3 and 3 > 2"), 1);
}

TEST_F(ExpressionTest, FunctionsAndConstants) {
  EXPECT_EQ(value("min(3, 2) + max(3, 2) + abs(-4) + floor(1.9) + round(1.5)"), 12);
  EXPECT_NEAR(value("sqrt(2) * sqrt(2) + exp(0) + log10(1000) + pow(2, 10) + sin(pi / 2)"), 1031,
              1e-9);
  EXPECT_LE(std::abs(value("noise(0.5)")), 0.5);
  EXPECT_NE(value("noise(0.5)"), 0);
}

TEST_F(ExpressionTest, NamesArePropertiesOfTheOwnOrAnotherChannel) {
  EXPECT_EQ(value("voltage * 2"), 10);
  EXPECT_EQ(value("scale[2] + scale[1 + 2]"), 50);
  EXPECT_EQ(value("scale + channel", 3), 33);
  EXPECT_EQ(value("scale[0] + scale[99] + scale[0 / 0]"), 10 + 30 + 10)
      << "kept within the channels";
}

TEST_F(ExpressionTest, ChoicesCompareWithTheirWords) {
  EXPECT_EQ(value("format == 'ASCii'"), 1);
  EXPECT_EQ(value("format == 'ASC' ? 4 : 5"), 4);
  EXPECT_EQ(value("format != 'WORD' and format > 1"), 1);
}

TEST_F(ExpressionTest, DivisionByZeroIsNoAccident) {
  EXPECT_TRUE(std::isinf(value("1 / 0")));
  EXPECT_FALSE(std::isnan(value("0 / 0")));
}

TEST_F(ExpressionTest, MistakeHasItsPlaceAndWhatWasExpected) {
  EXPECT_EQ(fault(""), "0: expected a number, a name or '('");
  EXPECT_EQ(fault("1 +"), "3: expected a number, a name or '('");
  EXPECT_EQ(fault("(1"), "2: expected ')'");
  EXPECT_EQ(fault("1 2"), "2: expected an operator or the end");
  EXPECT_EQ(fault("1 ? 2"), "5: expected ':'");
  EXPECT_EQ(fault("2 * volts"), "4: expected the name of a property instead of 'volts'");
  EXPECT_EQ(fault("label"), "0: expected a number; 'label' is a string");
  EXPECT_EQ(fault("scale + 1"), "6: expected '[', as 'scale' is a channel's");
  EXPECT_EQ(fault("channel"), "0: expected no 'channel' outside of one");
  EXPECT_EQ(fault("format == 'LONG'"), "10: expected a word of that choice instead of 'LONG'");
  EXPECT_EQ(fault("voltage == 'LONG'"), "11: expected a choice before a word in quotes");
  EXPECT_NE(fault("tan(1)").find("0: expected min, max"), std::string::npos);
  EXPECT_EQ(fault("min(1)"), "5: expected ','");
}

TEST_F(ExpressionTest, DepthAndLengthAreBounded) {
  EXPECT_NE(fault(std::string(100000, '(')).find("nested less deeply"), std::string::npos);
  EXPECT_NE(fault(std::string(100000, '-')).find("nested less deeply"), std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) {
    sum += "+1";
  }
  EXPECT_NE(fault(sum).find("a shorter formula"), std::string::npos);
}

}  // namespace
}  // namespace visa::sim
