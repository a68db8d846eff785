// SPDX-License-Identifier: MIT
// What is a reply, and what is not.
#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <string>

#include "drivers/gpib/ni_usb/ni_blocks.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

Bytes bytes(std::initializer_list<unsigned> list) {
  Bytes made;
  for (const auto one : list) made.push_back(static_cast<std::byte>(one));
  return made;
}
void add(Bytes& to, const Bytes& more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// Blocks of data, and what follows them.
Bytes data_reply(const std::string& data, bool long_blocks, std::size_t rest, unsigned error = 0) {
  Bytes reply;
  const std::size_t room = long_blocks ? 30 : 15;
  std::size_t last = 0;
  for (std::size_t i = 0; i < data.size(); i += room) {
    add(reply, long_blocks ? bytes({0x37, 0}) : bytes({0x36}));
    last = std::min(room, data.size() - i);
    for (std::size_t j = 0; j < room; ++j) {
      reply.push_back(j < last ? static_cast<std::byte>(data[i + j]) : std::byte{0});
    }
  }
  const auto minus = static_cast<unsigned>(0x10000 - rest) & 0xFFFFU;
  add(reply, bytes({0x38,        0x20, 0x24, error, minus & 0xFFU,
                    minus >> 8U, 0,    0,    0xAA,  static_cast<unsigned>(last),
                    0,           0,    9,    0,     0,
                    0,           0,    0,    0,     0,
                    2,           0,    0,    0,     4,
                    0,           0,    0}));
  return reply;
}

const Bytes kPlain = bytes({1, 0x01, 0x28, 0, 0xFE, 0xFF, 0, 0, 4, 0, 0, 0});

TEST(NiRepliesTest, AStatusBlockHasItsFields) {
  const auto status = read_status(kPlain);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->id, 1);
  EXPECT_EQ(status->state, 0x0128);
  EXPECT_EQ(status->error, Error::none);
  EXPECT_EQ(status->rest, 2);
  EXPECT_FALSE(read_status(std::span(kPlain).first(7)).has_value());
}

TEST(NiRepliesTest, APlainReplyHasTwelveBytes) {
  for (std::size_t i = 0; i < kPlain.size(); ++i) {
    EXPECT_EQ(look(Shape::status, 0, std::span(kPlain).first(i)), Progress::more) << i;
  }
  EXPECT_EQ(look(Shape::status, 0, kPlain), Progress::whole);
  Bytes longer = kPlain;
  longer.push_back(std::byte{0});
  EXPECT_EQ(look(Shape::status, 0, longer), Progress::broken);
  Bytes open = kPlain;
  open[8] = std::byte{5};
  EXPECT_EQ(look(Shape::status, 0, open), Progress::broken);
  for (const unsigned id : {0x06U, 0x09U, 0x34U, 0x36U, 0x37U, 0x38U}) {
    EXPECT_EQ(look(Shape::status, 0, bytes({id})), Progress::broken);
  }
}

TEST(NiRepliesTest, TheReplyToStandbyHasItsId) {
  EXPECT_EQ(look(Shape::standby, 0, kPlain), Progress::broken);
  Bytes reply = kPlain;
  reply[0] = std::byte{6};
  EXPECT_EQ(look(Shape::standby, 0, reply), Progress::whole);
  EXPECT_EQ(look(Shape::standby, 0, std::span(reply).first(11)), Progress::more);
}

TEST(NiRepliesTest, RegisterWritesAreCounted) {
  const Bytes reply = bytes({9, 0, 0x20, 0, 0, 0, 0, 0, 26, 0, 0, 0, 4, 0, 0, 0});
  EXPECT_EQ(look(Shape::registers_written, 26, reply), Progress::whole);
  EXPECT_EQ(written_registers(reply), 26U);
  EXPECT_EQ(look(Shape::registers_written, 26, kPlain), Progress::broken);
}

TEST(NiRepliesTest, RegisterValuesComeInThrees) {
  const Bytes reply = bytes({0x34, 1, 2, 3, 0x34, 4, 0, 0, 0x35, 4, 0, 0, 4, 0, 0, 0});
  for (std::size_t i = 0; i < reply.size(); ++i) {
    EXPECT_EQ(look(Shape::registers_read, 4, std::span(reply).first(i)), Progress::more) << i;
  }
  EXPECT_EQ(look(Shape::registers_read, 4, reply), Progress::whole);
  std::array<std::uint8_t, 4> values{};
  take_registers(reply, values);
  EXPECT_EQ(values, (std::array<std::uint8_t, 4>{1, 2, 3, 4}));
  EXPECT_EQ(look(Shape::registers_read, 3, reply), Progress::broken);
  EXPECT_EQ(look(Shape::registers_read, 5, reply), Progress::broken);  // another number
}

TEST(NiRepliesTest, DataComesInShortOrLongBlocks) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (const bool long_blocks : {false, true}) {
    for (std::size_t count = 0; count <= text.size(); ++count) {
      const Bytes reply = data_reply(text.substr(0, count), long_blocks, text.size() - count);
      for (std::size_t i = 0; i < reply.size(); ++i) {
        ASSERT_EQ(look(Shape::data, text.size(), std::span(reply).first(i)), Progress::more) << i;
      }
      ASSERT_EQ(look(Shape::data, text.size(), reply), Progress::whole);
      EXPECT_LE(reply.size(), most_of(Shape::data, text.size()));
      Bytes into(text.size());
      const auto taken = take_data(reply, into);
      ASSERT_TRUE(taken.has_value());
      ASSERT_EQ(taken->count, count);
      EXPECT_EQ(std::string(reinterpret_cast<const char*>(into.data()), count),
                text.substr(0, count));
      EXPECT_TRUE((taken->status.state & kEnd) != 0);
    }
  }
}

TEST(NiRepliesTest, MoreDataThanWasAskedForIsNoReply) {
  const Bytes reply = data_reply(std::string(31, 'x'), true, 0);
  EXPECT_EQ(look(Shape::data, 30, reply), Progress::broken);
  Bytes into(5);
  const Bytes six = data_reply("123456", true, 0);
  EXPECT_EQ(look(Shape::data, 5, six), Progress::whole);
  EXPECT_FALSE(take_data(six, into).has_value());
}

TEST(NiRepliesTest, CountsThatContradictEachOtherAreNoReply) {
  Bytes into(5);
  EXPECT_FALSE(take_data(data_reply("123", true, 1), into).has_value());
  Bytes reply = data_reply("123", false, 2);
  ASSERT_TRUE(take_data(reply, into).has_value());
  reply[16 + 9] = std::byte{16};  // more than a block has
  EXPECT_FALSE(take_data(reply, into).has_value());
  // An adapter that was not addressed does not count.
  EXPECT_TRUE(take_data(data_reply("", true, 0, 3), into).has_value());
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
