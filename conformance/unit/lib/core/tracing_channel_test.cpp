// SPDX-License-Identifier: MIT
// The decorator passes everything on unchanged and tells of what passed.
#include "lib/core/tracing_channel.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/support/fake_wire.h"

namespace visa::core {
namespace {

using Lines = std::vector<std::string>;

class Diary final : public WireObserver {
 public:
  explicit Diary(Lines& lines) : lines_(lines) {}
  void sending(std::span<const std::byte> data, bool last) override {
    if (full_) throw std::bad_alloc();
    lines_.push_back("(" + std::string(reinterpret_cast<const char*>(data.data()), data.size()) +
                     (last ? ")" : ""));
  }
  void seen(const WireRecord& record) override {
    std::string line(record.operation);
    line += static_cast<char>(record.direction);
    line.append(reinterpret_cast<const char*>(record.data.data()), record.data.size());
    line.append("|").append(record.mark);
    if (failed(record.status)) line += "|failed";
    whole_ = record.whole;
    if (full_) throw std::bad_alloc();
    lines_.push_back(line);
  }
  bool full_ = false;
  bool whole_ = false;  // of the last record

 private:
  Lines& lines_;
};

class TracingChannelTest : public testing::Test {
 protected:
  TracingChannelTest() {
    wire_->with_shared_locks();
    make_channel({.duplex = true, .stream = true});
  }
  void make_channel(spi::Traits traits) {
    auto diary = std::make_unique<Diary>(lines_);
    diary_ = diary.get();
    channel_ =
        std::make_unique<TracingChannel>(test::make_fake_channel(wire_, traits), std::move(diary));
  }
  ~TracingChannelTest() override {
    Call call(Deadline::immediate());
    channel_->close(call);
  }
  std::string read(std::size_t size, Status wanted = Status::success) {
    Call call(Deadline::immediate());
    std::string data(size, '\0');
    const auto result = channel_->read(std::as_writable_bytes(std::span(data)), {}, call);
    EXPECT_EQ(result.status, wanted);
    data.resize(result.count);
    return data;
  }

  Lines lines_;
  Diary* diary_ = nullptr;
  std::shared_ptr<test::FakeWire> wire_ = std::make_shared<test::FakeWire>();
  std::unique_ptr<spi::Channel> channel_;
  Call call_{Deadline::after(std::chrono::seconds(10))};
};

TEST_F(TracingChannelTest, TransfersPassAndAreTold) {
  wire_->answers("12.5\n").fails("read", Status::error_tmo);
  EXPECT_TRUE(channel_->traits().duplex);
  EXPECT_TRUE(channel_->traits().stream);
  const std::string query = "MEAS?\n";
  const auto sent =
      channel_->write(std::as_bytes(std::span(query)), {spi::WriteEnd::end, VI_PROT_FDC}, call_);
  EXPECT_EQ(sent.count, query.size());
  EXPECT_EQ(wire_->last("write").protocol, VI_PROT_FDC);
  EXPECT_EQ(read(100), "12.5\n");
  EXPECT_EQ(read(100, Status::error_tmo), "");
  EXPECT_EQ(lines_, (Lines{"(MEAS?\n)", "write>MEAS?\n|END", "read<12.5\n|END", "read<||failed"}));
}

TEST_F(TracingChannelTest, AMessageIsToldWholeBeforeItLeavesAndThenHowMuchOfItLeft) {
  wire_->then({.operation = "write", .status = Status::error_tmo, .count = 2});
  const std::string data = "VOLT";
  const auto bytes = std::as_bytes(std::span(data));
  EXPECT_EQ(channel_->write(bytes, {spi::WriteEnd::none}, call_).count, 2u);
  EXPECT_EQ(lines_, (Lines{"(VOLT", "write>VO|more follows|failed"}));
}

TEST_F(TracingChannelTest, TheOtherOperationsPassAndAreTold) {
  wire_->then({.operation = "stb", .status_byte = 'B'}).then({.operation = "trigger"});
  EXPECT_EQ(*channel_->read_status_byte(call_), 'B');
  EXPECT_EQ(channel_->clear(call_), Status::success);
  EXPECT_EQ(channel_->trigger(spi::TriggerProtocol{0}, call_), Status::success);
  const auto facets = channel_->facets();
  ASSERT_NE(facets.remote_lock, nullptr);
  ASSERT_NE(facets.remote_local, nullptr);
  EXPECT_EQ(facets.gpib, nullptr);
  EXPECT_TRUE(facets.remote_lock->carries(spi::RemoteLockKind::shared));
  EXPECT_EQ(facets.remote_lock->lock(spi::RemoteLockKind::shared, "k", call_), Status::success);
  EXPECT_EQ(facets.remote_lock->unlock(spi::RemoteLockKind::shared, call_), Status::success);
  EXPECT_EQ(facets.remote_local->control_ren(spi::RenMode::assert_ren, call_), Status::success);
  EXPECT_EQ(lines_,
            (Lines{"stb<B|", "clear>|", "trigger>|", "lock>|shared", "unlock>|shared", "ren>|"}));
  EXPECT_EQ(wire_->operations(),
            (Lines{"stb", "clear", "trigger", "lock shared k", "unlock shared", "ren 1"}));
}

TEST_F(TracingChannelTest, AClearOfAStreamIsNotOneOfTheInstrument) {
  EXPECT_EQ(channel_->clear(call_), Status::success);
  EXPECT_FALSE(diary_->whole_);
  make_channel({.stream = false});
  EXPECT_EQ(channel_->clear(call_), Status::success);
  EXPECT_TRUE(diary_->whole_);
}

TEST_F(TracingChannelTest, LackOfMemoryLosesTheRecordNotTheOperation) {
  wire_->answers("x");
  diary_->full_ = true;
  EXPECT_EQ(read(10), "x");
  EXPECT_EQ(channel_->write(std::as_bytes(std::span("y", 1)), {}, call_).count, 1u);
  diary_->full_ = false;
  EXPECT_TRUE(lines_.empty());
}

}  // namespace
}  // namespace visa::core
