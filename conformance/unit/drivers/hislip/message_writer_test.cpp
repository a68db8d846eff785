// SPDX-License-Identifier: MIT
// Messages that the peer takes in parts: never cut short, and said to have begun only if they have.
#include "drivers/hislip/message_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace visa::drivers::hislip {
namespace {

/// Takes `room` bytes in all, then no more until there is new room. Its gathered send is the one of
/// ByteStream: piece after piece.
class NarrowStream final : public ByteStream {
 public:
  StreamResult receive(std::span<std::byte>, Call&) override { return {Status::error_tmo, 0}; }
  StreamResult receive_now(std::span<std::byte>, Call&) override { return {}; }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    const std::size_t count = std::min(room, data.size());
    taken.append(reinterpret_cast<const char*>(data.data()), count);
    room -= count;
    return {count == data.size() ? Status::success : Status::error_tmo, count};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return name_; }
  bool lost() const noexcept override { return false; }
  void close() noexcept override {}

  std::size_t room = 0;
  std::string taken;

 private:
  const std::string name_ = "peer";
};

std::string wire(MessageType type, std::string_view payload) {
  const auto bytes = encode({type, 0, 0, payload.size()});
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) +
         std::string(payload);
}

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(MessageWriter, FinishesWhatItBeganWhereverThePeerStopped) {
  const std::string first = wire(MessageType::data_end, "payload");
  for (std::size_t room = 1; room < first.size(); ++room) {
    NarrowStream stream;
    MessageWriter writer(stream);
    Call call(Deadline::immediate());
    stream.room = room;
    const auto sent = writer.send({MessageType::data_end}, bytes("payload"), call);
    EXPECT_EQ(sent.status, Status::error_tmo);
    EXPECT_TRUE(sent.begun);
    EXPECT_TRUE(writer.unfinished());
    stream.room = 1000;
    EXPECT_TRUE(writer.send({MessageType::trigger}, {}, call).begun);
    EXPECT_FALSE(writer.unfinished());
    EXPECT_EQ(stream.taken, first + wire(MessageType::trigger, "")) << room;
  }
}

TEST(MessageWriter, NothingHasBegunWhereThePeerTakesNothing) {
  NarrowStream stream;
  MessageWriter writer(stream);
  Call call(Deadline::immediate());
  const auto sent = writer.send({MessageType::data}, bytes("abc"), call);
  EXPECT_EQ(sent.status, Status::error_tmo);
  EXPECT_FALSE(sent.begun);
  EXPECT_FALSE(writer.unfinished());
  stream.room = 18;
  EXPECT_TRUE(writer.send({MessageType::data}, bytes("abc"), call).begun);
  EXPECT_FALSE(writer.send({MessageType::data}, bytes("def"), call).begun)
      << "the rest of the first comes before it";
  stream.room = 1;
  EXPECT_EQ(writer.finish(call), Status::success);
  EXPECT_EQ(stream.taken, wire(MessageType::data, "abc"));
}

}  // namespace
}  // namespace visa::drivers::hislip
