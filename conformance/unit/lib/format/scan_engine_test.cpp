// SPDX-License-Identifier: MIT
// What holds for every read format: white space, literals, escapes, the end of the input, failures
// of the wire, null pointers. The worked examples are in scan_examples_test.
#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "conformance/unit/lib/format/scan_support.h"

namespace visa::format {
namespace {

constexpr Status kDone = Status::success;

TEST(Scan, WhiteSpaceAtTheEndOfTheFormatNeverWaits) {
  for (const char* const format : {"%d\n", "%d \t\n", "%d\\n"}) {
    PieceSource source("5 \n", 2, false);  // "5 " is needed to see where the number ends
    std::int32_t i = 0;
    EXPECT_EQ(scan_from(source, format, &i), kDone) << format;
    EXPECT_EQ(i, 5);
    EXPECT_EQ(source.rest(), "\n");
  }
  PieceSource whole("5\n");
  std::int32_t i = 0;
  EXPECT_EQ(scan_from(whole, "%d\n", &i), kDone);
  EXPECT_TRUE(whole.over()) << "what is at hand is taken, END with it";
}

TEST(Scan, WhiteSpaceMatchesAnyAmountAndNone) {
  for (const char* const message : {"1;2\n", "1 ;\r\n 2\n", "1\t;   2\n"}) {
    example(message, "\n", [](ByteSource& in) {
      std::int32_t a = 0;
      std::int32_t b = 0;
      const Status status = scan_from(in, "%d ; %d", &a, &b);
      EXPECT_EQ(a, 1);
      EXPECT_EQ(b, 2);
      return status;
    });
  }
}

TEST(Scan, EscapesSpelledOutInTheFormat) {
  example("A\"B\\1\n", "\n", [](ByteSource& in) {
    std::int32_t i = 0;
    const Status status = scan_from(in, "\\101\\\"B\\\\%d", &i);
    EXPECT_EQ(i, 1);
    return status;
  });
  example("1 2\n", "\n", [](ByteSource& in) {  // \n \r \t spelled out are white space too
    std::int32_t i = 0;
    const Status status = scan_from(in, "1\\r\\n\\t%d", &i);
    EXPECT_EQ(i, 2);
    return status;
  });
  example("1\r2\n", "\r2\n", [](ByteSource& in) { return scan_from(in, "1\\0122"); });
}

TEST(Scan, PercentMatchesItself) {
  example("50 %,3\n", "\n", [](ByteSource& in) {
    std::int32_t a = 0;
    std::int32_t b = 0;
    const Status status = scan_from(in, "%d%%,%d", &a, &b);
    EXPECT_EQ(a, 50);
    EXPECT_EQ(b, 3);
    return status;
  });
}

TEST(Scan, CountsWhatItConsumed) {
  example("ab 12,x\n", "x\n", [](ByteSource& in) {
    std::array<std::int32_t, 2> n{-1, -1};
    std::array<std::int16_t, 2> h{-1, -1};
    std::int64_t ll = -1;
    const Status status = scan_from(in, "%n%*s %hn%*d,%lln%*n", n.data(), h.data(), &ll);
    EXPECT_EQ(n, (std::array<std::int32_t, 2>{0, -1}));
    EXPECT_EQ(h, (std::array<std::int16_t, 2>{3, -1}));
    EXPECT_EQ(ll, 6);
    return status;
  });
  example("text\n", "", [](ByteSource& in) {  // after END too: it is no input
    std::int32_t n = -1;
    const Status status = scan_from(in, "%*t%n", &n);
    EXPECT_EQ(n, 5);
    return status;
  });
}

TEST(Scan, AnEmptyMessageLeavesArgumentsAlone) {
  example("", "", [](ByteSource& in) {
    std::int32_t i = 99;
    char text[9] = "before";
    const Status status = scan_from(in, "%d%s", &i, text);
    EXPECT_EQ(i, 99);
    EXPECT_STREQ(text, "before");
    return status;
  });
  example("", "", [](ByteSource& in) {
    char text[9] = "before";
    const Status status = scan_from(in, "%t", text);
    EXPECT_STREQ(text, "");  // the rest of the message is what it is
    return status;
  });
}

TEST(Scan, AFailureOfTheWireIsTheStatusAndConvertedArgumentsKeepTheirValues) {
  for (const Status failure : {Status::error_tmo, Status::error_conn_lost, Status::error_abort}) {
    PieceSource source("1 2", 1, false);
    source.failure = failure;
    std::int32_t a = 99;
    std::int32_t b = 99;
    EXPECT_EQ(scan_from(source, "%d %d", &a, &b), failure);
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 99) << "whether more digits follow is not known";
    PieceSource text("some text", 2, false);
    text.failure = failure;
    char s[20] = "--------------";
    std::int32_t n = 20;
    EXPECT_EQ(scan_from(text, "%#t", &n, s), failure);
    EXPECT_STREQ(s, "some text") << "what came is a string";
    EXPECT_EQ(n, 9);
  }
}

TEST(Scan, ANullPointerIsToldAndNotFollowed) {
  void* const null = nullptr;
  char text[9] = "";
  std::int32_t n = 9;
  const auto answer = [](const char* format, void* first, void* second) {
    PieceSource source("#15 1 2 3 4\n");
    return scan_from(source, format, first, second);
  };
  for (const char* const format : {"%d", "%lf", "%s", "%t", "%[#]", "%c", "%4b", "%4y", "%n"}) {
    EXPECT_EQ(answer(format, null, null), Status::error_user_buf) << format;
  }
  for (const char* const format : {"%,#d", "%#s", "%#b"}) {
    EXPECT_EQ(answer(format, null, text), Status::error_user_buf) << format;
    EXPECT_EQ(answer(format, &n, null), Status::error_user_buf) << format;
    EXPECT_EQ(n, 0) << "nothing was stored";
    n = 9;
  }
}

TEST(Scan, TheLocaleOfTheProgramHasNoSay) {
  const char* const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "nl_NL.UTF-8", "it_IT.UTF-8"};
  const bool comma = std::any_of(std::begin(names), std::end(names), [](const char* name) {
    return std::setlocale(LC_ALL, name) != nullptr;
  });
  if (!comma) GTEST_SKIP() << "this system has no locale with a decimal comma";
  double value = 0;
  PieceSource source("1.5,2\n");
  EXPECT_EQ(scan_from(source, "%lf", &value), kDone);
  EXPECT_EQ(value, 1.5);
  std::setlocale(LC_ALL, "C");
}

TEST(Scan, ALongDoubleOnlyWhereTheSettingsSaySo) {
  std::array<long double, 2> wide{-1, -1};
  scan_settings.long_double = true;
  PieceSource source("0.1,1e4000\n");
  EXPECT_EQ(scan_from(source, "%,2Lf", wide.data()), kDone);
  scan_settings = {};
  EXPECT_EQ(wide[0], 0.1L);
  EXPECT_EQ(wide[1], strtold("1e4000", nullptr));
  std::array<double, 3> narrow{-1, -1, -1};
  PieceSource again("0.1,1e4000\n");
  EXPECT_EQ(scan_from(again, "%,2Lf", narrow.data()), kDone);
  EXPECT_EQ(narrow, (std::array<double, 3>{0.1, HUGE_VAL, -1}));
}

// Text of `values` as an instrument may write it.
template <class T>
std::string text_of(const std::vector<T>& values, const char* format, std::mt19937& random) {
  std::string text;
  for (const T value : values) {
    char word[64];
    std::snprintf(word, sizeof word, format, value);
    text += text.empty() ? "" : random() % 16 == 0 ? ", " : ",";
    text += word;
  }
  return text + "\n";
}

TEST(ScanArray, RandomArraysComeBackWhateverThePieces) {
  std::mt19937 random(66);
  for (int round = 0; round < 300; ++round) {
    const std::size_t size = 1 + random() % 200;
    const std::size_t piece = 1 + random() % 300;
    std::vector<double> reals(size);
    std::vector<std::int32_t> wholes(size);
    for (std::size_t i = 0; i < size; ++i) {
      reals[i] =
          std::ldexp(static_cast<double>(random()) - 2e9, static_cast<int>(random() % 400) - 200);
      wholes[i] = static_cast<std::int32_t>(random()) >> (random() % 30);
    }
    std::vector<double> got(size + 1, -7);
    PieceSource in(text_of(reals, round % 2 != 0 ? "%.16E" : "%+.17g", random), piece);
    auto n = static_cast<std::int32_t>(size + static_cast<std::size_t>(round % 3));
    EXPECT_EQ(scan_from(in, "%,#lf", &n, got.data()), kDone);
    EXPECT_EQ(static_cast<std::size_t>(n), size);
    EXPECT_EQ(got.back(), -7);
    got.pop_back();
    ASSERT_EQ(got, reals);
    EXPECT_EQ(in.rest(), "\n");
    std::vector<std::int32_t> back(size, -7);
    PieceSource whole(text_of(wholes, round % 2 != 0 ? "%d" : "%+.5d", random), piece);
    EXPECT_EQ(scan_from(whole, "%,*ld", static_cast<int>(size), back.data()), kDone);
    ASSERT_EQ(back, wholes);
  }
}

TEST(ScanArray, AMillionNumbersAreTakenWhereTheyLie) {
  std::string text;
  std::vector<double> wanted;
  for (int i = 0; i < 1'000'000; ++i) {
    text += std::to_string(i % 1000) + ".5,";
    wanted.push_back(i % 1000 + 0.5);
  }
  text.back() = '\n';
  PieceSource in(text, 65'536);
  std::vector<double> got(1'000'000, -1);
  EXPECT_EQ(scan_from(in, "%,1000000lf", got.data()), kDone);
  EXPECT_TRUE(got == wanted);
  EXPECT_EQ(in.copied_directly, 0U);
  EXPECT_LE(static_cast<std::size_t>(in.waits), text.size() / 65'536 + 1);
}

TEST(ScanArray, StopsWhereNoNumberFollows) {
  const struct {
    const char* message;
    std::int32_t count;
    const char* rest;
  } kRows[] = {{"1,2;3\n", 2, ";3\n"}, {"1,2,\n", 2, ""},      {"1,2,x\n", 2, "x\n"},
               {"x\n", 0, "x\n"},      {"1 ,2\n", 1, " ,2\n"}, {"\n", 0, ""},
               {"1,\n 2,3", 3, ""},    {"1,,2\n", 1, ",2\n"},  {"1,2e,3\n", 2, "e,3\n"}};
  for (const auto& row : kRows) {
    example(row.message, row.rest, [&row](ByteSource& in) {
      std::array<float, 10> values{};
      std::int32_t n = 10;
      const Status status = scan_from(in, "%,#f", &n, values.data());
      EXPECT_EQ(n, row.count) << row.message;
      return status;
    });
  }
}

TEST(ScanArray, NoRoomTakesNothing) {
  for (const std::int32_t room : {0, -1, -2147483647}) {
    PieceSource in("1,2\n");
    std::int32_t n = room;
    double value = -1;
    EXPECT_EQ(scan_from(in, "%,#lf", &n, &value), kDone);
    EXPECT_EQ(n, 0);
    EXPECT_EQ(scan_from(in, "%,*lf", room, &value), kDone);
    EXPECT_EQ(value, -1);
    EXPECT_EQ(scan_from(in, "%lf", &value), kDone);
    EXPECT_EQ(value, 1) << "it is still there";
  }
}

TEST(ScanArray, AWidthHoldsForEachElementAndSuppressedOnesNeedNoMemory) {
  example("12345,67,89\n", "\n", [](ByteSource& in) {
    std::array<std::int32_t, 3> a{};
    std::int32_t rest = 0;
    EXPECT_EQ(scan_from(in, "%2,1d", a.data()), kDone);
    const Status status = scan_from(in, "%*,2d,%d", &rest);
    EXPECT_EQ(a[0], 12);
    EXPECT_EQ(rest, 89);
    return status;
  });
  example("1,2,3;4\n", "\n", [](ByteSource& in) {
    std::int32_t rest = 0;
    const Status status = scan_from(in, "%*,lf;%d", &rest);
    EXPECT_EQ(rest, 4);
    return status;
  });
}

TEST(Scan, SaysWhichFormatsBeginBehindWhiteSpace) {
  for (const char* const yes : {"%d", " %lf", "%*s%t", "\\n%,#lf", "%#b", "%%"}) {
    EXPECT_TRUE(begins_behind_white(yes)) << yes;
  }
  for (const char* const no : {"%t", "%*t", "%c", "%[^,]", "%T", "x%d", "", " ", "%4y", "%q"}) {
    EXPECT_FALSE(begins_behind_white(no)) << no;
  }
}

}  // namespace
}  // namespace visa::format
