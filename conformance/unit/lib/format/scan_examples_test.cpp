// SPDX-License-Identifier: MIT
// The worked examples of reading, those of real drivers' formats among them, each with the answer
// in pieces of several sizes. The number of an example is that of the fact sheet
// (formatted_io.md 3.7).
#include <array>
#include <cstdint>

#include "conformance/unit/lib/format/scan_support.h"

namespace visa::format {
namespace {

constexpr Status kDone = Status::success;

TEST(ScanExamples, Numbers) {
  example("123\n", "\n", [](ByteSource& in) {  // 1
    std::int32_t i = 0;
    const Status status = scan_from(in, "%d", &i);
    EXPECT_EQ(i, 123);
    return status;
  });
  example("+1.5E3\n", "\n", [](ByteSource& in) {  // 2
    float f = 0;
    const Status status = scan_from(in, "%f", &f);
    EXPECT_EQ(f, 1500.0F);
    return status;
  });
  const struct {
    const char* message;
    int wanted;
  } kIntegers[] = {{"1.9\n", 1},      {"#HFF\n", 255}, {"#B101\n", 5}, {"-1.9\n", -1},
                   {"1.5E3\n", 1500}, {"#q17\n", 15},  {"+0\n", 0},    {"12345E-3\n", 12}};
  for (const auto& row : kIntegers) {  // 3, 4, 5
    example(row.message, "\n", [&row](ByteSource& in) {
      std::int32_t i = -9;
      const Status status = scan_from(in, "%d", &i);
      EXPECT_EQ(i, row.wanted);
      return status;
    });
  }
}

TEST(ScanExamples, Arrays) {
  example("1,2,3,4\n", "\n", [](ByteSource& in) {  // 6
    std::array<std::int32_t, 5> a{0, 0, 0, 0, 77};
    const Status status = scan_from(in, "%,4d", a.data());
    EXPECT_EQ(a, (std::array<std::int32_t, 5>{1, 2, 3, 4, 77}));
    return status;
  });
  example("1,2\n", "\n", [](ByteSource& in) {  // 7
    std::array<std::int32_t, 10> a{};
    std::int32_t n = 10;
    const Status status = scan_from(in, "%,#d", &n, a.data());
    EXPECT_EQ(n, 2);
    EXPECT_EQ(a[0], 1);
    EXPECT_EQ(a[1], 2);
    return status;
  });
  example("1,2,3\n", ",3\n", [](ByteSource& in) {  // 8
    std::array<std::int32_t, 3> a{0, 0, 55};
    const Status status = scan_from(in, "%,2d", a.data());
    EXPECT_EQ(a, (std::array<std::int32_t, 3>{1, 2, 55}));
    return status;
  });
}

TEST(ScanExamples, Strings) {
  example("ACME,X1,0\n", "", [](ByteSource& in) {  // 9
    char s[20] = "";
    const Status status = scan_from(in, "%t", s);
    EXPECT_STREQ(s, "ACME,X1,0\n");
    return status;
  });
  example("a b\n", " b\n", [](ByteSource& in) {  // 10
    char s[20] = "";
    const Status status = scan_from(in, "%s", s);
    EXPECT_STREQ(s, "a");
    return status;
  });
  example("line1\nline2\n", "", [](ByteSource& in) {  // 11
    char s[20] = "";
    EXPECT_EQ(scan_from(in, "%T", s), kDone);
    EXPECT_STREQ(s, "line1\n");
    const Status status = scan_from(in, "%T", s);
    EXPECT_STREQ(s, "line2\n");
    return status;
  });
  example("line1\nline2\n", "", [](ByteSource& in) {  // 12
    char s[20] = "";
    const Status status = scan_from(in, "%t", s);
    EXPECT_STREQ(s, "line1\nline2\n");
    return status;
  });
  example("abcdef gh\n", " gh\n", [](ByteSource& in) {  // 13
    char s[6] = "-----";
    const Status status = scan_from(in, "%4s", s);
    EXPECT_STREQ(s, "abcd");
    EXPECT_EQ(s[5], '\0');
    return status;
  });
  example("AB\n", "\n", [](ByteSource& in) {  // 14
    char a = 0;
    char b = 0;
    const Status status = scan_from(in, "%c%c", &a, &b);
    EXPECT_EQ(a, 'A');
    EXPECT_EQ(b, 'B');
    return status;
  });
  example("abc,def\n", "\n", [](ByteSource& in) {  // 24
    char first[20] = "";
    char second[20] = "";
    const Status status = scan_from(in, "%[^,],%s", first, second);
    EXPECT_STREQ(first, "abc");
    EXPECT_STREQ(second, "def");
    return status;
  });
}

TEST(ScanExamples, LiteralsAndTheEndOfTheInput) {
  example("FREQ 5\n", "\n", [](ByteSource& in) {  // 20
    std::int32_t i = 0;
    const Status status = scan_from(in, "FREQ %d", &i);
    EXPECT_EQ(i, 5);
    return status;
  });
  example("AMPL 5\n", "AMPL 5\n", [](ByteSource& in) {  // 21
    std::int32_t i = 99;
    const Status status = scan_from(in, "FREQ %d", &i);
    EXPECT_EQ(i, 99);
    return status;
  });
  example("7\n", "", [](ByteSource& in) {  // 22
    std::int32_t a = 0;
    std::int32_t b = 99;
    const Status status = scan_from(in, "%d %d", &a, &b);
    EXPECT_EQ(a, 7);
    EXPECT_EQ(b, 99);
    return status;
  });
  example("1,,2\n", "\n", [](ByteSource& in) {  // 23
    std::int32_t i = 0;
    const Status status = scan_from(in, "%*d,,%d", &i);
    EXPECT_EQ(i, 2);
    return status;
  });
}

TEST(ScanExamples, NothingComesAndABadFormat) {
  PieceSource nothing("", 1, false);
  std::int32_t i = 99;
  EXPECT_EQ(scan_from(nothing, "%d", &i), Status::error_tmo);  // 25
  PieceSource one("1\n");
  EXPECT_EQ(scan_from(one, "%q", &i), Status::error_inv_fmt);  // 26
  EXPECT_EQ(scan_from(one, "%d %q", &i, &i), Status::error_inv_fmt);
  EXPECT_EQ(i, 99);
  EXPECT_EQ(one.waits, 0) << "a bad format reads nothing";
  EXPECT_EQ(one.rest(), "1\n");
}

TEST(ScanExamples, ErrorQueriesOfDrivers) {
  example("+0,\"No error\"\n", "", [](ByteSource& in) {  // 27: hpe1564
    std::int32_t code = 99;
    char text[256] = "";
    const Status status = scan_from(in, "%ld,%t", &code, text);
    EXPECT_EQ(code, 0);
    EXPECT_STREQ(text, "\"No error\"\n");
    return status;
  });
  example("+0,\"No error\"\n", "\"\n", [](ByteSource& in) {  // 28: IVI and CVI drivers
    std::int32_t code = 99;
    char text[257] = "";
    const Status status = scan_from(in, "%ld,\"%256[^\"]", &code, text);
    EXPECT_EQ(code, 0);
    EXPECT_STREQ(text, "No error");
    return status;
  });
  example("0\n", "", [](ByteSource& in) {  // 29: hpe1564, ri4152a
    std::int16_t result = 99;
    const Status status = scan_from(in, "%hd%*t", &result);
    EXPECT_EQ(result, 0);
    return status;
  });
  example("+0\n", "\n", [](ByteSource& in) {  // 30: hp34401a and others
    std::array<std::int16_t, 2> result{99, 99};
    const Status status = scan_from(in, "%hd", result.data());
    EXPECT_EQ(result, (std::array<std::int16_t, 2>{0, 99}));
    return status;
  });
  example("ERR 5\n", "\n", [](ByteSource& in) {  // 36: XANM9B
    std::int16_t code = 0;
    const Status status = scan_from(in, "ERR %hd", &code);
    EXPECT_EQ(code, 5);
    return status;
  });
}

TEST(ScanExamples, IdentitiesAsDriversReadThem) {
  const char* const kNrvd = "ROHDE&SCHWARZ,NRVD,1,V1.5\n";
  example("HEWLETT-PACKARD,E1564A,0,A.01\n", "", [](ByteSource& in) {  // 31: hpe1564
    char text[64] = "";
    const Status status = scan_from(in, "%s%*t", text);
    EXPECT_STREQ(text, "HEWLETT-PACKARD,E1564A,0,A.01");
    return status;
  });
  example(kNrvd, "", [](ByteSource& in) {  // 32
    char text[257] = "";
    const Status status = scan_from(in, "%256[^,]%*T", text);
    EXPECT_STREQ(text, "ROHDE&SCHWARZ");
    return status;
  });
  example(kNrvd, "", [](ByteSource& in) {  // 33
    char text[257] = "";
    const Status status = scan_from(in, "%*[^,],%256[^,]%*T", text);
    EXPECT_STREQ(text, "NRVD");
    return status;
  });
  example(kNrvd, ",1,V1.5\n", [](ByteSource& in) {  // 34: agn8700
    char text[64] = "";
    const Status status = scan_from(in, "%*[^,],%[^,]", text);
    EXPECT_STREQ(text, "NRVD");
    return status;
  });
  example("TEKTRONIX,TDS 210,0,CF:91.1CT\n", "", [](ByteSource& in) {  // 35
    std::int32_t model = 0;
    char text[64] = "";
    const Status status = scan_from(in, "TEKTRONIX,TDS %d,%t", &model, text);
    EXPECT_EQ(model, 210);
    EXPECT_STREQ(text, "0,CF:91.1CT\n");
    return status;
  });
  example("XYZ\n", "", [](ByteSource& in) {  // 42
    char text[64];
    std::memset(text, '#', sizeof text);
    const Status status = scan_from(in, "%64c", text);
    EXPECT_EQ(std::string_view(text, 6), "XYZ\n##");
    return status;
  });
}

TEST(ScanExamples, PreamblesAndTraces) {
  example("1,2,1000,1,1E-6,0,0,0.01,0,128\n", "\n", [](ByteSource& in) {  // 37
    std::array<std::int32_t, 2> whole{};
    std::array<double, 6> real{};
    const Status status =
        scan_from(in, "%*[^,], %ld, %ld, %*[^,], %Lf, %Lf, %Lf, %Lf, %Lf, %Lf", &whole[0],
                  &whole[1], &real[0], &real[1], &real[2], &real[3], &real[4], &real[5]);
    EXPECT_EQ(whole, (std::array<std::int32_t, 2>{2, 1000}));
    EXPECT_EQ(real, (std::array<double, 6>{1E-6, 0, 0, 0.01, 0, 128}));
    return status;
  });
  const char* const kTrace = "1.0E0,2.0E0,3.0E0\n";
  example(kTrace, "\n", [](ByteSource& in) {  // 38: three programs with network analysers
    std::int32_t n = 10;
    std::array<double, 10> a{};
    const Status status = scan_from(in, "%,#lf", &n, a.data());
    EXPECT_EQ(n, 3);
    EXPECT_EQ(a[2], 3.0);
    return status;
  });
  example(kTrace, ",3.0E0\n", [](ByteSource& in) {  // 39
    std::int32_t n = 2;
    std::array<double, 3> a{0, 0, -1};
    const Status status = scan_from(in, "%,#lf", &n, a.data());
    EXPECT_EQ(n, 2);
    EXPECT_EQ(a, (std::array<double, 3>{1, 2, -1}));
    return status;
  });
  example(kTrace, "\n", [](ByteSource& in) {  // 40
    std::array<double, 1000> a;
    a.fill(-1);
    const Status status = scan_from(in, "%,1000le", a.data());
    EXPECT_EQ(a[2], 3.0);
    EXPECT_EQ(a[3], -1.0);
    return status;
  });
  example("2.5E0\n", "\n", [](ByteSource& in) {  // 46: arpps; 8 bytes, not 16
    std::array<double, 2> a{0, -1};
    const Status status = scan_from(in, "%Le", a.data());
    EXPECT_EQ(a, (std::array<double, 2>{2.5, -1}));
    return status;
  });
}

TEST(ScanExamples, WhatProgramsThrowAway) {
  example("*RST\n", "\n", [](ByteSource& in) {  // 41
    std::int32_t size = 256;
    char text[256] = "";
    const Status status = scan_from(in, "%#s", &size, text);
    EXPECT_STREQ(text, "*RST");
    EXPECT_EQ(size, 4);
    return status;
  });
  example("1\n", "", [](ByteSource& in) { return scan_from(in, "%*t"); });         // 43
  example("\n", "\n", [](ByteSource& in) { return scan_from(in, "%*[^\r\n]"); });  // 44
  example("abc\r\n", "\r\n", [](ByteSource& in) { return scan_from(in, "%*[^\r\n]"); });
  example("1000)#12\n", "#12\n", [](ByteSource& in) {  // 45: after a viRead of "#("
    std::int32_t length = 0;
    const Status status = scan_from(in, "%ld)", &length);
    EXPECT_EQ(length, 1000);
    return status;
  });
}

}  // namespace
}  // namespace visa::format
