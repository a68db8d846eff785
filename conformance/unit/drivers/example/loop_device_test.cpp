// SPDX-License-Identifier: MIT
// The device of the example wire by itself: messages, room, service requests, the lock, and that no
// occurrence arrives after unsubscribe has returned.
#include "drivers/example/loop_device.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "conformance/unit/support/patience.h"

namespace visa::drivers::example {
namespace {

using namespace std::chrono_literals;
using spi::RemoteLockKind;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

struct CountingSink final : spi::EventSink {
  void post(spi::EventRecord record) override {
    last = record.type;
    ++count;
  }
  std::atomic<ViEventType> last = 0;
  std::atomic<int> count = 0;
};

class LoopDeviceTest : public testing::Test {
 protected:
  spi::ReadResult read(std::size_t size, const spi::EndRule& rule = {}) {
    into.assign(size, std::byte{0});
    Call call(Deadline::after(0ms));
    return device.read(into, rule, call);
  }
  std::string text(const spi::ReadResult& result) const {
    return std::string(reinterpret_cast<const char*>(into.data()), result.count);
  }
  spi::WriteResult write(std::string_view message, bool end = true) {
    Call call(Deadline::after(0ms));
    return device.write(bytes(message), end, call);
  }

  LoopDevice device;
  std::vector<std::byte> into;
};

TEST_F(LoopDeviceTest, SaysWhyAReadStopped) {
  write("one\ntwo");
  auto result = read(2);
  EXPECT_EQ(text(result), "on");
  EXPECT_EQ(result.reason, spi::StopReason::count);
  result = read(10, {.termchar_enabled = true});
  EXPECT_EQ(text(result), "e\n");
  EXPECT_EQ(result.reason, spi::StopReason::termchar);
  result = read(10);
  EXPECT_EQ(text(result), "two");
  EXPECT_EQ(result.reason, spi::StopReason::end);
  write("a");
  write("b");
  result = read(2, {.suppress_end = true});
  EXPECT_EQ(text(result), "ab");
}

TEST_F(LoopDeviceTest, AMessageInPartsHasOneEndAndATimeoutKeepsWhatCame) {
  write("first ", false);
  auto result = read(10);
  EXPECT_EQ(result.status, Status::error_tmo);
  EXPECT_EQ(text(result), "first ");
  write("last");
  result = read(10);
  EXPECT_EQ(text(result), "last");
  EXPECT_EQ(result.reason, spi::StopReason::end);
}

TEST_F(LoopDeviceTest, AWriteThatFindsNoRoomSaysHowMuchItTook) {
  const std::string most(LoopDevice::kMostHeld + 5, 'x');
  const auto result = write(most);
  EXPECT_EQ(result.status, Status::error_tmo);
  EXPECT_EQ(result.count, LoopDevice::kMostHeld);
  EXPECT_EQ(device.available(), LoopDevice::kMostHeld);
  device.clear();
  EXPECT_EQ(device.available(), 0U);
  EXPECT_EQ(write("again").status, Status::success);
}

TEST_F(LoopDeviceTest, ACancelledReadEnds) {
  Call call(Deadline::infinite());
  auto reading = std::async(std::launch::async, [&] {
    std::byte one{};
    return device.read({&one, 1}, {}, call);
  });
  call.cancel();
  while (reading.wait_for(1ms) != std::future_status::ready) device.wake();
  EXPECT_EQ(reading.get().status, Status::error_abort);
}

TEST_F(LoopDeviceTest, ServiceIsRequestedWhenTheBitRisesAndAPollEndsIt) {
  CountingSink sink;
  device.subscribe(VI_EVENT_SERVICE_REQ, sink);
  device.set_status_byte(0x01);
  EXPECT_EQ(sink.count, 0);
  device.set_status_byte(0x41);
  device.set_status_byte(0x42);
  EXPECT_EQ(sink.count, 1);
  EXPECT_EQ(sink.last, VI_EVENT_SERVICE_REQ);
  EXPECT_EQ(device.status_byte(), 0x42) << "looking at it is no poll";
  EXPECT_EQ(device.poll(), 0x42);
  EXPECT_EQ(device.poll(), 0x02);
  device.set_status_byte(0x40);
  EXPECT_EQ(sink.count, 2);
  device.raise(VI_EVENT_TRIG);
  EXPECT_EQ(sink.count, 2) << "another type";
  device.unsubscribe(VI_EVENT_SERVICE_REQ, sink);
  device.poll();
  device.set_status_byte(0x40);
  EXPECT_EQ(sink.count, 2);
}

// A sink that lives only as long as its subscription, as that of a session.
TEST_F(LoopDeviceTest, UnsubscribeWaitsForAPostUnderWay) {
  struct SlowSink final : spi::EventSink {
    void post(spi::EventRecord) override {
      entered.give();
      EXPECT_TRUE(go_on.wait());
      done = true;
    }
    visa::test::Signal entered;
    visa::test::Signal go_on;
    std::atomic<bool> done = false;
  } sink;
  device.subscribe(VI_EVENT_TRIG, sink);
  auto raising = std::async(std::launch::async, [&] { device.raise(VI_EVENT_TRIG); });
  ASSERT_TRUE(sink.entered.wait());
  device.set_status_byte(1);  // no lock of the device is held during the post
  auto leaving = std::async(std::launch::async, [&] {
    device.unsubscribe(VI_EVENT_TRIG, sink);
    return sink.done.load();
  });
  EXPECT_EQ(leaving.wait_for(20ms), std::future_status::timeout);
  sink.go_on.give();
  EXPECT_TRUE(leaving.get());
  raising.get();
}

TEST_F(LoopDeviceTest, LocksExcludeOrShareByKey) {
  const int one = 0, two = 0, three = 0;
  const auto lock = [&](const int& holder, RemoteLockKind kind, std::string_view key) {
    Call call(Deadline::after(0ms));
    return device.lock(&holder, kind, key, call);
  };
  EXPECT_EQ(lock(one, RemoteLockKind::shared, "k"), Status::success);
  EXPECT_EQ(lock(two, RemoteLockKind::shared, "k"), Status::success);
  EXPECT_TRUE(failed(lock(three, RemoteLockKind::shared, "other")));
  EXPECT_TRUE(failed(lock(one, RemoteLockKind::exclusive, "")));
  device.unlock(&two, RemoteLockKind::shared);
  EXPECT_EQ(lock(one, RemoteLockKind::exclusive, ""), Status::success);
  EXPECT_TRUE(failed(lock(two, RemoteLockKind::shared, "k")));
  device.unlock(&one, RemoteLockKind::exclusive);
  device.unlock(&two, RemoteLockKind::exclusive);  // of a session without it: nothing happens
  EXPECT_EQ(lock(two, RemoteLockKind::shared, "k"), Status::success);
}

}  // namespace
}  // namespace visa::drivers::example
