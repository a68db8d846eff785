// SPDX-License-Identifier: MIT
// Messages to and from an instrument that behaves, and what the calls carry.
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_vxi11.h"
#include "conformance/unit/support/once_within.h"

namespace visa::test {
namespace {

using spi::StopReason;

spi::EndRule termchar_rule(char termchar = '\n', bool suppress_end = false) {
  spi::EndRule rule;
  rule.termchar_enabled = true;
  rule.termchar = static_cast<std::uint8_t>(termchar);
  rule.suppress_end = suppress_end;
  return rule;
}

TEST(Vxi11Transfer, QueryIsOneWriteAndOneRead) {
  OpenVxi11 device;
  device.instrument.says("ACME,1\n");
  EXPECT_EQ(device.write("*IDN?\n").count, 6u);
  const Reading reading = device.read(1024);
  EXPECT_EQ(reading.status, Status::success);
  EXPECT_EQ(reading.reason, StopReason::end);
  EXPECT_EQ(reading.data, "ACME,1\n");
  EXPECT_EQ(device.instrument.written(), "*IDN?\n");
  EXPECT_EQ(device.instrument.count(kDeviceWrite), 1u);
  EXPECT_EQ(device.instrument.count(kDeviceRead), 1u);
}

TEST(Vxi11Transfer, EveryLengthArrivesWhole) {  // each padding, both directions
  OpenVxi11 device;
  for (std::size_t size = 1; size <= 9; ++size) {
    const std::string text(size, static_cast<char>('a' + size));
    device.instrument.says(text);
    EXPECT_EQ(device.write(text).count, size);
    EXPECT_EQ(device.read(100).data, text);
  }
  EXPECT_EQ(device.instrument.written().size(), 45u);
}

TEST(Vxi11Transfer, NothingToMoveTouchesNoWire) {
  OpenVxi11 device;
  EXPECT_EQ(device.write("").status, Status::success);
  const Reading reading = device.read(0);
  EXPECT_EQ(reading.status, Status::success);
  EXPECT_EQ(reading.reason, StopReason::count);
  EXPECT_EQ(device.instrument.count(kDeviceWrite) + device.instrument.count(kDeviceRead), 0u);
}

TEST(Vxi11Transfer, WriteCarriesItsArgumentsInTheRightOrder) {  // B.5.3, B.5.4
  OpenVxi11 device;
  device.write("abc", milliseconds(4321));
  device.write("abc", milliseconds(4321), spi::WriteEnd::none);
  const auto seen = device.instrument.seen(kDeviceWrite);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].word(0), FakeInstrument::kLink);
  EXPECT_EQ(seen[0].word(1), 4321u);  // io_timeout, to the millisecond
  EXPECT_EQ(seen[0].word(2), 0u);     // lock_timeout: pain 27
  EXPECT_EQ(seen[0].word(3), 0x08u);  // END and nothing else
  EXPECT_EQ(seen[0].opaque(4), "abc");
  EXPECT_EQ(seen[1].word(3), 0u);
}

TEST(Vxi11Transfer, ReadCarriesItsArgumentsInTheRightOrder) {  // B.5.3, B.5.4, B.6.22
  OpenVxi11 device;
  device.instrument.says("one\ntwo");
  device.read(77, milliseconds(4321), termchar_rule());
  device.read(50, milliseconds(1234));
  const auto seen = device.instrument.seen(kDeviceRead);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].word(0), FakeInstrument::kLink);
  EXPECT_EQ(seen[0].word(1), 77u);
  EXPECT_EQ(seen[0].word(2), 4321u);
  EXPECT_EQ(seen[0].word(3), 0u);
  EXPECT_EQ(seen[0].word(4), 0x80u);
  EXPECT_EQ(seen[0].word(5), 10u);
  EXPECT_EQ(seen[1].word(1), 50u);
  EXPECT_EQ(seen[1].word(2), 1234u);
  EXPECT_EQ(seen[1].word(4), 0u);
  EXPECT_EQ(seen[1].word(5), 0u);
}

TEST(Vxi11Transfer, InfiniteTimeoutIsTheLongestThatIsNotNegative) {
  OpenVxi11 device;
  Call call(Deadline::infinite());
  device.channel->write(bytes("abc"), spi::WriteEnd::end, call);
  EXPECT_EQ(device.instrument.seen(kDeviceWrite).at(0).word(1), 0x7FFFFFFFu);
}

TEST(Vxi11Transfer, ImmediateTimeoutIsAShortOneOnTheWire) {  // an io_timeout of 0 is undefined
  OpenVxi11 device;
  device.instrument.says("there");
  Call call(Deadline::immediate());
  call.timeout = milliseconds(0);
  const Reading reading = device.read(100, {}, call);
  EXPECT_EQ(reading.data, "there");
  const std::uint32_t sent = device.instrument.seen(kDeviceRead).at(0).word(2);
  EXPECT_GE(sent, 1u);
  EXPECT_LE(sent, 50u);
  EXPECT_TRUE(once_within(milliseconds(60), [&] {
    Call again(Deadline::immediate());
    return time_of([&] { EXPECT_EQ(device.read(100, {}, again).status, Status::error_tmo); });
  }));
}

TEST(Vxi11Transfer, WriteIsDividedAsTheInstrumentSays) {  // B.6.5; END with the last piece alone
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.max_receive = 64; });
  const std::string text(405, 'x');
  EXPECT_EQ(device.write(text).count, 405u);
  EXPECT_EQ(device.instrument.written(), text);
  const auto seen = device.instrument.seen(kDeviceWrite);
  ASSERT_EQ(seen.size(), 7u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].word(4), i < 6 ? 64u : 21u);
    EXPECT_EQ(seen[i].word(3), i < 6 ? 0u : 8u);
  }
}

TEST(Vxi11Transfer, MaxRecvSizeNonsenseIsSurvived) {  // Infiniium firmware says 0
  OpenVxi11 zero([](FakeInstrument& instrument) { instrument.max_receive = 0; });
  EXPECT_EQ(zero.write(std::string(3000, 'x')).count, 3000u);
  EXPECT_EQ(zero.instrument.seen(kDeviceWrite).at(0).word(4), 1024u);
  OpenVxi11 huge([](FakeInstrument& instrument) { instrument.max_receive = 0xFFFFFFFF; });
  EXPECT_EQ(huge.write(std::string(3'000'000, 'x')).count, 3'000'000u);
  EXPECT_EQ(huge.instrument.count(kDeviceWrite), 3u);
  OpenVxi11 one([](FakeInstrument& instrument) { instrument.max_receive = 1; });
  EXPECT_EQ(one.write("abc").count, 3u);
  EXPECT_EQ(one.instrument.written(), "abc");
}

TEST(Vxi11Transfer, ShortlyTakenPieceIsSentAgainFromThere) {
  OpenVxi11 device;
  device.instrument.next(kDeviceWrite, {.words = {0, 2}});
  device.instrument.next(kDeviceWrite, {.words = {0, 1}});
  EXPECT_EQ(device.write("abcdef").count, 6u);
  const auto seen = device.instrument.seen(kDeviceWrite);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[1].opaque(4), "cdef");
  EXPECT_EQ(seen[2].opaque(4), "def");
  EXPECT_EQ(seen[2].word(3), 0x08u);
}

TEST(Vxi11Transfer, InstrumentThatTakesNothingIsAnErrorAndNoLoop) {
  OpenVxi11 device;
  device.instrument.next(kDeviceWrite, {.words = {0, 0}});
  EXPECT_EQ(device.write("abcdef").status, Status::error_io);
  device.expect_in_step();
}

TEST(Vxi11Transfer, MoreTakenThanSentIsAllOfIt) {
  OpenVxi11 device;
  device.instrument.next(kDeviceWrite, {.words = {0, 0xFFFFFFFF}});
  EXPECT_EQ(device.write("abcdef").count, 6u);
}

TEST(Vxi11Transfer, FailedWriteCountsWhatWasTaken) {  // B.6.21
  OpenVxi11 device([](FakeInstrument& instrument) { instrument.max_receive = 4; });
  device.instrument.next(kDeviceWrite, {.words = {0, 4}});
  device.instrument.next(kDeviceWrite, {.words = {17, 3}});
  const auto result = device.write("abcdefghij");
  EXPECT_EQ(result.status, Status::error_io);
  EXPECT_EQ(result.count, 7u);
}

TEST(Vxi11Transfer, ReadEndsByCountWithTheRestForTheNext) {  // 6.1.3
  OpenVxi11 device;
  device.instrument.says("abcdefgh");
  const Reading first = device.read(5);
  EXPECT_EQ(first.data, "abcde");
  EXPECT_EQ(first.reason, StopReason::count);
  const Reading second = device.read(5);
  EXPECT_EQ(second.data, "fgh");
  EXPECT_EQ(second.reason, StopReason::end);
}

TEST(Vxi11Transfer, EndOutranksTheFullBuffer) {  // 6.1.1: 65 bytes into 65
  OpenVxi11 device;
  device.instrument.says(std::string(65, 'x'));
  EXPECT_EQ(device.read(65).reason, StopReason::end);
}

TEST(Vxi11Transfer, EndOutranksTheTerminationCharacter) {
  OpenVxi11 device;
  device.instrument.says("line\n");
  EXPECT_EQ(device.read(100, kLong, termchar_rule()).reason, StopReason::end);
}

TEST(Vxi11Transfer, TerminationCharacterEndsTheRead) {  // 6.1.2
  OpenVxi11 device;
  device.instrument.says("one;two");
  const Reading reading = device.read(100, kLong, termchar_rule(';'));
  EXPECT_EQ(reading.data, "one;");
  EXPECT_EQ(reading.reason, StopReason::termchar);
}

TEST(Vxi11Transfer, UnwantedTerminationCharacterIsNone) {  // 6.1.5
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 2}, .data = "one;"});
  device.instrument.says("two");
  const Reading reading = device.read(100);
  EXPECT_EQ(reading.data, "one;two");
  EXPECT_EQ(reading.reason, StopReason::end);
}

// Servers that ignore termchrset and never set END; the reason is 0 or the count.
TEST(Vxi11Transfer, AnswerWithoutEndIsOverWithTheTerminationCharacter) {
  for (const std::uint32_t error : {0u, 15u}) {
    for (const std::uint32_t reason : {0u, 1u}) {
      OpenVxi11 device;
      device.instrument.next(kDeviceRead, {.words = {error, reason}, .data = "abc\n"});
      const Reading reading = device.read(100, kLong, termchar_rule());
      EXPECT_EQ(reading.status, Status::success) << reading.detail;
      EXPECT_EQ(reading.data, "abc\n");
      EXPECT_EQ(reading.reason, StopReason::termchar);
      EXPECT_EQ(device.instrument.count(kDeviceRead), 1u);
      device.expect_in_step();
    }
  }
}

TEST(Vxi11Transfer, TerminationCharacterWinsOverTheCount) {  // 6.1.1 to 6.1.3
  for (const std::uint32_t reason : {0u, 1u, 2u, 3u}) {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead, {.words = {0, reason}, .data = "abc\n"});
    EXPECT_EQ(device.read(4, kLong, termchar_rule()).reason, StopReason::termchar);
    device.instrument.next(kDeviceRead, {.words = {0, reason | 4}, .data = "abc\n"});
    EXPECT_EQ(device.read(4, kLong, termchar_rule()).reason, StopReason::end);
    device.instrument.next(kDeviceRead, {.words = {0, reason | 4}, .data = "abc\n"});
    EXPECT_EQ(device.read(4, kLong, termchar_rule('\n', true)).reason, StopReason::termchar);
  }
}

TEST(Vxi11Transfer, WithoutEndTheReadGoesOnToTheTerminationCharacter) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = "ab"});
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = ""});
  device.instrument.next(kDeviceRead, {.words = {0, 1}, .data = "c\n"});
  const Reading reading = device.read(100, kLong, termchar_rule());
  EXPECT_EQ(reading.data, "abc\n");
  EXPECT_EQ(reading.reason, StopReason::termchar);
}

TEST(Vxi11Transfer, LineFeedThatNobodyNamedEndsNothing) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = "ab\n"});
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "c"});
  EXPECT_EQ(device.read(100).data, "ab\nc");
}

TEST(Vxi11Transfer, SuppressedEndReadsOnToTheCount) {  // 6.1.4
  OpenVxi11 device;
  device.instrument.says("abc");
  device.instrument.says("defgh");
  spi::EndRule rule;
  rule.suppress_end = true;
  const Reading reading = device.read(6, kLong, rule);
  EXPECT_EQ(reading.data, "abcdef");
  EXPECT_EQ(reading.reason, StopReason::count);
  const auto seen = device.instrument.seen(kDeviceRead);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[1].word(1), 3u);
}

TEST(Vxi11Transfer, FullReplyBufferMeansAskAgain) {  // B.6.23 1.d: reason 0
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = "abc"});
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = ""});
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "de"});
  const Reading reading = device.read(100);
  EXPECT_EQ(reading.data, "abcde");
  EXPECT_EQ(device.instrument.count(kDeviceRead), 3u);
}

TEST(Vxi11Transfer, FurtherReadsOfACallHaveTheTimeThatIsLeft) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = "abc"});
  device.instrument.always(kDeviceRead, {.hold = true});
  EXPECT_EQ(device.read(100, milliseconds(300)).data, "abc");
  const auto seen = device.instrument.seen(kDeviceRead);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].word(2), 300u);
  EXPECT_LE(seen[1].word(2), 300u);
  EXPECT_EQ(seen[1].word(1), 97u);
}

TEST(Vxi11Transfer, ReadTimeoutOfTheInstrumentDeliversWhatCame) {  // B.6.27
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {15, 0}, .data = "abc"});
  device.instrument.always(kDeviceRead, {.hold = true});
  const Reading reading = device.read(100, milliseconds(100));
  EXPECT_EQ(reading.status, Status::error_tmo);
  EXPECT_EQ(reading.data, "abc");
}

TEST(Vxi11Transfer, InfiniteReadOutlivesTheTimeoutOfTheInstrument) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {15, 0}, .data = "ab"});
  device.instrument.next(kDeviceRead, {.words = {15, 0}, .data = ""});
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "c"});
  Call call(Deadline::infinite());
  const Reading reading = device.read(100, {}, call);
  EXPECT_EQ(reading.status, Status::success);
  EXPECT_EQ(reading.data, "abc");
}

TEST(Vxi11Transfer, LargeReplyArrivesWholeInOneCall) {
  OpenVxi11 device;
  std::string text(5'000'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 >> 3);
  device.instrument.says(text);
  const Reading reading = device.read(6'000'000);
  EXPECT_TRUE(reading.data == text);
  EXPECT_EQ(device.instrument.count(kDeviceRead), 1u);
}

struct Mapping {
  std::uint32_t error;
  Status status;
};

class Vxi11Error : public testing::TestWithParam<Mapping> {};

TEST_P(Vxi11Error, OfAReadIsToldAndSpoilsThatCallAlone) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {GetParam().error, 0}, .data = ""});
  const Reading reading = device.read(100, milliseconds(0));
  EXPECT_EQ(reading.status, GetParam().status);
  EXPECT_FALSE(reading.detail.empty());
  device.expect_in_step();
}

TEST_P(Vxi11Error, OfAWriteIsToldAndSpoilsThatCallAlone) {
  OpenVxi11 device;
  device.instrument.next(kDeviceWrite, {.words = {GetParam().error, 0}});
  EXPECT_EQ(device.write("abc", milliseconds(0)).status, GetParam().status);
  device.expect_in_step();
}

TEST_P(Vxi11Error, WithoutFurtherResultsIsReadAsWell) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {GetParam().error}});
  EXPECT_EQ(device.read(100, milliseconds(0)).status, GetParam().status);
  device.expect_in_step();
}

INSTANTIATE_TEST_SUITE_P(
    Codes, Vxi11Error,
    testing::Values(Mapping{1, Status::error_io}, Mapping{3, Status::error_io},
                    Mapping{4, Status::error_io}, Mapping{5, Status::error_io},
                    Mapping{8, Status::error_nsup_oper}, Mapping{9, Status::error_alloc},
                    Mapping{11, Status::error_rsrc_locked}, Mapping{12, Status::error_sesn_nlocked},
                    Mapping{15, Status::error_tmo}, Mapping{17, Status::error_io},
                    Mapping{21, Status::error_io}, Mapping{23, Status::error_abort},
                    Mapping{2, Status::error_io}, Mapping{1234, Status::error_io},
                    Mapping{0xFFFFFFFF, Status::error_io}),
    [](const auto& one) { return "Error" + std::to_string(one.param.error); });

}  // namespace
}  // namespace visa::test
