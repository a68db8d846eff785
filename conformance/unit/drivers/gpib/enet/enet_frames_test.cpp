// SPDX-License-Identifier: MIT
#include "drivers/gpib/enet/enet_frames.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::drivers::gpib::enet {
namespace {

std::string hex(const Frame& frame) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const std::byte one : frame) {
    text += kDigits[std::to_integer<unsigned>(one) >> 4U];
    text += kDigits[std::to_integer<unsigned>(one) & 0xFU];
  }
  return text;
}

TEST(EnetFrames, AreTheBytesOfTheBox) {
  const MainEnd main{0x0A000005, 0x1234};
  EXPECT_EQ(hex(companion(main)), "55020002000012340A000005");
  EXPECT_EQ(hex(set_address({5}, 12)), "07020001050000000C000400");
  EXPECT_EQ(hex(set_address({5, std::uint8_t{0}}, 12)), "07020001056000000C000400");
  EXPECT_EQ(hex(set_address({5, std::uint8_t{30}}, 12)), "07020001057E00000C000400");
  EXPECT_EQ(hex(set_mode()), "500500000000000000000000");
  EXPECT_EQ(hex(set_flags(12)), "07001801000000000C000000");
  EXPECT_EQ(hex(set_online()), "501001000000000000000000");
  EXPECT_EQ(hex(set_queue()), "50150B000000000000000000");
  EXPECT_EQ(hex(set_bracket(true)), "580101000000000000000000");
  EXPECT_EQ(hex(set_bracket(false)), "580001000000000000000000");
  EXPECT_EQ(hex(no_notices()), "4E0100000000000000000000");
  EXPECT_EQ(hex(set_timeout(13)), "50030D000000000000000000");
  EXPECT_EQ(hex(write(0x010203)), "620000000001020300000000");
  EXPECT_EQ(hex(read(std::chrono::milliseconds(2000))), "16000000000007D000000000");
  EXPECT_EQ(hex(clear()), "040000000000000000000000");
  EXPECT_EQ(hex(trigger()), "200000000000000000000000");
  EXPECT_EQ(hex(go_to_local()), "100000000000000000000000");
  EXPECT_EQ(hex(serial_poll()), "190000000000000000000000");
  EXPECT_EQ(hex(interface_clear(main)), "4F4900000A00000512340000");
  EXPECT_EQ(hex(watch(main)), "55010002000012340A000005");
  EXPECT_EQ(hex(ask_state(0x1800)), "540018000000000000000000");
}

TEST(EnetFrames, TimesAreRoundedUpToACode) {
  using std::chrono::milliseconds;
  EXPECT_EQ(timeout_code(milliseconds(0)), 5);
  EXPECT_EQ(timeout_code(milliseconds(1)), 5);
  EXPECT_EQ(timeout_code(milliseconds(2)), 6);
  EXPECT_EQ(timeout_code(milliseconds(2000)), 12);
  EXPECT_EQ(timeout_code(milliseconds(3000)), 12);
  EXPECT_EQ(timeout_code(milliseconds(3001)), 13);
  EXPECT_EQ(timeout_code(milliseconds(5000000)), 17);
}

std::string chunk(std::string_view data, unsigned flags = 0) {
  std::string text;
  for (const unsigned word : {flags, static_cast<unsigned>(data.size())}) {
    text += static_cast<char>(word >> 8U);
    text += static_cast<char>(word & 0xFFU);
  }
  return text.append(data);
}

std::string status(unsigned state, unsigned error, unsigned count) {
  std::string text(12, '\0');
  text[0] = static_cast<char>(state >> 8U);
  text[1] = static_cast<char>(state & 0xFFU);
  text[3] = static_cast<char>(error);
  text[2] = error == 0xFF ? '\xFF' : '\0';
  text[10] = static_cast<char>(count >> 8U);
  text[11] = static_cast<char>(count & 0xFFU);
  return chunk(text);
}

const std::string kFine = status(0x0100, 0xFF, 0);

/// What a reader makes of `bytes` that come in portions of `portion`.
struct Reading {
  std::string data;
  bool done = false;
  bool broken = false;
  EnetStatus status;
  std::uint8_t status_byte = 0;
};

Reading take(ReplyKind kind, const std::string& bytes, std::size_t portion, std::size_t room) {
  ReplyReader reader(kind);
  Reading reading;
  std::vector<std::byte> buffer(room);
  for (std::size_t at = 0; at < bytes.size(); at += portion) {
    const auto part = std::string_view(bytes).substr(at, portion);
    auto input = std::as_bytes(std::span(part.data(), part.size()));
    for (;;) {
      std::span<std::byte> into(buffer);
      const std::size_t before = input.size();
      reader.take(input, into, std::nullopt);
      const std::size_t count = room - into.size();
      reading.data.append(reinterpret_cast<const char*>(buffer.data()), count);
      if (reader.done() || reader.broken()) break;
      if (count == 0 && input.size() == before) break;
    }
  }
  reading.done = reader.done();
  reading.broken = reader.broken();
  reading.status = reader.status();
  reading.status_byte = reader.status_byte();
  return reading;
}

TEST(EnetReply, AReadIsAStatusDataEndAndAStatusInAnyPortions) {
  std::string long_answer;
  for (int i = 0; i < 300; ++i) long_answer += static_cast<char>(i);
  const std::string bytes = kFine + chunk(long_answer) + chunk("x", 2).substr(0, 5) +
                            chunk("twelve bytes") + chunk("") + chunk("", 1) +
                            status(0x2100, 0xFF, 312);
  for (const std::size_t portion : {1u, 2u, 3u, 5u, 7u, 11u, 12u, 13u, 64u, 1000u}) {
    for (const std::size_t room : {1u, 2u, 12u, 13u, 1000u}) {
      const Reading reading = take(ReplyKind::read, bytes, portion, room);
      ASSERT_TRUE(reading.done) << portion << " " << room;
      ASSERT_EQ(reading.data, long_answer + "twelve bytes");
      ASSERT_EQ(reading.status.state, 0x2100);
      ASSERT_EQ(reading.status.count, 312u);
    }
  }
}

TEST(EnetReply, ATimeoutEndsWithoutAnEndChunk) {
  const Reading nothing = take(ReplyKind::read, kFine + status(0xC100, 6, 0), 100, 100);
  EXPECT_TRUE(nothing.done);
  EXPECT_TRUE(nothing.status.failed());
  const Reading part = take(ReplyKind::read, kFine + chunk("abc") + status(0xC100, 6, 3), 100, 100);
  EXPECT_TRUE(part.done);
  EXPECT_EQ(part.data, "abc");
  EXPECT_EQ(part.status.count, 3u);
}

TEST(EnetReply, TwelveBytesThatOnlyLookLikeAStatusAreData) {
  const std::string odd = status(0xC100, 6, 77).substr(4);  // another count
  const Reading reading =
      take(ReplyKind::read, kFine + chunk(odd) + chunk("", 1) + status(0x2100, 0xFF, 12), 100, 100);
  EXPECT_TRUE(reading.done);
  EXPECT_EQ(reading.data, odd);
}

TEST(EnetReply, AFailedBeginningIsTheWholeReply) {
  const Reading reading = take(ReplyKind::read, status(0x8100, 2, 0), 100, 100);
  EXPECT_TRUE(reading.done);
  EXPECT_EQ(reading.status.error, 2);
}

TEST(EnetReply, APollHasTheStatusByteAfterTheStatus) {
  const std::string bytes = chunk(kFine.substr(4) + "\x50");
  for (const std::size_t portion : {1u, 4u, 100u}) {
    const Reading reading = take(ReplyKind::poll, bytes, portion, 1);
    EXPECT_TRUE(reading.done);
    EXPECT_EQ(reading.status_byte, 0x50);
  }
}

TEST(EnetReply, APollThatFailedMayHaveNoStatusByte) {
  const Reading reading = take(ReplyKind::poll, status(0xC100, 6, 0), 5, 1);
  EXPECT_TRUE(reading.done);
  EXPECT_EQ(reading.status.error, 6);
  EXPECT_TRUE(take(ReplyKind::poll, kFine, 5, 1).broken);
}

TEST(EnetReply, AFlagWithoutDataChangesNothing) {
  const Reading late =
      take(ReplyKind::read, kFine + chunk("abc") + chunk("", 4) + status(0xC100, 6, 3), 100, 100);
  EXPECT_TRUE(late.done);
  EXPECT_EQ(late.data, "abc");
  EXPECT_EQ(late.status.error, 6);
}

TEST(EnetReply, WhatIsNoReplyIsBroken) {
  EXPECT_TRUE(take(ReplyKind::status, "HTTP/1.1 400 Bad Request\r\n", 100, 1).broken);
  EXPECT_TRUE(take(ReplyKind::status, chunk("short"), 100, 1).broken);
  EXPECT_TRUE(take(ReplyKind::status, chunk("", 1), 100, 1).broken);
  EXPECT_TRUE(take(ReplyKind::read, kFine + chunk("x", 7), 100, 1).broken);
  EXPECT_FALSE(take(ReplyKind::status, kFine.substr(0, 15), 100, 1).done);
}

TEST(EnetReply, StopsAfterTheTerminationCharacter) {
  const std::string bytes = kFine + chunk("a\nbc");
  ReplyReader reader(ReplyKind::read);
  std::vector<std::byte> buffer(10);
  std::span<std::byte> into(buffer);
  auto input = std::as_bytes(std::span(bytes.data(), bytes.size()));
  reader.take(input, into, std::uint8_t{'\n'});
  EXPECT_TRUE(reader.marked());
  EXPECT_EQ(into.size(), 8u);
  EXPECT_TRUE(reader.has_data());
  reader.take(input, into, std::uint8_t{'\n'});
  EXPECT_FALSE(reader.marked());
  EXPECT_EQ(into.size(), 6u);
}

}  // namespace
}  // namespace visa::drivers::gpib::enet
