// SPDX-License-Identifier: MIT
// The headers byte by byte, and the counters of tags.
#include "drivers/usb/tmc_header.h"

#include <gtest/gtest.h>

#include <set>

namespace visa::test {
namespace {

using namespace drivers::usb;

std::vector<int> bytes_of(const Header& header) {
  std::vector<int> bytes;
  for (const auto byte : header) bytes.push_back(std::to_integer<int>(byte));
  return bytes;
}

TEST(TmcHeader, MessageOut) {
  EXPECT_EQ(bytes_of(message_header(MessageId::dev_dep_out, 3, 0x01020304, true)),
            (std::vector{1, 3, 0xFC, 0, 4, 3, 2, 1, 1, 0, 0, 0}));
  EXPECT_EQ(bytes_of(message_header(MessageId::dev_dep_out, 255, 1, false)),
            (std::vector{1, 255, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(bytes_of(message_header(MessageId::vendor_out, 1, 2, true)),
            (std::vector{126, 1, 254, 0, 2, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(TmcHeader, Request) {
  EXPECT_EQ(bytes_of(request_header(MessageId::dev_dep_in, 4, 0xFFFFFFFF, '\n')),
            (std::vector{2, 4, 0xFB, 0, 255, 255, 255, 255, 2, 10, 0, 0}));
  EXPECT_EQ(bytes_of(request_header(MessageId::dev_dep_in, 4, 16, std::nullopt)),
            (std::vector{2, 4, 0xFB, 0, 16, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(bytes_of(request_header(MessageId::vendor_in, 4, 16, '\n')),
            (std::vector{127, 4, 0xFB, 0, 16, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(TmcHeader, Trigger) {
  EXPECT_EQ(bytes_of(trigger_header(9)), (std::vector{128, 9, 0xF6, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(TmcHeader, Answer) {
  const auto read = [](std::uint8_t id, std::uint8_t attributes) {
    Header header{};
    header[0] = std::byte{id};
    header[1] = std::byte{7};
    header[2] = std::byte{0xF8};
    header[4] = std::byte{0x10};
    header[7] = std::byte{0x80};
    header[8] = std::byte{attributes};
    return read_answer_header(header);
  };
  const AnswerHeader header = read(2, 1);
  EXPECT_TRUE(header.answers(MessageId::dev_dep_in, 7));
  EXPECT_FALSE(header.answers(MessageId::dev_dep_in, 8));
  EXPECT_FALSE(header.answers(MessageId::vendor_in, 7));
  EXPECT_EQ(header.size, 0x80000010U);
  EXPECT_TRUE(header.end);
  EXPECT_FALSE(header.termchar);
  EXPECT_TRUE(read(2, 2).termchar);
  EXPECT_FALSE(read(2, 2).end);
  EXPECT_TRUE(read(127, 0).end);  // a vendor specific answer is over with its transfer
  AnswerHeader broken = header;
  broken.inverse_tag = 7;
  EXPECT_FALSE(broken.answers(MessageId::dev_dep_in, 7));
}

TEST(TmcHeader, BulkTagsAreNeverZero) {
  BulkTag tag;
  std::set<int> seen;
  for (int i = 0; i < 255; ++i) seen.insert(tag.next());
  EXPECT_EQ(seen.size(), 255U);
  EXPECT_FALSE(seen.contains(0));
  EXPECT_EQ(tag.next(), 1);
}

// A well-known client lets this tag reach 128; an interrupt packet has seven bits for it.
TEST(TmcHeader, StatusTagsAreFrom2To127) {
  StatusTag tag;
  for (int round = 0; round < 3; ++round) {
    for (int i = 2; i <= 127; ++i) ASSERT_EQ(tag.next(), i);
  }
}

}  // namespace
}  // namespace visa::test
