// SPDX-License-Identifier: MIT
// A million random resource names and a million random search expressions, ten seeds each: nothing
// crashes, canonical forms are stable, patterns stay linear. Most inputs are damaged copies of good
// ones, because noise alone never gets past the first field.
#include <gtest/gtest.h>

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/fuzz/model_properties.h"
#include "conformance/unit/support/sanitizers.h"

namespace visa::model {
namespace {

constexpr int kInputsPerSeed =
    test::kAddressSanitizer ? 10'000 : 100'000;  // it is 50 times as slow
constexpr int kSeeds = 10;

class Source {
 public:
  explicit Source(int seed) : random_(static_cast<std::mt19937_64::result_type>(seed)) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  template <std::size_t kSize>
  std::string_view pick(const std::string_view (&words)[kSize]) {
    return words[below(kSize)];
  }

  /// Some words one after the other.
  template <std::size_t kSize>
  std::string words(const std::string_view (&from)[kSize], std::size_t most) {
    std::string text;
    for (std::size_t n = below(most) + 1; n > 0; --n) {
      text += pick(from);
    }
    return text;
  }

  /// `text` with a few characters changed, inserted, removed or doubled.
  std::string damaged(std::string text) {
    for (std::size_t n = below(4); n > 0 && !text.empty(); --n) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.insert(at, 1, static_cast<char>(' ' + below(95)));
          break;
        case 2:
          text.erase(at, below(4));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(12)));
          break;
      }
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

constexpr std::string_view kNames[] = {
    "GPIB0::5::1::INSTR",
    "gpib::intfc",
    "GPIB-VXI0::9::INSTR",
    "ASRL1::INSTR",
    "ASRL/dev/ttyUSB0::INSTR",
    "ASRL0::host::3::INSTR",
    "VXI0::1::BACKPLANE",
    "PXI0::3-18.2::INSTR",
    "PXI0::CHASSIS1::SLOT4.INDEX1::FUNC2::INSTR",
    "TCPIP0::lab@[fe80::1%eth0]::hislip0,5000::INSTR",
    "TCPIP::10.0.0.5::gpib0,5::INSTR",
    "TCPIP::host::5025::SOCKET",
    "USB0::0x0957::0x1755::MY[1]:2::1::INSTR",
    "USB::1::2::S N::RAW",
    "FIREWIRE0::0x1::0x2::INSTR",
};

constexpr std::string_view kNameWords[] = {
    "::",  "::", "::", ":",    "GPIB",    "GPIB-VXI", "VXI",    "ASRL",   "PXI",       "TCPIP",
    "USB", "0",  "1",  "30",   "65535",   "0x12",     "INSTR",  "INTFC",  "BACKPLANE", "MEMACC",
    "RAW", "@",  "[",  "]",    "fe80",    "host",     "hislip", "SOCKET", "SERVANT",   ",",
    ".",   "-",  "/",  "inst", "CHASSIS", "SLOT",     "FUNC",   " ",      "%",         "FIREWIRE",
};

constexpr std::string_view kExpressions[] = {
    "?*",
    "?*::INSTR",
    "GPIB[0-9]*::?*INSTR",
    "(GPIB|VXI)?*INSTR",
    "TCPIP[^1]::?*{VI_ATTR_TCPIP_IS_HISLIP == 1}",
    "(((a*)*)*)*",
    "USB?*{VI_ATTR_USB_SERIAL_NUM == \"SN1\" && !(VI_ATTR_MANF_ID == 0x957)}",
    "?*{VI_ATTR_INTF_NUM == 0 && (VI_ATTR_INTF_TYPE == 1 || VI_ATTR_SLOT <= -1)}",
};

constexpr std::string_view kExpressionWords[] = {
    "?",
    "*",
    "+",
    "|",
    "(",
    ")",
    "[",
    "]",
    "^",
    "-",
    "\\",
    "{",
    "}",
    "a",
    "0",
    "9",
    "::",
    " ",
    "GPIB",
    "INSTR",
    "&&",
    "||",
    "==",
    "!=",
    "<=",
    ">",
    "!",
    "\"",
    "0x1F",
    "VI_ATTR_INTF_TYPE",
    "5",
    "?*",
    "(a|",
    "*)",
    "[a-",
    "VI_TRUE",
    "VI_ATTR_MANF_NAME",
    "VI_ATTR_SLOT",
    "TCPIP",
    "USB",
};

class RandomInput : public testing::TestWithParam<int> {};

TEST_P(RandomInput, ResourceNamesKeepTheirProperties) {
  Source source(GetParam());
  int accepted = 0;
  for (int i = 0; i < kInputsPerSeed; ++i) {
    const std::string text = source.below(2) == 0 ? source.damaged(std::string(source.pick(kNames)))
                                                  : source.words(kNameWords, 9);
    accepted += parse_resource_name(text).has_value() ? 1 : 0;
    ASSERT_EQ(fuzz::check_resource_name(text), "") << text;
  }
  EXPECT_GT(accepted, kInputsPerSeed / 20) << "the inputs must get past the first field";
  EXPECT_LT(accepted, kInputsPerSeed);
}

TEST_P(RandomInput, SearchExpressionsKeepTheirProperties) {
  Source source(GetParam());
  int accepted = 0;
  for (int i = 0; i < kInputsPerSeed; ++i) {
    const std::string text = source.below(2) == 0
                                 ? source.damaged(std::string(source.pick(kExpressions)))
                                 : source.words(kExpressionWords, 12);
    accepted += FindExpression::parse(text).has_value() ? 1 : 0;
    ASSERT_EQ(fuzz::check_find_expression(text, source.pick(kNames)), "") << text;
  }
  EXPECT_GT(accepted, kInputsPerSeed / 20);
  EXPECT_LT(accepted, kInputsPerSeed);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomInput, testing::Range(0, kSeeds));

}  // namespace
}  // namespace visa::model
