// SPDX-License-Identifier: MIT
#include "drivers/vxi11/interrupt_message.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/vxi11_answer.h"

namespace visa::test {
namespace {

using drivers::vxi11::InterruptMessages;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

const std::string kHandle = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";

std::string body_of(const std::string& handle, std::uint32_t xid = 5) {
  return wire_words({xid, 0, 2, 0x0607B1, 1, 30, 0, 0, 0, 0}) +
         wire_word(static_cast<std::uint32_t>(handle.size())) + handle;
}

std::string marked(const std::string& body, int lie = 0) {
  const auto size = static_cast<std::uint32_t>(static_cast<int>(body.size()) + lie);
  return wire_word(0x80000000 | size) + body;
}

std::string handle_of(const drivers::vxi11::ServiceRequest& request) {
  return {reinterpret_cast<const char*>(request.handle.data()), request.handle_size};
}

TEST(InterruptMessages, RequestComesWithItsHandleAndXid) {
  InterruptMessages messages;
  EXPECT_TRUE(messages.add(bytes(marked(body_of(kHandle, 77)))));
  const auto request = messages.next();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->xid, 77u);
  EXPECT_EQ(handle_of(*request), kHandle);
  EXPECT_FALSE(messages.next().has_value());
}

TEST(InterruptMessages, SeveralInOneSegmentComeOneByOne) {
  InterruptMessages messages;
  std::string all;
  for (std::uint32_t i = 0; i < 5; ++i) all += marked(body_of(kHandle, i));
  messages.add(bytes(all));
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(messages.next()->xid, i);
  EXPECT_FALSE(messages.next().has_value());
}

TEST(InterruptMessages, OneInManySegmentsComesOnce) {
  InterruptMessages messages;
  const std::string all = marked(body_of(kHandle)) + marked(body_of(kHandle, 6));
  std::vector<std::uint32_t> seen;
  for (const char byte : all) {
    messages.add(bytes(std::string_view(&byte, 1)));
    while (const auto request = messages.next()) seen.push_back(request->xid);
  }
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{5, 6}));
}

// pain 30: the DMM6500's records have a wrong length, others leave the last word out.
TEST(InterruptMessages, WrongRecordLengthsAreRead) {
  for (const int lie : {-84, -40, -8, -4, 4, 8, 1000, 0x10000}) {
    InterruptMessages messages;
    messages.add(bytes(marked(body_of(kHandle, 1), lie) + marked(body_of(kHandle, 2), lie)));
    const auto first = messages.next();
    ASSERT_TRUE(first.has_value()) << lie;
    EXPECT_EQ(first->xid, 1u);
    EXPECT_EQ(handle_of(*first), kHandle.substr(0, first->handle_size));
    EXPECT_GE(first->handle_size, 16u) << lie;
    const auto second = messages.next();
    ASSERT_TRUE(second.has_value()) << lie;
    EXPECT_EQ(second->xid, 2u);
  }
}

TEST(InterruptMessages, MissingLastWordIsNotWaitedFor) {
  InterruptMessages messages;
  const std::string whole = marked(body_of(kHandle, 1));
  messages.add(bytes(whole.substr(0, whole.size() - 4)));
  const auto request = messages.next();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(handle_of(*request), kHandle.substr(0, 36));
  messages.add(bytes(marked(body_of(kHandle, 2))));
  EXPECT_EQ(messages.next()->xid, 2u);
}

TEST(InterruptMessages, CredentialsAreSkipped) {
  InterruptMessages messages;
  std::string body = wire_words({9, 0, 2, 0x0607B1, 1, 30, 1, 8, 1, 2, 0, 0});
  body += wire_word(40) + kHandle;
  messages.add(bytes(marked(body)));
  EXPECT_EQ(handle_of(*messages.next()), kHandle);
}

TEST(InterruptMessages, OtherCallsAndNoiseAreSkipped) {
  InterruptMessages messages;
  std::string noise = "noise" + marked(wire_words({3, 0, 2, 0x0607B1, 1, 31, 0, 0, 0, 0}));
  noise += marked(wire_words({3, 0, 2, 0x0607AF, 1, 30, 0, 0, 0, 0}));
  messages.add(bytes(noise + marked(body_of(kHandle, 8))));
  const auto request = messages.next();
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->xid, 8u);
}

TEST(InterruptMessages, NoiseWithoutEndIsGivenUp) {
  InterruptMessages messages;
  bool sane = true;
  std::size_t sent = 0;
  while (sane && sent < 100'000) {
    sane = messages.add(bytes(std::string(100, 'n')));
    EXPECT_FALSE(messages.next().has_value());
    sent += 100;
  }
  EXPECT_FALSE(sane);
  EXPECT_LE(sent, InterruptMessages::kMost + 200);
}

TEST(InterruptMessages, HandleLengthsThatCannotBeAreCut) {
  for (const std::uint32_t size : {41u, 400u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
    InterruptMessages messages;
    std::string body = wire_words({1, 0, 2, 0x0607B1, 1, 30, 0, 0, 0, 0, size}) + kHandle;
    messages.add(bytes(marked(body)));
    const auto request = messages.next();
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(handle_of(*request), kHandle);
  }
}

}  // namespace
}  // namespace visa::test
