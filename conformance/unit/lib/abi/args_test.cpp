// SPDX-License-Identifier: MIT
#include "lib/abi/args.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace visa::abi {
namespace {

TEST(Args, ShowsNamesAndValuesInOrder) {
  const Args args{in("vi", ViSession{7}), InText{"name", "GPIB::1"}, in("level", ViInt16{-3})};
  EXPECT_EQ(args.in(), "vi=7, name=\"GPIB::1\", level=-3");
  EXPECT_EQ(args.out(Status::success), "");
}

TEST(Args, ResultsShowOnlyWhatWasWritten) {
  ViUInt32 value = 5;
  const ViUInt32* none = nullptr;
  const Args args{in("vi", ViSession{1}), out("value", &value), out("none", none)};
  EXPECT_EQ(args.out(Status::success), "value=5");
  EXPECT_EQ(args.out(Status::error_tmo), "");
  const Args counted{out("count", &value, true)};
  EXPECT_EQ(counted.out(Status::error_tmo), "count=5");
}

TEST(Args, TextsAreNotFollowedAfterAFailure) {
  const Args args{OutText{"desc", reinterpret_cast<const char*>(1)}};  // would crash
  EXPECT_EQ(args.out(Status::error_tmo), "");
  EXPECT_EQ(args.in(), "");
}

TEST(Args, TextIsEscapedAndBounded) {
  EXPECT_EQ(show_text(nullptr), "NULL");
  EXPECT_EQ(show_text("a\"b\\c\n\r\t\x80"), R"("a\"b\\c\n\r\x09\x80")");
  const std::string long_text(1000, 'x');
  EXPECT_EQ(show_text(long_text.c_str()), "\"" + std::string(256, 'x') + "\"...");
  // A buffer of the caller's that holds no NUL is read no further than is shown.
  const std::string exactly(256, 'y');
  EXPECT_EQ(show_text(std::string(exactly).data()).substr(0, 258), "\"" + exactly + "\"");
}

TEST(Args, DataIsBounded) {
  EXPECT_EQ(show_bytes(nullptr, 5), "NULL");
  EXPECT_EQ(show_bytes("ab\0c", 4), R"("ab\x00c")");
  const std::string data(1000, 'd');
  EXPECT_EQ(show_bytes(data.data(), data.size()),
            "\"" + std::string(48, 'd') + "\"...(1000 bytes)");
  EXPECT_EQ(show_bytes(data.data(), 0), "\"\"");
}

TEST(Args, OutBytesShowsAsManyAsTheCountSays) {
  ViUInt32 count = 2;
  bool secret = false;
  EXPECT_EQ((OutBytes{"buf", "abcdef", &count, &secret}.out(Status::error_tmo)), "\"ab\"");
  EXPECT_EQ((OutBytes{"buf", "abcdef", nullptr, &secret}.out(Status::success)), "");
  EXPECT_EQ((OutBytes{"buf", nullptr, &count, &secret}.out(Status::success)), "");
  secret = true;
  EXPECT_EQ((OutBytes{"buf", "abcdef", &count, &secret}.out(Status::success)), "\"**\"");
  count = 100;
  EXPECT_EQ((OutBytes{"buf", "abcdef", &count, &secret}.out(Status::success)),
            "\"" + std::string(48, '*') + "\"...(100 bytes)");
}

TEST(Args, AttributesAndEventsHaveNames) {
  EXPECT_EQ(show_attribute(VI_ATTR_TMO_VALUE), "VI_ATTR_TMO_VALUE");
  EXPECT_EQ(show_attribute(0x3FFF7777), "0x3FFF7777");
  EXPECT_EQ(show_event(VI_EVENT_SERVICE_REQ), "VI_EVENT_SERVICE_REQ");
  EXPECT_EQ(show_event(VI_ALL_ENABLED_EVENTS), "VI_ALL_ENABLED_EVENTS");
  EXPECT_EQ(show_event(5), "0x00000005");
}

TEST(Args, NumbersOfEveryWidthShow) {
  EXPECT_EQ(show(ViUInt8{255}), "255");
  EXPECT_EQ(show(std::numeric_limits<ViUInt64>::max()), "18446744073709551615");
  EXPECT_EQ(show(std::numeric_limits<ViInt64>::min()), "-9223372036854775808");
  EXPECT_EQ(show(static_cast<void*>(nullptr)), "NULL");
  EXPECT_EQ(show(reinterpret_cast<void*>(0x1234)), "0x00001234");
}

TEST(Args, PasswordsInMessagesAreHiddenAndOtherAnswersAreShown) {
  const std::string message = "SYST:PASS:CEN \"geheim\"\n";
  const InBytes sent{"buf", message.data(), message.size()};
  EXPECT_EQ(sent.in().find("geheim"), std::string::npos);
  const InText format{"writeFmt", "LAN:PSK geheim\n"};
  EXPECT_EQ(format.in().find("geheim"), std::string::npos);
  const std::string answer = "PASSED 12";
  const auto count = static_cast<ViUInt32>(answer.size());
  const bool secret = false;
  const OutBytes read{"buf", answer.data(), &count, &secret};
  EXPECT_NE(read.out(Status::success).find("PASSED 12"), std::string::npos);
}

}  // namespace
}  // namespace visa::abi
