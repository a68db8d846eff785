// SPDX-License-Identifier: MIT
// One number from a text: its value to the last bit, where it ends, and whether more text could
// change that. Every text is cut at every place, too: what is taken must not depend on the pieces.
#include "lib/format/scan_number.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace visa::format {
namespace {

// The number and what is left of `text`; "-" where it is none.
template <class T>
std::string real(const std::string& text, T& value) {
  const char* at = text.data();
  const Word word = take_real(at, text.data() + text.size(), true, value);
  return word == Word::taken ? text.substr(static_cast<std::size_t>(at - text.data())) : "-";
}

std::string integer(const std::string& text, char code, ScannedInteger& value) {
  const char* at = text.data();
  const Word word = take_integer(at, text.data() + text.size(), true, code, value);
  return word == Word::taken ? text.substr(static_cast<std::size_t>(at - text.data())) : "-";
}

TEST(ScanReal, FormsOfInstruments) {
  const struct {
    const char* text;
    double wanted;
    const char* rest;
  } kRows[] = {{"1.5", 1.5, ""},
               {"+1.5E3\n", 1500, "\n"},
               {"-1.5e-3,", -1.5e-3, ","},
               {".5", .5, ""},
               {"5.", 5, ""},
               {"-.5E1", -5, ""},
               {"+00001", 1, ""},
               {"9.9E37", 9.9E37, ""},     // what SCPI sends for infinity stays that number,
               {"9.91E+37", 9.91E37, ""},  // and what it sends for not a number too
               {"#HFF", 255, ""},
               {"#hff,", 255, ","},
               {"#Q17", 15, ""},
               {"#B101", 5, ""},
               {"#HFFFFFFFFFFFFFFFF", 18446744073709551615.0, ""},
               {"1.2.3", 1.2, ".3"},
               {"1e", 1, "e"},
               {"1e+x", 1, "e+x"},
               {"5EHZ", 5, "EHZ"},
               {"1 E3", 1, " E3"},
               {"0x10", 0, "x10"},
               {"12V", 12, "V"},
               {"1e5e5", 1e5, "e5"},
               {"4.9e-324", 4.9e-324, ""},
               {"1.7976931348623157e308", 1.7976931348623157e308, ""},
               {"9007199254740993", 9007199254740992.0, ""},
               {"0.1000000000000000055511151231257827021181583404541015625", 0.1, ""}};
  for (const auto& row : kRows) {
    double value = -77;
    EXPECT_EQ(real(row.text, value), row.rest) << row.text;
    EXPECT_EQ(value, row.wanted) << row.text;
  }
}

TEST(ScanReal, OutOfRange) {
  double value = 0;
  for (const char* const text : {"1e309", "+1e999999999999", "17976931348623159e300", "1.8e308",
                                 "0.00001e314", "inf", "INFINITY", "Inf"}) {
    EXPECT_EQ(real(text, value), "") << text;
    EXPECT_EQ(value, HUGE_VAL) << text;
    if (text[0] == '+') continue;
    EXPECT_EQ(real("-" + std::string(text), value), "") << text;
    EXPECT_EQ(value, -HUGE_VAL) << text;
  }
  for (const char* const text : {"1e-400", "0.0001e-999999999999", "0e999", "000e-5", "1e-324"}) {
    EXPECT_EQ(real(text, value), "") << text;
    EXPECT_EQ(value, 0.0) << text;
    EXPECT_EQ(real("-" + std::string(text), value), "");
    EXPECT_TRUE(value == 0 && std::signbit(value)) << text;
  }
  float narrow = 0;
  EXPECT_EQ(real("1e39", narrow), "");
  EXPECT_EQ(narrow, HUGE_VALF);
  EXPECT_EQ(real("9.9E37", narrow), "");
  EXPECT_EQ(narrow, 9.9E37F);
  EXPECT_EQ(real("1e-50", narrow), "");
  EXPECT_EQ(narrow, 0.0F);
  EXPECT_EQ(real("nan", value), "");
  EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(real("-NaN(12)", value), "(12)");
  EXPECT_EQ(real("infinit", value), "init");
  EXPECT_EQ(value, HUGE_VAL);
}

TEST(ScanReal, FloatIsRoundedOnceAndNotByWayOfDouble) {
  float value = 0;
  // Just above the middle of two floats, by less than a double can hold.
  EXPECT_EQ(real("1.00000005960464477539062500000001", value), "");
  EXPECT_EQ(value, std::nextafterf(1.0F, 2.0F));
  long double wide = 0;
  EXPECT_EQ(real("0.1", wide), "");
  EXPECT_EQ(wide, 0.1L);
  EXPECT_EQ(real("1e5000", wide), "");
  EXPECT_EQ(real("1e-5000", wide), "");
}

TEST(ScanReal, NoNumber) {
  for (const char* const text :
       {"",    "+",   "-",   ".",   "+.", "-.e5", "e5",   "#",    "#H", "#X1", "#B2", "#Q8",
        "+-1", "-+1", "--1", "abc", ",1", " 1",   "+#HF", "#H-1", "in", "na",  "#15", "nil"}) {
    double value = 0;
    ScannedInteger whole;
    EXPECT_EQ(real(text, value), "-") << text;
    EXPECT_EQ(integer(text, 'd', whole), "-") << text;
  }
}

TEST(ScanInteger, FormsOfInstruments) {
  const struct {
    char code;
    const char* text;
    long long wanted;
    const char* rest;
  } kRows[] = {{'d', "12,", 12, ","},
               {'d', "-12", -12, ""},
               {'d', "1.999999", 1, ""},
               {'d', "-1.999999", -1, ""},
               {'d', "1.5E3V", 1500, "V"},
               {'d', "150E-2", 1, ""},
               {'d', ".5", 0, ""},
               {'d', "5.", 5, ""},
               {'d', "0.0000012345E10", 12345, ""},
               {'d', "1.23456E2", 123, ""},
               {'d', "9007199254740993.0", 9007199254740993, ""},
               {'d', "9007199254740993E0", 9007199254740993, ""},
               {'d', "0E999999999999", 0, ""},
               {'d', "1E-999999999999", 0, ""},
               {'d', "010", 10, ""},
               {'d', "0x10", 0, "x10"},
               {'d', "1e", 1, "e"},
               {'d', "#HFFFFFFFFF", 0xFFFFFFFFF, ""},
               {'u', "12.7", 12, ""},
               {'i', "12", 12, ""},
               {'i', "0x1F", 31, ""},
               {'i', "-0X1f", -31, ""},
               {'i', "010", 8, ""},
               {'i', "0", 0, ""},
               {'i', "0.75E2", 75, ""},  // an instrument's number, not an octal 0
               {'i', "08", 8, ""},
               {'i', "0x", 0, "x"},
               {'i', "0xg", 0, "xg"},
               {'o', "178", 15, "8"},
               {'o', "-17", -15, ""},
               {'x', "1F", 31, ""},
               {'X', "0x1fg", 31, "g"},
               {'x', "1E5", 0x1E5, ""},
               {'x', "#B11", 3, ""}};
  for (const auto& row : kRows) {
    ScannedInteger value;
    EXPECT_EQ(integer(row.text, row.code, value), row.rest) << row.code << ' ' << row.text;
    EXPECT_FALSE(value.beyond);
    EXPECT_EQ(narrowed<std::int64_t>(value, false), row.wanted) << row.code << ' ' << row.text;
  }
}

TEST(ScanInteger, WhatDoesNotFit) {
  const auto narrow = [](const char* text, bool is_unsigned) {
    ScannedInteger value;
    EXPECT_EQ(integer(text, is_unsigned ? 'u' : 'd', value), "");
    return narrowed<std::int16_t>(value, is_unsigned);
  };
  for (const bool is_unsigned : {false, true}) {
    EXPECT_EQ(narrow("65535", is_unsigned), -1) << "a status register keeps its bits";
    EXPECT_EQ(narrow("#HFFFF", is_unsigned), -1);
    EXPECT_EQ(narrow("32768", is_unsigned), -32768);
    EXPECT_EQ(narrow("-32768", is_unsigned), -32768);
  }
  for (const char* const text : {"65536", "9.9E37", "18446744073709551616", "1E999999999"}) {
    EXPECT_EQ(narrow(text, false), 32767) << text;
    EXPECT_EQ(narrow(text, true), -1) << text;
    const std::string negative = "-" + std::string(text);
    EXPECT_EQ(narrow(negative.c_str(), false), -32768) << text;
    EXPECT_EQ(narrow(negative.c_str(), true), 0) << text;
  }
}

// A text in front of which pieces end at every place: unfinished until the answer is the same
// whatever follows.
TEST(ScanReal, APieceThatEndsInANumberIsUnfinished) {
  for (const std::string text : {"1.5E+3", "-.5", "#HFF", "+infinity", "nan", "123"}) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const char* at = text.data();
      double value = 0;
      EXPECT_EQ(take_real(at, text.data() + size, false, value),
                text == "nan" && size == 3         ? Word::taken
                : text == "+infinity" && size == 9 ? Word::taken
                                                   : Word::unfinished)
          << text.substr(0, size);
    }
  }
  for (const std::string text : {"1.5,", "1e,", "1e+,", "#HFg", "inf,", "infi,", "1.."}) {
    const char* at = text.data();
    double value = 0;
    EXPECT_EQ(take_real(at, text.data() + text.size(), false, value), Word::taken) << text;
  }
  for (const std::string text : {"x", "-x", "#x", "+.x", "inx", "#H,"}) {
    const char* at = text.data();
    double value = 0;
    EXPECT_EQ(take_real(at, text.data() + text.size(), false, value), Word::different) << text;
    EXPECT_EQ(at, text.data());
  }
}

TEST(ScanReal, TheLongestNumber) {
  double value = 0;
  EXPECT_EQ(real("0." + std::string(kLongestNumber - 3, '3') + "3,", value), ",");
  EXPECT_EQ(value, 1.0 / 3);
  EXPECT_EQ(real("0." + std::string(kLongestNumber, '3'), value), "-");
  ScannedInteger whole;
  EXPECT_EQ(integer(std::string(kLongestNumber + 1, '0'), 'd', whole), "-");
}

// Exact against the C library, which rounds correctly too, over all magnitudes.
TEST(ScanReal, AgreesWithStrtodOnAnyDigits) {
  std::mt19937_64 random(20261122);
  const auto digits = [&random](std::size_t most) {
    std::string text;
    for (auto count = random() % most; count > 0; --count) {
      text += static_cast<char>('0' + random() % 10);
    }
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    std::string text = (random() % 2 != 0 ? "-" : "") + digits(25) + "0";
    if (random() % 2 != 0) text += "." + digits(25);
    if (random() % 2 != 0) {
      text += "e" + std::string(random() % 2 != 0 ? "-" : "") + std::to_string(random() % 350);
    }
    double ours = 0;
    float narrow = 0;
    EXPECT_EQ(real(text, ours), "") << text;
    EXPECT_EQ(real(text, narrow), "") << text;
    EXPECT_EQ(ours, std::strtod(text.c_str(), nullptr)) << text;
    EXPECT_EQ(narrow, std::strtof(text.c_str(), nullptr)) << text;
  }
}

// The short ones have an arithmetic of their own: at its limits above all.
TEST(ScanRun, ShortDecimalsAgreeWithStrtod) {
  std::mt19937_64 random(53);
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53U;
  for (int i = 0; i < 20000; ++i) {
    std::uint64_t digits = random() >> (random() % 64);
    if (i % 4 == 0) digits = kExact - 3 + random() % 6;
    std::string text = std::to_string(digits);
    if (i % 3 != 0) text.insert(static_cast<std::size_t>(random() % (text.size() + 1)), ".");
    if (i % 5 != 0) {
      text += (i % 2 != 0 ? "e" : "E") +
              std::string(random() % 2 != 0 ? "-"
                          : i % 7 != 0      ? "+"
                                            : "") +
              std::to_string(random() % 26);
    }
    text = std::string(random() % 2 != 0 ? "-" : i % 11 != 0 ? "" : "+") + text;
    const std::string item = text + ",";
    const char* at = item.data();
    double value = -7;
    ASSERT_EQ(take_reals(at, item.data() + item.size(), &value, 1), 1U) << text;
    ASSERT_EQ(value, std::strtod(text.c_str(), nullptr)) << text;
    ASSERT_EQ(at, item.data() + item.size());
  }
  for (const std::string item : {"-0,", "-0.0e5,", "-.0,"}) {
    const char* at = item.data();
    double value = -7;
    ASSERT_EQ(take_reals(at, item.data() + item.size(), &value, 1), 1U) << item;
    EXPECT_TRUE(value == 0 && std::signbit(value)) << item;
  }
}

TEST(ScanRun, TakesWhatIsSurelyANumberWithItsComma) {
  double real_values[8];
  std::int32_t whole_values[8];
  const auto rest_of_reals = [&](const std::string& text, std::size_t room, std::size_t wanted) {
    const char* at = text.data();
    EXPECT_EQ(take_reals(at, text.data() + text.size(), real_values, room), wanted) << text;
    return std::string(at);
  };
  EXPECT_EQ(rest_of_reals("1,+2.5, -3e1,\n.5,5", 8, 4), "5");
  EXPECT_EQ(real_values[1], 2.5);
  EXPECT_EQ(real_values[2], -30);
  EXPECT_EQ(real_values[3], .5);
  EXPECT_EQ(rest_of_reals("1,2,3,", 2, 2), "3,");
  EXPECT_EQ(rest_of_reals("1,2;3,", 8, 1), "2;3,");
  EXPECT_EQ(rest_of_reals("1,#HFF,3,", 8, 1), "#HFF,3,");
  EXPECT_EQ(rest_of_reals("1,+-2,", 8, 1), "+-2,");
  EXPECT_EQ(rest_of_reals("1,-inf,", 8, 1), "-inf,");
  EXPECT_EQ(rest_of_reals("1e999,", 8, 0), "1e999,");
  EXPECT_EQ(rest_of_reals(std::string(kLongestNumber + 1, '0') + ",", 8, 0).size(),
            kLongestNumber + 2);
  const auto rest_of_wholes = [&](const std::string& text, std::size_t wanted) {
    const char* at = text.data();
    EXPECT_EQ(take_integers(at, text.data() + text.size(), false, whole_values, 8), wanted) << text;
    return std::string(at);
  };
  EXPECT_EQ(rest_of_wholes("1,-2, +3,4", 3), "4");
  EXPECT_EQ(whole_values[1], -2);
  EXPECT_EQ(rest_of_wholes("1,2.5,3,", 1), "2.5,3,");
  EXPECT_EQ(rest_of_wholes("99999999999,", 1), "");
  EXPECT_EQ(whole_values[0], 2147483647);
  EXPECT_EQ(rest_of_wholes("9999999999999999999999,", 0), "9999999999999999999999,");
}

}  // namespace
}  // namespace visa::format
