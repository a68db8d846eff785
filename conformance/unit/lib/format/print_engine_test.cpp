// SPDX-License-Identifier: MIT
// The output examples of the fact sheet, by their numbers, those from real drivers included; END is
// shown as `|`. Then what a format must not be able to do.
#include "lib/format/print_engine.h"

#include <gtest/gtest.h>
#include <visa.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "conformance/unit/lib/format/print_support.h"

namespace visa::format {
namespace {

using std::string;

TEST(PrintEngine, ExamplesOfNumbersAndText) {
  EXPECT_EQ(printed("*IDN?\n"), "*IDN?\n|");                 // 1
  EXPECT_EQ(printed("*IDN?"), "*IDN?");                      // 2
  EXPECT_EQ(printed("A\nB\n"), "A\n|B\n|");                  // 3
  EXPECT_EQ(printed("VOLT %f\n", 1.5), "VOLT 1.500000\n|");  // 4
  EXPECT_EQ(printed("%d\n", -7), "-7\n|");                   // 5
  EXPECT_EQ(printed("%5d|\n", 42), "   42|\n|");             // 6
  EXPECT_EQ(printed("%-5d|\n", 42), "42   |\n|");            // 7
  EXPECT_EQ(printed("%05d\n", 42), "00042\n|");              // 8
  EXPECT_EQ(printed("%.3d\n", 42), "042\n|");                // 9
  EXPECT_EQ(printed("%*d\n", 6, 42), "    42\n|");           // 10
  EXPECT_EQ(printed("%s %s\n", "a", "b"), "a b\n|");         // 25
  EXPECT_EQ(printed("%.2s\n", "abc"), "ab\n|");              // 26
  EXPECT_EQ(printed("%s", "x\ny"), "x\ny");                  // 27
  EXPECT_EQ(printed("%d%%\n", 50), "50%\n|");                // 38
  EXPECT_EQ(printed("\\n"), "\n|");                          // 39
  EXPECT_EQ(printed("\\101\n"), "A\n|");                     // 40
}

TEST(PrintEngine, ExamplesOfThe4882Forms) {
  EXPECT_EQ(printed("%@2d\n", 123), "123.000000\n|");           // 11
  EXPECT_EQ(printed("%@3d\n", 123), "1.230000E+02\n|");         // 12
  EXPECT_EQ(printed("%@1f\n", 2.9), "2\n|");                    // 13
  EXPECT_EQ(printed("%@3f\n", 1.2345e-67), "1.234500E-67\n|");  // 14
  EXPECT_EQ(printed("%.2@2f\n", 1.005e1), "10.05\n|");          // 15
  EXPECT_EQ(printed("%@Hd\n", 0xAF35B), "#HAF35B\n|");          // 16
  EXPECT_EQ(printed("%@Qd\n", 29340), "#Q71234\n|");            // 17
  EXPECT_EQ(printed("%@Bd\n", 233), "#B11101001\n|");           // 18
  EXPECT_EQ(printed("%.9@Bd\n", 233), "#B011101001\n|");        // 19
  EXPECT_EQ(printed("%8@Hd\n", 0xAB), "    #HAB\n|");           // 20: 8 columns, #H included
}

TEST(PrintEngine, ExamplesOfArrays) {
  const ViInt32 four[] = {1, 2, 3, 4};
  const double three[] = {1.0, 2.0, 3.0};
  const ViInt32 wide[] = {1, 20, 300};
  EXPECT_EQ(printed("%,4d\n", four), "1,2,3,4\n|");          // 21
  EXPECT_EQ(printed("%,*d\n", 3, four), "1,2,3\n|");         // 22
  EXPECT_EQ(printed("%.1,3f\n", three), "1.0,2.0,3.0\n|");   // 23
  EXPECT_EQ(printed("%4,3d\n", wide), "   1,  20, 300\n|");  // 24
  const ViInt16 shorts[] = {-1, 2};
  EXPECT_EQ(printed("%,2hd", shorts), "-1,2");
  EXPECT_EQ(printed("%,2hu", shorts), "65535,2");
  const ViInt64 longs[] = {-1, 5000000000};
  EXPECT_EQ(printed("%,2lld", longs), "-1,5000000000");
  EXPECT_EQ(printed("%,2I64d", longs), "-1,5000000000");
  EXPECT_EQ(printed("%,0d", four), "");
  EXPECT_EQ(printed("%*.*,*f", 6, 1, 2, three), "   1.0,   2.0");
}

TEST(PrintEngine, ExamplesOfBlocks) {
  const ViInt16 words[] = {0x0102, 0x0304};
  const ViInt32 one = 1;
  const float single = 1.0F;
  const double twice = 1.0;
  EXPECT_EQ(printed("%4b\n", "ABCD"), "#14ABCD\n|");                               // 28
  EXPECT_EQ(printed("%*b\n", 12, "ABCDEFGHIJKL"), "#212ABCDEFGHIJKL\n|");          // 29
  EXPECT_EQ(printed("%2hb\n", words), string("#14\x01\x02\x03\x04\n|", 9));        // 30
  EXPECT_EQ(printed("%1lb\n", &one), string("#14\0\0\0\x01\n|", 9));               // 31
  EXPECT_EQ(printed("%1zb\n", &single), string("#14\x3F\x80\0\0\n|", 9));          // 32
  EXPECT_EQ(printed("%1Zb\n", &twice), string("#18\x3F\xF0\0\0\0\0\0\0\n|", 13));  // 33
  EXPECT_EQ(printed("%3B", "ABC"), "#0ABC\n|");                                    // 34
  EXPECT_EQ(printed("%3y\n", "ABC"), "ABC\n|");                                    // 35
  EXPECT_EQ(printed("%2hy\n", words), string("\x01\x02\x03\x04\n|", 6));           // 36
  EXPECT_EQ(printed("%2!olhy\n", words), string("\x02\x01\x04\x03\n|", 6));        // 37
  EXPECT_EQ(refused("%0b", "A"), Status::error_inv_fmt) << "a zero is a flag: no count";
  EXPECT_EQ(printed("%*b", 0, static_cast<const char*>(nullptr)), "#10");
}

TEST(PrintEngine, FormatsOfRealDrivers) {
  EXPECT_EQ(printed("STAT:%s:ENAB %ld\n", "OPER", ViInt32{256}), "STAT:OPER:ENAB 256\n|");  // 44
  EXPECT_EQ(printed("INT:STIME %ld,%ld,%ld,%ld,%ld,%ld\n", 2024, 1, 2, 3, 4, 5),
            "INT:STIME 2024,1,2,3,4,5\n|");                                      // 45
  EXPECT_EQ(printed("*CLS;*ESE %hu;*SRE 40\n", 60), "*CLS;*ESE 60;*SRE 40\n|");  // 46
  EXPECT_EQ(printed("%s%s %Lf", "VOLT", "1", 2.5), "VOLT1 2.500000");            // 47
  const ViInt16 waveform[] = {1, -1, 0x0102};
  EXPECT_EQ(printed("%*!olhy", ViInt32{3}, waveform), string("\x01\0\xFF\xFF\x02\x01", 6));  // 48
  const ViUInt16 start[] = {0x1234, 0x00FF};
  EXPECT_EQ(printed("STARTBIN 0 %d;%*!obhy", 2, 2, start),
            string("STARTBIN 0 2;\x12\x34\0\xFF", 17));  // 49
  const ViInt32 minus = -2;
  EXPECT_EQ(printed("%*ly", 1, &minus), "\xFF\xFF\xFF\xFE");  // 50
  const double points[] = {1.0, 2.5};
  EXPECT_EQ(printed(":MASK:MASK1:POINTS %*,le", 2, points),
            ":MASK:MASK1:POINTS 1.000000e+00,2.500000e+00");                            // 51
  EXPECT_EQ(printed("VOLT:RES %.9le", 0.0000000051), "VOLT:RES 5.100000000e-09");       // 52
  EXPECT_EQ(printed(":FORMat:DATA %s,%@1d\n", "REAL", 64), ":FORMat:DATA REAL,64\n|");  // 53
  EXPECT_EQ(printed("*LANG?\r\n"), "*LANG?\r\n|");                                      // 54
  EXPECT_EQ(printed("%.12lG", 0.1), "0.1");
  EXPECT_EQ(printed("%I64d %lld", 1LL << 40, -1LL), "1099511627776 -1");
}

TEST(PrintEngine, EscapesSpelledOutAreThoseOfC) {
  EXPECT_EQ(printed("a\\r\\t\\\"\\\\\\012b\\n"), "a\r\t\"\\\nb\n|");  // \012 is plain data
  EXPECT_EQ(printed("\\x41\\x4a"), "AJ");
  EXPECT_EQ(printed("\\0z"), string("\0z", 2));
  EXPECT_EQ(printed("\\q\\"), "\\q\\");
}

TEST(PrintEngine, ModifiersComeInAnyOrder) {
  EXPECT_EQ(printed("%h5d", 42), "   42");
  EXPECT_EQ(printed("%l.2f", 1.0), "1.00");
  const double two[] = {1, 2};
  EXPECT_EQ(printed("%,2@1le", two), "1,2");
  EXPECT_EQ(printed("%*d|%-*d|", -4, 1, 3, 2), "1   |2  |");
  EXPECT_EQ(printed("%.*f", -1, 0.5), "0.500000");
}

TEST(PrintEngine, LongMeans32BitsUnlessConfigured) {
  EXPECT_EQ(printed("%ld %lu %lx", -1, 4294967295U, 255), "-1 4294967295 ff");
  const FormatSettings wide{true, true};
  // 64 bits by the setting, also where a C long has 32.
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(printed_with(wide, "%ld", kMost).text, std::to_string(kMost));
  const std::int64_t array[] = {kMost, -2};
  EXPECT_EQ(printed_with(wide, "%,2ld", array).text, std::to_string(kMost) + ",-2");
  EXPECT_EQ(printed_with(wide, "%.1Lf", 1.5L).text, "1.5");
  // The range of a long double: that of a double on armhf, far more on most machines.
  constexpr int kMostExponent = std::numeric_limits<long double>::max_exponent10;
  const long double big = std::strtold(("1e" + std::to_string(kMostExponent)).c_str(), nullptr);
  EXPECT_EQ(printed_with(wide, "%.3Le", big).text, "1.000e+" + std::to_string(kMostExponent));
  const ViInt32 block = 1;
  EXPECT_EQ(printed_with(wide, "%1lb", &block).text, string("#14\0\0\0\x01", 7));
}

TEST(PrintEngine, FormsKeepTheirPromise) {
  EXPECT_EQ(printed("%@1f", -0.4), "0");
  EXPECT_EQ(printed("%@1f", -2.9), "-2");
  EXPECT_EQ(printed("%@1f", 1e20), "100000000000000000000");
  EXPECT_EQ(printed("%.0@2f", 3.0), "3.0") << "NR2 has a digit behind its point";
  EXPECT_EQ(printed("%@Hhd", -1), "#HFFFF");
  EXPECT_EQ(printed("%@Hd", -1), "#HFFFFFFFF");
  EXPECT_EQ(printed("%@Blld", -1LL), "#B" + string(64, '1'));
  EXPECT_EQ(printed("%@Hf", 255.9), "#HFF");
  EXPECT_EQ(printed("%@Hf", 1e300), "#H7FFFFFFFFFFFFFFF");
  EXPECT_EQ(printed("%08@Hd", 0xAB), "#H0000AB");
  EXPECT_EQ(printed("%+@1d", 5), "+5");
  EXPECT_EQ(printed("%@3e", std::numeric_limits<double>::infinity()), "9.900000E+37");
  EXPECT_EQ(printed("%@2f", -std::numeric_limits<double>::infinity()).substr(0, 4), "-989")
      << "the double next to 9.9E37";
  EXPECT_EQ(printed("%.2@3f", std::nan("")), "9.91E+37");
  EXPECT_EQ(printed("%@2u", -1), "4294967295.000000");
}

TEST(PrintEngine, CountsWhatItHasPut) {
  int at = -1;
  ViInt16 narrow[2] = {-1, -1};
  ViInt64 wide = -1;
  EXPECT_EQ(printed("abc%n%hn%d%lln\n", &at, narrow, 10, &wide), "abc10\n|");
  EXPECT_EQ(at, 3);
  EXPECT_EQ(narrow[0], 3);
  EXPECT_EQ(narrow[1], -1);
  EXPECT_EQ(wide, 5);
}

TEST(PrintEngine, RefusesWhatIsNoSpecifier) {
  for (const char* format : {"%",
                             "%5",
                             "%k",
                             "%m",
                             "%M",
                             "%t",
                             "%T",
                             "%q",
                             "%C",
                             "%S",
                             "%b",
                             "%B",
                             "%y",
                             "%5.2b",
                             "%-5b",
                             "%5@1b",
                             "%5!olb",
                             "%5zy",
                             "%5Zy",
                             "%5Ly",
                             "%zd",
                             "%Ld",
                             "%hf",
                             "%!d",
                             "%@d",
                             "%!old",
                             "%,d",
                             "%,2s",
                             "%,2c",
                             "%,2b",
                             "%@1s",
                             "%5n",
                             "%5%",
                             "%1%",
                             "%lhd",
                             "%llld",
                             "%**d",
                             "%.1.1f",
                             "%,1,1d",
                             "%@1@2d",
                             "%99999999999d",
                             "%.99999999999f",
                             "%,99999999999d",
                             "%5 5d",
                             "%!ob!oby",
                             "%I32d",
                             "% "}) {
    EXPECT_EQ(refused(format, 1, 1, 1, 1), Status::error_inv_fmt) << format;  // 41, 42
  }
  for (const char* format : {"%hhd", "%jd", "%ls", "%lc", "%a", "%A"}) {
    EXPECT_EQ(refused(format, 1, 1), Status::error_nsup_fmt) << format;
  }
  EXPECT_EQ(refused("%*b", 1'000'000'000, "x"), Status::error_nsup_fmt) << "ten digits of length";
  EXPECT_EQ(refused(nullptr), Status::error_inv_fmt);
}

TEST(PrintEngine, FollowsNoNullPointerAndNoNegativeCount) {
  const char* const none = nullptr;
  for (const char* format : {"%s", "%,2d", "%,2f", "%2b", "%2hb", "%2y", "%3B", "%n"}) {
    EXPECT_EQ(refused(format, none), Status::error_user_buf) << format;
  }
  EXPECT_EQ(refused("%*b", -1, "x"), Status::error_inv_fmt);
  EXPECT_EQ(refused("%*y", -1, "x"), Status::error_inv_fmt);
  EXPECT_EQ(refused("%,*d", -1, "x"), Status::error_inv_fmt);
  EXPECT_EQ(refused("%*d", std::numeric_limits<int>::min(), 1), Status::error_inv_fmt);
}

TEST(PrintEngine, ARefusedFormatPutsNothingAtAll) {
  EXPECT_EQ(printed_with({}, "abc\n %5.2b", "x").text, "");
  EXPECT_EQ(check_print_format("abc %5.2b"), Status::error_inv_fmt);
  EXPECT_EQ(check_print_format("%d\n%%%s"), Status::success);
  // What only its arguments show to be wrong comes later.
  EXPECT_EQ(printed_with({}, "abc %*b", -1, "x").text, "abc ");
}

TEST(PrintEngine, AnyPrecisionIsExact) {
  const auto small = std::numeric_limits<double>::denorm_min();
  const auto text = printed("%.2000f", small);
  EXPECT_EQ(text.size(), 2002u);
  char expected[2100];
  std::snprintf(expected, sizeof expected, "%.2000f", small);
  EXPECT_EQ(text, expected);
  std::snprintf(expected, sizeof expected, "%.1500e", 0.1);
  EXPECT_EQ(printed("%.1500e", 0.1), expected);
  std::snprintf(expected, sizeof expected, "%#.1500g", 0.1);
  EXPECT_EQ(printed("%#.1500g", 0.1), expected);
  const auto large = std::numeric_limits<double>::max();
  std::snprintf(expected, sizeof expected, "%.1100f", large);
  EXPECT_EQ(printed("%.1100f", large), expected);
}

/// Full after some bytes.
class Full : public Tape {
 private:
  Status overflow(std::string_view data) override {
    room_ -= std::min(room_, data.size());
    return room_ == 0 ? Status::error_tmo : Status::success;
  }
  std::size_t room_ = 100;
};

TEST(PrintEngine, EndsWithTheFirstFailureOfItsSink) {
  const auto status = [](const char* format, ...) {
    Full sink;
    std::va_list list;
    va_start(list, format);
    const auto result = print_to(sink, {}, format, list);
    va_end(list);
    return result;
  };
  const std::string long_text(200, 'x');
  EXPECT_EQ(status("%s", long_text.c_str()), Status::error_tmo);
  EXPECT_EQ(status("%2000000000d", 1), Status::error_tmo);
  EXPECT_EQ(status("%-2000000000d", 1), Status::error_tmo);
  EXPECT_EQ(status("%.2000000000d", 1), Status::error_tmo);
  EXPECT_EQ(status("%.2000000000e", 1.0), Status::error_tmo);
  EXPECT_EQ(status("%2000000000s", "x"), Status::error_tmo);
  const ViInt32 block[50] = {};
  EXPECT_EQ(status("%50lb", block), Status::error_tmo);
  EXPECT_EQ(status("%,50.4d", block), Status::error_tmo);
}

}  // namespace
}  // namespace visa::format
