// SPDX-License-Identifier: MIT
// Who gets which occurrence, and that unsubscribing waits for a post under way.
#include "drivers/usb/interrupt_subscribers.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace visa::test {
namespace {

using drivers::usb::InterruptSubscribers;

class Sink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    std::unique_lock lock(mutex);
    records.push_back(std::move(record));
    changed.notify_all();
    while (held) changed.wait(lock);
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<spi::EventRecord> records;
  bool held = false;
};

constexpr std::array kPacket{std::byte{'a'}, std::byte{'b'}, std::byte{'c'}};

TEST(InterruptSubscribers, EachGetsItsTypeAndItsSize) {
  InterruptSubscribers subscribers;
  Sink both;
  Sink notices;
  EXPECT_FALSE(subscribers.any());
  subscribers.subscribe(VI_EVENT_SERVICE_REQ, both, 8);
  subscribers.subscribe(VI_EVENT_USB_INTR, both, 2);
  subscribers.subscribe(VI_EVENT_USB_INTR, notices, 8);
  subscribers.post(VI_EVENT_SERVICE_REQ, kPacket);
  subscribers.post(VI_EVENT_USB_INTR, kPacket);
  ASSERT_EQ(both.records.size(), 2U);
  EXPECT_TRUE(both.records[0].attributes.empty());
  ASSERT_EQ(notices.records.size(), 1U);
  const auto data = [](const spi::EventRecord& record) {
    for (const auto& [id, value] : record.attributes) {
      if (id == VI_ATTR_USB_RECV_INTR_DATA) return std::get<std::string>(value);
    }
    return std::string("none");
  };
  EXPECT_EQ(data(both.records[1]), "ab");
  EXPECT_EQ(data(notices.records[0]), "abc");
  subscribers.unsubscribe(VI_EVENT_USB_INTR, both);
  subscribers.post(VI_EVENT_USB_INTR, kPacket);
  EXPECT_EQ(both.records.size(), 2U);
  EXPECT_EQ(notices.records.size(), 2U);
}

TEST(InterruptSubscribers, UnsubscribingWaitsForAPostUnderWay) {
  InterruptSubscribers subscribers;
  Sink sink;
  sink.held = true;
  subscribers.subscribe(VI_EVENT_SERVICE_REQ, sink, 8);
  std::thread poster([&] { subscribers.post(VI_EVENT_SERVICE_REQ, kPacket); });
  {
    std::unique_lock lock(sink.mutex);
    while (sink.records.empty()) sink.changed.wait(lock);
  }
  std::atomic<bool> over{false};
  std::thread leaver([&] {
    subscribers.unsubscribe(VI_EVENT_SERVICE_REQ, sink);
    over = true;
  });
  while (subscribers.any()) std::this_thread::yield();  // it no longer gets new ones
  EXPECT_FALSE(over);
  {
    const std::lock_guard lock(sink.mutex);
    sink.held = false;
    sink.changed.notify_all();
  }
  poster.join();
  leaver.join();
  EXPECT_TRUE(over);
}

}  // namespace
}  // namespace visa::test
