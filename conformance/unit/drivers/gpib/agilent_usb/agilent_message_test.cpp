// SPDX-License-Identifier: MIT
// The bytes of each request, and what is no reply to it.
#include "drivers/gpib/agilent_usb/agilent_message.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace visa::drivers::gpib::agilent {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes made;
  for (const unsigned one : values) made.push_back(static_cast<std::byte>(one));
  return made;
}

TEST(AgilentMessage, WritesAndReadsRegisters) {
  Bytes request;
  const std::array<RegisterWrite, 2> writes{{{0x0B, 0x20}, {0x0C, 0x01}}};
  write_registers(writes, request);
  EXPECT_EQ(request, bytes({0x04, 2, 0x0B, 0x20, 0x0C, 0x01}));
  const std::array<std::uint8_t, 2> addresses{3, 2};
  read_registers(addresses, request);
  EXPECT_EQ(request, bytes({0x05, 2, 3, 2}));
}

TEST(AgilentMessage, NeverNamesMoreRegistersThanTheFirmwareTakes) {
  Bytes request;
  const std::vector<RegisterWrite> writes(40, RegisterWrite{1, 2});
  write_registers(writes, request);
  EXPECT_EQ(request.size(), 2 + 2 * kMostWrites);
  const std::vector<std::uint8_t> addresses(40, 3);
  read_registers(addresses, request);
  EXPECT_EQ(request.size(), 2 + kMostReads);
}

TEST(AgilentMessage, SaysLengthAndFlagsOfAWriteAndARead) {
  Bytes request;
  send_header(kSendCommands, 0x01020304, request);
  EXPECT_EQ(request, bytes({0x01, 0, 0, 0x1E, 4, 3, 2, 1}));
  receive_request(300, std::nullopt, request);
  EXPECT_EQ(request, bytes({0x03, 0, 0, 0x03, 0x2C, 0x01, 0, 0, 0}));
  receive_request(1, std::uint8_t{'\n'}, request);
  EXPECT_EQ(request, bytes({0x03, 0, 0, 0x07, 1, 0, 0, 0, '\n'}));
}

TEST(AgilentMessage, TakesOnlyTheReplyOfItsRequest) {
  EXPECT_TRUE(parse_written(bytes({0xFB, 0})).fits);
  EXPECT_EQ(parse_written(bytes({0xFB, 3})).error, 3);
  EXPECT_FALSE(parse_written(bytes({0xFA, 0})).fits);
  EXPECT_FALSE(parse_written(bytes({0xFB})).fits);
  EXPECT_FALSE(parse_written(bytes({0xFB, 0, 7})).fits);
  EXPECT_FALSE(parse_written({}).fits);
  const auto reply = bytes({0xFA, 0, 0x85, 2});
  const auto values = parse_registers(reply, 2);
  EXPECT_TRUE(values.fits);
  ASSERT_EQ(values.values.size(), 2U);
  EXPECT_EQ(values.values[0], std::byte{0x85});
  EXPECT_FALSE(parse_registers(reply, 1).fits);
  EXPECT_FALSE(parse_registers(reply, 3).fits);
  EXPECT_TRUE(parse_registers(bytes({0xFA, 2}), 2).fits);  // refused: no values
}

TEST(AgilentMessage, TakesTheLastByteOfAReadForItsEnd) {
  const auto reply = bytes({'1', '.', 0x01});
  const auto got = parse_received(reply, 2);
  EXPECT_TRUE(got.fits);
  EXPECT_EQ(got.data.size(), 2U);
  EXPECT_EQ(got.end, kEndEoi);
  EXPECT_FALSE(parse_received(reply, 1).fits);
  EXPECT_FALSE(parse_received({}, 5).fits);
  EXPECT_EQ(parse_received(bytes({0x80}), 5).end, kEndNotListener);
}

TEST(AgilentMessage, SeesThatMoreOfAReplyHasToCome) {
  EXPECT_TRUE(is_part_of_registers(bytes({0xFB}), 0));
  EXPECT_FALSE(is_part_of_registers(bytes({0xFB, 0}), 0));
  EXPECT_TRUE(is_part_of_registers(bytes({0xFA, 0, 1}), 2));
  EXPECT_FALSE(is_part_of_registers(bytes({0xFA, 2}), 2));
  EXPECT_FALSE(is_part_of_registers(bytes({0xFB}), 2));  // of another request
  EXPECT_TRUE(is_part_of_read(bytes({'1', '.'}), 10, false));
  EXPECT_TRUE(is_part_of_read(bytes({'1', '\n'}), 10, false));
  EXPECT_FALSE(is_part_of_read(bytes({'1', '\n', kEndEoi}), 10, false));
  EXPECT_FALSE(is_part_of_read(bytes({'1', '\n', kEndTermchar}), 10, true));
  EXPECT_FALSE(is_part_of_read(bytes({'1', kEndCount}), 1, false));
  EXPECT_FALSE(is_part_of_read(bytes({kEndNotListener}), 10, false));
  EXPECT_TRUE(is_part_of_read({}, 10, false));
  EXPECT_TRUE(is_part_of_registers({}, 0));
}

TEST(AgilentMessage, CountsNoMoreThanWasSent) {
  const auto answer = bytes({0, 0, 0x10, 0x27, 0, 0, 9, 9});
  EXPECT_EQ(parse_status(answer, 10000), 10000U);
  EXPECT_EQ(parse_status(answer, 9999), std::nullopt);
  EXPECT_EQ(parse_status(bytes({0, 0, 1, 0, 0}), 10), std::nullopt);
}

TEST(AgilentMessage, KnowsAnAbortThatWasAccepted) {
  EXPECT_TRUE(parse_abort(bytes({0x5F, 0})));
  EXPECT_TRUE(parse_abort(bytes({0x5F, 6})));
  EXPECT_FALSE(parse_abort(bytes({0x5F, 1})));
  EXPECT_FALSE(parse_abort(bytes({0x5E, 0})));
  EXPECT_FALSE(parse_abort(bytes({0x5F})));
}

TEST(AgilentMessage, ReadsReportsAndErrors) {
  EXPECT_TRUE(parse_report(bytes({0x01, 0})).service_request);
  EXPECT_TRUE(parse_report(bytes({0x02})).sent);
  EXPECT_FALSE(parse_report(bytes({0x04})).sent);
  EXPECT_FALSE(parse_report({}).service_request);
  EXPECT_EQ(error_text(3), "no register");
  EXPECT_EQ(error_text(200), "an error of its own");
}

TEST(AgilentMessage, OfAReadThatWasStoppedAllBytesAreData) {
  const Bytes reply = bytes({'a', 'b', kEndEoi});
  const auto got = parse_cut_off(reply, 5);
  EXPECT_TRUE(got.fits);
  EXPECT_EQ(got.data.size(), 3U);
  EXPECT_EQ(got.end, 0);
  EXPECT_EQ(parse_cut_off(reply, 2).data.size(), 2U);
  EXPECT_TRUE(parse_cut_off({}, 2).data.empty());
}

}  // namespace
}  // namespace visa::drivers::gpib::agilent
