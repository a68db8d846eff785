// SPDX-License-Identifier: MIT
// One session on a loop: what the channel adds to its device. It explains failures, gives back what
// the session holds, and ends the device with the last session.
#include "drivers/example/example_channel.h"

#include <gtest/gtest.h>

#include <memory>

namespace visa::drivers::example {
namespace {

using namespace std::chrono_literals;

struct CountingSink final : spi::EventSink {
  void post(spi::EventRecord) override { ++count; }
  int count = 0;
};

class ExampleChannelTest : public testing::Test {
 protected:
  std::unique_ptr<ExampleChannel> open() {
    auto lease = devices.open("loop0", call, [](Call&) -> Result<std::unique_ptr<LoopDevice>> {
      return std::make_unique<LoopDevice>();
    });
    return std::make_unique<ExampleChannel>(*std::move(lease), "loop0");
  }
  Status enable(ExampleChannel& channel, ViEventType type) {
    return channel.enable_event(type, sink, call);
  }

  static inline constinit LoopDevices devices;  // its table lives as long as the process
  CountingSink sink;
  Call call{Deadline::after(0ms)};
};

TEST_F(ExampleChannelTest, ATimeoutSaysWhatToDo) {
  const auto channel = open();
  std::byte one{};
  EXPECT_EQ(channel->read({&one, 1}, {}, call).status, Status::error_tmo);
  EXPECT_NE(call.detail.find("loop0: nothing was written"), std::string::npos) << call.detail;
  channel->close(call);
}

TEST_F(ExampleChannelTest, ReadingTheStatusByteIsAPollAndItsAttributeIsNot) {
  const auto channel = open();
  const auto attribute = [&] {
    return model::number(*channel->get_attribute(VI_ATTR_DEV_STATUS_BYTE, call));
  };
  EXPECT_EQ(enable(*channel, VI_EVENT_SERVICE_REQ), Status::success);
  EXPECT_EQ(channel->set_attribute(VI_ATTR_DEV_STATUS_BYTE,
                                   model::AttributeValue(std::uint64_t{0x50}), call),
            Status::success);
  EXPECT_EQ(sink.count, 1);
  EXPECT_EQ(attribute(), 0x50U);
  EXPECT_EQ(*channel->read_status_byte(call), 0x50);
  EXPECT_EQ(attribute(), 0x10U);
  EXPECT_EQ(channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
  channel->close(call);
}

TEST_F(ExampleChannelTest, OnlyEventsOfTheWireCanBeEnabledAndEachIsDisabledOnce) {
  const auto channel = open();
  EXPECT_EQ(enable(*channel, VI_EVENT_USB_INTR), Status::error_inv_event);
  EXPECT_EQ(channel->disable_event(VI_EVENT_TRIG, call), Status::error_inv_event);
  EXPECT_EQ(enable(*channel, VI_EVENT_TRIG), Status::success);
  const auto other = open();
  EXPECT_EQ(other->trigger(spi::TriggerProtocol{VI_TRIG_PROT_DEFAULT}, call), Status::success);
  EXPECT_EQ(sink.count, 1);
  EXPECT_EQ(other->trigger(spi::TriggerProtocol{VI_TRIG_PROT_SYNC}, call), Status::error_inv_prot);
  EXPECT_EQ(channel->disable_event(VI_EVENT_TRIG, call), Status::success);
  EXPECT_EQ(channel->disable_event(VI_EVENT_TRIG, call), Status::error_inv_event);
  for (const auto& one : {channel.get(), other.get()}) one->close(call);
}

TEST_F(ExampleChannelTest, CloseGivesTheLockBackAndTheLastOneEndsTheDevice) {
  const auto one = open();
  const auto two = open();
  auto& lock = *one->facets().remote_lock;
  EXPECT_EQ(lock.lock(spi::RemoteLockKind::exclusive, "", call), Status::success);
  auto& wanted = *two->facets().remote_lock;
  Call now(Deadline::immediate());
  EXPECT_EQ(wanted.lock(spi::RemoteLockKind::exclusive, "", now), Status::error_rsrc_locked);
  EXPECT_NE(now.detail.find("another session"), std::string::npos) << now.detail;
  one->close(call);
  EXPECT_EQ(wanted.lock(spi::RemoteLockKind::exclusive, "", call), Status::success);
  const std::byte byte{7};
  EXPECT_EQ(two->write({&byte, 1}, {}, call).count, 1U);
  two->close(call);
  const auto again = open();
  std::byte none{};
  EXPECT_EQ(again->read({&none, 1}, {}, call).status, Status::error_tmo) << "a new device";
  again->close(call);
}

}  // namespace
}  // namespace visa::drivers::example
