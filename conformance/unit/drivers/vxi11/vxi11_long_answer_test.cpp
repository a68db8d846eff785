// SPDX-License-Identifier: MIT
// A device_read that brings more than was asked for, against B.6.22, as three of five open servers
// and some instruments do: nothing of it is lost and no length on the wire is believed.
#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/connect_from.h"
#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {
namespace {

using spi::StopReason;

const std::string kText = "0123456789abcdefghijklmnopqrstuvwxyz!";

Answer data_answer(std::string text, Answer answer = {}) {
  answer.words = {0, 4};
  answer.data = std::move(text);
  return answer;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 3);
  return text;
}

Status status_byte(OpenVxi11& device) {
  Call call(Deadline::after(kLong));
  return device.channel->read_status_byte(call).status();
}

TEST(Vxi11LongAnswer, IsReadInAsManyPiecesAsOneLikes) {
  for (const std::size_t step : {1u, 2u, 5u, 36u}) {
    for (const Answer& shape : {Answer{}, Answer{.fragments = {41, 3, 7}}, Answer{.pieces = 5}}) {
      OpenVxi11 device;
      device.instrument.next(kDeviceRead, data_answer(kText, shape));
      std::string all;
      Reading reading;
      do {
        reading = device.read(step);
        ASSERT_EQ(reading.status, Status::success) << reading.detail;
        all += reading.data;
        ASSERT_EQ(reading.reason, all.size() < kText.size() ? StopReason::count : StopReason::end);
        ASSERT_FALSE(reading.data.empty());
      } while (reading.reason == StopReason::count);
      EXPECT_EQ(all, kText);
      EXPECT_EQ(device.instrument.count(kDeviceRead), 1u);
      device.expect_in_step();
    }
  }
}

TEST(Vxi11LongAnswer, IsDroppedByAWriteAndByAClear) {
  for (const bool clears : {false, true}) {
    OpenVxi11 device;
    device.instrument.next(kDeviceRead, data_answer(pattern(200'000)));
    EXPECT_EQ(device.read(5).data, pattern(5));
    Call call(Deadline::after(kLong));
    if (clears) {
      EXPECT_EQ(device.channel->clear(call), Status::success);
    }
    if (!clears) {
      EXPECT_EQ(device.write("abc").status, Status::success);
    }
    device.instrument.says("new");
    EXPECT_EQ(device.read(100).data, "new");
    device.expect_in_step();
  }
}

// An instrument that still sends takes nothing: a large write and the rest of the answer filled the
// buffers of both sides, and the write ended by its deadline.
TEST(Vxi11LongAnswer, IsTakenOffTheWireBeforeALargeWrite) {
  const SmallSendBuffer little;
  OpenVxi11 device([](FakeInstrument& instrument) {
    instrument.max_receive = 1u << 30;
    instrument.set_receive_buffer(4096);
  });
  device.instrument.next(kDeviceRead, data_answer(pattern(40'000'000)));
  EXPECT_EQ(device.read(5).data, pattern(5));
  const std::string large = pattern(500'000);
  const auto written = device.write(large);
  EXPECT_EQ(written.status, Status::success);
  EXPECT_EQ(written.count, large.size());
  EXPECT_TRUE(device.instrument.written() == large);
  device.expect_in_step();
}

TEST(Vxi11LongAnswer, OutlivesCallsThatMoveNoMessage) {
  OpenVxi11 device;
  const std::string text = pattern(300'000);
  device.instrument.next(kDeviceRead, data_answer(text));
  std::string all = device.read(7).data;
  EXPECT_EQ(status_byte(device), Status::success);
  all += device.read(100'000).data;
  EXPECT_EQ(status_byte(device), Status::success);
  const Reading rest = device.read(300'000);
  EXPECT_EQ(rest.reason, StopReason::end);
  EXPECT_TRUE(all + rest.data == text);
  device.expect_in_step();
}

TEST(Vxi11LongAnswer, ObeysTheTerminationCharacter) {
  for (const bool kept : {false, true}) {
    OpenVxi11 device;
    spi::EndRule rule;
    rule.termchar_enabled = true;
    rule.termchar = ';';
    device.instrument.next(kDeviceRead, data_answer("a;bc;def;gh"));
    const Reading first = device.read(2, kLong, rule);
    EXPECT_EQ(first.data, "a;");
    EXPECT_EQ(first.reason, StopReason::termchar);
    if (kept) {
      EXPECT_EQ(status_byte(device), Status::success);
    }
    EXPECT_EQ(device.read(1, kLong, rule).reason, StopReason::count);
    const Reading line = device.read(100, kLong, rule);
    EXPECT_EQ(line.data, "c;");
    EXPECT_EQ(line.reason, StopReason::termchar);
    EXPECT_EQ(device.read(100, kLong, rule).data, "def;");
    const Reading end = device.read(100, kLong, rule);
    EXPECT_EQ(end.data, "gh");
    EXPECT_EQ(end.reason, StopReason::end);
    device.expect_in_step();
  }
}

TEST(Vxi11LongAnswer, WithoutEndIsFollowedByAnotherRead) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, {.words = {0, 0}, .data = "abcde"});
  device.instrument.next(kDeviceRead, {.words = {0, 4}, .data = "fg"});
  EXPECT_EQ(device.read(3).data, "abc");
  const Reading rest = device.read(100);
  EXPECT_EQ(rest.data, "defg");
  EXPECT_EQ(rest.reason, StopReason::end);
}

TEST(Vxi11LongAnswer, SuppressedEndReadsOn) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer("abcde"));
  device.instrument.says("fghi");
  spi::EndRule rule;
  rule.suppress_end = true;
  EXPECT_EQ(device.read(3, kLong, rule).data, "abc");
  const Reading rest = device.read(4, kLong, rule);
  EXPECT_EQ(rest.data, "defg");
  EXPECT_EQ(rest.reason, StopReason::count);
}

TEST(Vxi11LongAnswer, WhatHasComeIsReadWithoutTheRest) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer(pattern(1000), {.stalls_at = 40 + 100}));
  EXPECT_EQ(device.read(10).data.size(), 10u);
  EXPECT_EQ(device.read(50, milliseconds(5000)).data.size(), 50u);
  const Reading late = device.read(500, milliseconds(100));
  EXPECT_EQ(late.status, Status::error_tmo);
  EXPECT_EQ(late.data.size(), 40u);
  EXPECT_EQ(device.read(500, milliseconds(50)).status, Status::error_tmo);
  device.instrument.finish_stalled();
  const Reading rest = device.read(2000);
  EXPECT_EQ(rest.reason, StopReason::end);
  EXPECT_TRUE(rest.data == pattern(1000).substr(100));
}

TEST(Vxi11LongAnswer, LineThatIsThereNeedsNotTheRest) {
  OpenVxi11 device;
  spi::EndRule rule;
  rule.termchar_enabled = true;
  device.instrument.next(kDeviceRead, data_answer("ab\n" + pattern(1000), {.stalls_at = 43}));
  EXPECT_EQ(device.read(1, kLong, rule).data, "a");
  EXPECT_EQ(device.read(500, milliseconds(5000), rule).data, "b\n");
}

TEST(Vxi11LongAnswer, LengthThatCannotBeIsBelievedOnlyAsFarAsItComes) {
  for (const std::uint32_t length : {100u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
    for (const bool kept : {false, true}) {
      OpenVxi11 device;
      device.instrument.next(kDeviceRead, data_answer(kText, {.padded = false, .length = length}));
      EXPECT_EQ(device.read(10).data, kText.substr(0, 10));
      if (kept) {
        EXPECT_EQ(status_byte(device), Status::success);
      }
      const Reading rest = device.read(1000);
      EXPECT_EQ(rest.status, Status::error_io);
      EXPECT_EQ(rest.data, kText.substr(10));
      EXPECT_NE(rest.detail.find("cut short"), std::string::npos);
      device.expect_in_step();
    }
  }
}

TEST(Vxi11LongAnswer, FarLargerOneIsReadToItsEnd) {
  OpenVxi11 device;
  const std::string text = pattern(64'000'000);
  device.instrument.next(kDeviceRead, data_answer(text));
  std::string all = device.read(1000).data;
  const Reading rest = device.read(text.size());
  EXPECT_EQ(rest.reason, StopReason::end);
  EXPECT_TRUE(all + rest.data == text);
}

TEST(Vxi11LongAnswer, OfFarLargerOneABoundedPartWaitsAndTheTextSaysSo) {
  OpenVxi11 device;
  const std::string text = pattern(20'000'000);
  device.instrument.next(kDeviceRead, data_answer(text));
  EXPECT_EQ(device.read(1000).data.size(), 1000u);
  EXPECT_EQ(status_byte(device), Status::success);
  const Reading rest = device.read(text.size());
  EXPECT_EQ(rest.status, Status::error_io);
  EXPECT_NE(rest.detail.find("16777216"), std::string::npos) << rest.detail;
  EXPECT_TRUE(rest.data == text.substr(1000, 16'777'216));
  device.expect_in_step();
}

TEST(Vxi11LongAnswer, ConnectionThatEndsInTheRestIsLost) {
  OpenVxi11 device;
  device.instrument.next(kDeviceRead, data_answer(kText, {.closes = true, .stalls_at = 60}));
  EXPECT_EQ(device.read(10).status, Status::success);
  const Reading rest = device.read(100);
  EXPECT_EQ(rest.status, Status::error_conn_lost);
  EXPECT_EQ(rest.data, kText.substr(10, 10));
  EXPECT_EQ(device.write("abc").status, Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
