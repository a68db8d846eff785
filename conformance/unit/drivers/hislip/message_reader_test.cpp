// SPDX-License-Identifier: MIT
// The limits of a reader whose peer sends faster than it can ever be read; what it makes of
// messages is tested with the synchronous connection.
#include "drivers/hislip/message_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace visa::test {
namespace {

using drivers::StreamResult;
using drivers::hislip::MessageReader;
using drivers::hislip::MessageType;

// One header, and then payload that never ends: each receive is filled. Gives up after a gigabyte.
class Endless final : public drivers::ByteStream {
 public:
  StreamResult receive(std::span<std::byte> into, Call& call) override {
    return receive_now(into, call);
  }
  StreamResult receive_now(std::span<std::byte> into, Call&) override {
    constexpr std::size_t kGigabyte = std::size_t{1} << 30U;
    if (total_ > kGigabyte) return {Status::error_abort, 0};
    const std::size_t head =
        std::min(into.size(), header_.size() - std::min(total_, header_.size()));
    if (head > 0) std::memcpy(into.data(), header_.data() + total_, head);
    std::fill(into.begin() + static_cast<std::ptrdiff_t>(head), into.end(), std::byte{'x'});
    total_ += into.size();
    return {Status::success, into.size()};
  }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return peer_; }
  bool lost() const noexcept override { return false; }
  void close() noexcept override {}

 private:
  const drivers::hislip::HeaderBytes header_ =
      drivers::hislip::encode({MessageType::data_end, 0, 0, std::uint64_t{1} << 62U});
  const std::string peer_ = "endless";
  std::size_t total_ = 0;
};

TEST(MessageReader, APayloadWithoutEndEndsASkipThatHasNoTime) {
  Endless stream;
  MessageReader reader(stream);
  Call call(Deadline::immediate());
  std::size_t placed = 0;
  ASSERT_EQ(reader.next({}, std::nullopt, placed, call), Status::success);
  EXPECT_EQ(reader.skip(call), Status::error_tmo);
  EXPECT_EQ(reader.skip(call), Status::error_tmo) << "and it goes on from there";
  EXPECT_GT(reader.left(), 0U);
  const auto stopped = reader.discard_arrived(call);
  ASSERT_TRUE(stopped);
  EXPECT_FALSE(*stopped);
}

TEST(MessageReader, APayloadWithoutEndEndsASkipAtItsDeadline) {
  Endless stream;
  MessageReader reader(stream);
  Call call(Deadline::after(std::chrono::milliseconds(1)));
  std::size_t placed = 0;
  ASSERT_EQ(reader.next({}, std::nullopt, placed, call), Status::success);
  EXPECT_EQ(reader.skip(call), Status::error_tmo);
}

}  // namespace
}  // namespace visa::test
