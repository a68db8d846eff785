// SPDX-License-Identifier: MIT
#include "lib/abi/store.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <tuple>

namespace visa::abi {
namespace {

using model::AttributeType;
using model::AttributeValue;

class Store : public ::testing::Test {
 protected:
  Store() { room_.fill(kCanary); }
  char* at() { return reinterpret_cast<char*>(room_.data()) + kFront; }
  void expect_written(std::size_t size) {
    for (std::size_t i = 0; i < room_.size(); ++i) {
      if (i < kFront || i >= kFront + size) {
        EXPECT_EQ(room_[i], kCanary) << "at " << i;
      }
    }
  }
  static constexpr unsigned char kCanary = 0xA5;
  static constexpr std::size_t kFront = 9;  // odd: the caller's pointer may be unaligned
  std::array<unsigned char, 400> room_;
};

TEST_F(Store, NumbersHaveTheirOwnWidth) {
  const std::pair<AttributeType, std::size_t> widths[] = {{AttributeType::uint8, 1},
                                                          {AttributeType::int16, 2},
                                                          {AttributeType::uint16, 2},
                                                          {AttributeType::boolean, 2},
                                                          {AttributeType::int32, 4},
                                                          {AttributeType::uint32, 4},
                                                          {AttributeType::session, 4},
                                                          {AttributeType::status, 4},
                                                          {AttributeType::uint64, 8},
                                                          {AttributeType::bus_address, 8},
                                                          {AttributeType::address, sizeof(void*)}};
  for (const auto& [type, size] : widths) {
    room_.fill(kCanary);
    store_value(type, AttributeValue(std::uint64_t{0x0102030405060708}), at());
    expect_written(size);
    std::uint64_t value = 0;
    std::memcpy(&value, at(), size);
    const std::uint64_t mask = size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
    EXPECT_EQ(value, 0x0102030405060708ULL & mask);
    EXPECT_EQ(model::size_of(type), size);
  }
}

// On a big-endian machine the trace once read two bytes into the upper end of eight.
TEST_F(Store, TheTraceShowsWhatWasStoredInItsOwnWidthAndSign) {
  const std::tuple<AttributeType, std::uint64_t, const char*> shown[] = {
      {AttributeType::uint8, 0xFE, "254"},
      {AttributeType::int16, model::signed_value(-2), "-2"},
      {AttributeType::uint16, 0xFFFE, "65534"},
      {AttributeType::boolean, 1, "1"},
      {AttributeType::int32, model::signed_value(-2), "-2"},
      {AttributeType::status, model::signed_value(VI_ERROR_TMO), "-1073807339"},
      {AttributeType::uint32, 0xFFFFFFFE, "4294967294"},
      {AttributeType::session, 0x12345678, "305419896"},
      {AttributeType::uint64, ~std::uint64_t{1}, "18446744073709551614"},
      {AttributeType::bus_address, 0x0102030405060708, "72623859790382856"},
      {AttributeType::address, 0x01020304, "16909060"}};
  for (const auto& [type, value, text] : shown) {
    room_.fill(kCanary);
    store_value(type, AttributeValue(value), at());
    EXPECT_EQ(show_stored(type, at()), text);
  }
  store_value(AttributeType::string, AttributeValue(std::string("a\nb")), at());
  EXPECT_EQ(show_stored(AttributeType::string, at()), "\"a?b\"");
}

TEST_F(Store, NegativeNumbersKeepTheirSign) {
  store_value(AttributeType::int16, AttributeValue(model::signed_value(-1)), at());
  ViInt16 value = 0;
  std::memcpy(&value, at(), sizeof value);
  EXPECT_EQ(value, -1);
  expect_written(2);
}

TEST_F(Store, TextEndsWithItsNul) {
  store_text(at(), "FreeVISA");
  EXPECT_STREQ(at(), "FreeVISA");
  expect_written(9);
  store_value(AttributeType::string, AttributeValue(std::string("x")), at());
  EXPECT_STREQ(at(), "x");
}

TEST_F(Store, TextStaysWithin256Bytes) {
  for (const std::size_t size : {254u, 255u, 256u, 257u, 100'000u}) {
    room_.fill(kCanary);
    store_text(at(), std::string(size, 'x'));
    EXPECT_EQ(std::strlen(at()), std::min<std::size_t>(size, 255));
    expect_written(std::min<std::size_t>(size, 255) + 1);
  }
}

TEST_F(Store, TextIsAlwaysAscii) {
  store_text(at(), "\xc3\xa4\x01\x7f\n\tok\xff");
  EXPECT_STREQ(at(), "??????ok?");
  store_text(at(), std::string_view("a\0b", 3));
  EXPECT_STREQ(at(), "a?b");
}

TEST_F(Store, AStringRowNeverHandsOutANumber) {
  store_value(AttributeType::string, AttributeValue(std::uint64_t{7}), at());
  EXPECT_STREQ(at(), "");
  expect_written(1);
}

TEST_F(Store, BytesAreCopiedAsTheyAre) {
  store_value(AttributeType::bytes, AttributeValue(std::string("\0\xff\n", 3)), at());
  EXPECT_EQ(std::memcmp(at(), "\0\xff\n", 3), 0);
  expect_written(3);
}

TEST_F(Store, NowhereIsFine) {
  store_text(nullptr, "x");
  store_if(static_cast<ViUInt32*>(nullptr), 5);
  ViUInt16 value = 0;
  store_if(&value, 5);
  EXPECT_EQ(value, 5);
}

}  // namespace
}  // namespace visa::abi
