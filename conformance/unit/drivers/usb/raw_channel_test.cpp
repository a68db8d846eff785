// SPDX-License-Identifier: MIT
// RAW sessions: the pipes that each has chosen, one device for all of them, events and what they
// say of a device that is busy, halted or unplugged.
#include "drivers/usb/raw_channel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/fake_usb.h"
#include "conformance/unit/drivers/support/loop_model.h"

namespace visa::test {
namespace {

using namespace drivers::usb;
using spi::StopReason;

constinit RawDevices devices;

class RecordingSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    for (const auto& [id, value] : record.attributes) {
      if (id == VI_ATTR_USB_RECV_INTR_DATA) packets.push_back(std::get<std::string>(value));
    }
  }
  std::vector<std::string> packets;
};

class RawChannelTest : public testing::Test {
 protected:
  void SetUp() override {
    info_.port = "1-1";
    info_.vendor = 0x1209;
    info_.product = 2;
    info_.serial = "SN1";
    const Bytes configuration = model_.configuration();
    info_.interfaces = read_interfaces(std::as_bytes(std::span(configuration)), 1);
    channel_ = open();
  }
  void TearDown() override {
    channel_->close(call_);
    EXPECT_EQ(devices.size(), 0U);
  }

  RawDevices::Lease lease() {
    auto lease = devices.open("usb 1-1", call_, [&](Call&) -> Result<std::unique_ptr<RawDevice>> {
      auto usb = std::make_unique<FakeUsb>(model_);
      usb_ = usb.get();
      return std::make_unique<RawDevice>(std::move(usb), resources_of({&info_, 1}).at(0));
    });
    EXPECT_TRUE(lease.has_value());
    return *std::move(lease);
  }
  std::unique_ptr<RawChannel> open() { return std::make_unique<RawChannel>(lease()); }

  Status set(ViAttr id, std::int64_t value) {
    return channel_->set_attribute(id, model::AttributeValue(model::signed_value(value)), call_);
  }
  std::int16_t pipe(ViAttr id) { return static_cast<std::int16_t>(number_of(*channel_, id)); }
  Status write(RawChannel& channel, std::string_view text) {
    return channel.write(std::as_bytes(std::span(text)), spi::WriteEnd::end, call_).status;
  }
  spi::ReadResult read(RawChannel& channel, std::size_t most) {
    text_.assign(most, '?');
    const auto result = channel.read(std::as_writable_bytes(std::span(text_)), {}, call_);
    text_.resize(result.count);
    return result;
  }
  bool says(std::string_view text) const { return call_.detail.find(text) != std::string::npos; }

  LoopModel model_;
  UsbDeviceInfo info_;
  FakeUsb* usb_ = nullptr;
  Call call_{Deadline::after(std::chrono::seconds(20))};
  std::unique_ptr<RawChannel> channel_;
  std::string text_;
};

TEST_F(RawChannelTest, BeginsWithTheFirstPipeOfEachKind) {
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_OUT_PIPE), TmcModel::kOut);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_PIPE), TmcModel::kIn);
  EXPECT_EQ(pipe(VI_ATTR_USB_INTR_IN_PIPE), TmcModel::kInterrupt);
  EXPECT_EQ(number_of(*channel_, VI_ATTR_USB_MAX_INTR_SIZE), 8U) << "a packet of that pipe";
  EXPECT_EQ(write(*channel_, "hello"), Status::success);
  EXPECT_EQ(read(*channel_, 100).reason, StopReason::end);
  EXPECT_EQ(text_, "hello");
}

TEST_F(RawChannelTest, ChoosesOnlyPipesOfTheInterfaceAndOfTheDirection) {
  EXPECT_EQ(set(VI_ATTR_USB_BULK_IN_PIPE, 0x85), Status::error_nsup_attr_state);
  EXPECT_EQ(set(VI_ATTR_USB_BULK_IN_PIPE, TmcModel::kOut), Status::error_nsup_attr_state);
  EXPECT_EQ(set(VI_ATTR_USB_BULK_OUT_PIPE, TmcModel::kIn), Status::error_nsup_attr_state);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_PIPE), TmcModel::kIn);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_OUT_PIPE), TmcModel::kOut);
  EXPECT_EQ(set(VI_ATTR_USB_CTRL_PIPE, 1), Status::error_nsup_attr_state);
  EXPECT_EQ(set(VI_ATTR_USB_CTRL_PIPE, 0), Status::success);
}

TEST_F(RawChannelTest, WithoutAPipeItSaysHowToChooseOne) {
  EXPECT_EQ(set(VI_ATTR_USB_BULK_IN_PIPE, -1), Status::success);
  EXPECT_EQ(set(VI_ATTR_USB_BULK_OUT_PIPE, -1), Status::success);
  EXPECT_EQ(set(VI_ATTR_USB_INTR_IN_PIPE, -1), Status::success);
  EXPECT_EQ(read(*channel_, 10).status, Status::error_inv_setup);
  EXPECT_TRUE(says("VI_ATTR_USB_BULK_IN_PIPE")) << call_.detail;
  EXPECT_EQ(write(*channel_, "x"), Status::error_inv_setup);
  EXPECT_TRUE(says("VI_ATTR_USB_BULK_OUT_PIPE")) << call_.detail;
  EXPECT_TRUE(model_.transfers.empty());
  RecordingSink sink;
  EXPECT_EQ(channel_->enable_event(VI_EVENT_USB_INTR, sink, call_), Status::error_inv_event);
}

TEST_F(RawChannelTest, AnotherSettingHasPipesOfItsOwn) {
  EXPECT_EQ(set(VI_ATTR_USB_ALT_SETTING, 7), Status::error_nsup_attr_state);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_PIPE), TmcModel::kIn);
  EXPECT_EQ(set(VI_ATTR_USB_ALT_SETTING, 1), Status::success);
  EXPECT_EQ(number_of(*channel_, VI_ATTR_USB_ALT_SETTING), 1U);
  EXPECT_EQ(number_of(*channel_, VI_ATTR_USB_NUM_PIPES), 1U);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_PIPE), 0x84);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_OUT_PIPE), -1);
  EXPECT_EQ(pipe(VI_ATTR_USB_INTR_IN_PIPE), -1);
  EXPECT_EQ(number_of(*channel_, VI_ATTR_USB_MAX_INTR_SIZE), 0U);
  EXPECT_EQ(write(*channel_, "x"), Status::error_inv_setup);
}

TEST_F(RawChannelTest, SessionsShareTheDeviceAndNotTheirChoice) {
  auto other = open();
  EXPECT_EQ(devices.size(), 1U);
  EXPECT_EQ(set(VI_ATTR_USB_BULK_IN_PIPE, -1), Status::success);
  EXPECT_EQ(write(*channel_, "hello"), Status::success);
  EXPECT_EQ(read(*other, 100).status, Status::success);
  EXPECT_EQ(text_, "hello");
  EXPECT_EQ(set(VI_ATTR_USB_ALT_SETTING, 1), Status::error_attr_readonly);
  other->close(call_);
  EXPECT_FALSE(usb_->closed) << "the first session has it still";
  EXPECT_EQ(set(VI_ATTR_USB_ALT_SETTING, 1), Status::success);
}

TEST_F(RawChannelTest, AReadEndsAsTheAttributeSays) {
  EXPECT_EQ(set(VI_ATTR_USB_END_IN, VI_USB_END_NONE), Status::success);
  EXPECT_EQ(write(*channel_, "hello"), Status::success);
  EXPECT_EQ(write(*channel_, "you"), Status::success);
  const auto result = read(*channel_, 8);
  EXPECT_EQ(result.status, Status::success);
  EXPECT_EQ(result.reason, StopReason::count);
  EXPECT_EQ(text_, "helloyou");
}

TEST_F(RawChannelTest, AHaltIsShownUntilTheUserEndsIt) {
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_STATUS), VI_USB_PIPE_STATE_UNKNOWN);
  model_.stall_in = 1;
  EXPECT_EQ(read(*channel_, 10).status, Status::error_io);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_STATUS), VI_USB_PIPE_STALLED);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_OUT_STATUS), VI_USB_PIPE_STATE_UNKNOWN);
  EXPECT_EQ(set(VI_ATTR_USB_BULK_IN_STATUS, VI_USB_PIPE_READY), Status::success);
  EXPECT_EQ(usb_->halts_cleared, 1);
  EXPECT_EQ(pipe(VI_ATTR_USB_BULK_IN_STATUS), VI_USB_PIPE_READY);
  EXPECT_EQ(write(*channel_, "x"), Status::success);
  EXPECT_EQ(read(*channel_, 10).status, Status::success);
}

TEST_F(RawChannelTest, NotificationsGoToTheSinkWhileTheEventIsEnabled) {
  RecordingSink sink;
  EXPECT_EQ(channel_->enable_event(VI_EVENT_SERVICE_REQ, sink, call_), Status::error_inv_event);
  EXPECT_EQ(channel_->disable_event(VI_EVENT_USB_INTR, call_), Status::error_inv_event);
  EXPECT_EQ(set(VI_ATTR_USB_MAX_INTR_SIZE, 2), Status::success);
  EXPECT_EQ(channel_->enable_event(VI_EVENT_USB_INTR, sink, call_), Status::success);
  model_.notify({'a', 'b', 'c'});
  usb_->deliver_interrupts();
  EXPECT_EQ(sink.packets, std::vector<std::string>{"ab"}) << "as many bytes as the user wants";
  EXPECT_EQ(channel_->disable_event(VI_EVENT_USB_INTR, call_), Status::success);
  model_.notify({'d'});
  usb_->deliver_interrupts();
  EXPECT_EQ(sink.packets.size(), 1U);
  EXPECT_EQ(channel_->disable_event(VI_EVENT_USB_INTR, call_), Status::error_inv_event);
}

TEST_F(RawChannelTest, ControlTransfersGoByTheDefaultPipe) {
  spi::UsbControlFacet* const usb = channel_->facets().usb;
  ASSERT_NE(usb, nullptr);
  const std::string_view sent = "abc";
  EXPECT_EQ(usb->control_out({0x40, 5, 6, 7}, std::as_bytes(std::span(sent)), call_),
            Status::success);
  EXPECT_EQ(model_.vendor_control, (Bytes{'a', 'b', 'c'}));
  std::string back(10, '\0');
  const auto count =
      usb->control_in({0xC0, 5, 6, 7}, std::as_writable_bytes(std::span(back)), call_);
  ASSERT_TRUE(count.has_value());
  EXPECT_EQ(back.substr(0, *count), "abc");
}

TEST_F(RawChannelTest, ACallThatFindsTheDeviceBusySaysSo) {
  auto user = lease();
  {
    const drivers::GatePass inside(user.gate(), call_);
    Call call(Deadline::immediate());
    EXPECT_EQ(channel_->write({}, spi::WriteEnd::end, call).status, Status::error_tmo);
    EXPECT_NE(call.detail.find("another session or thread is using the device"), std::string::npos);
    call.cancel();
    EXPECT_EQ(channel_->read({}, {}, call).status, Status::error_abort);
  }
  EXPECT_EQ(write(*channel_, "x"), Status::success);
  user.release(call_);
}

TEST_F(RawChannelTest, AnUnpluggedDeviceIsALostConnection) {
  usb_->unplugged = true;
  EXPECT_EQ(write(*channel_, "x"), Status::error_conn_lost);
  EXPECT_EQ(read(*channel_, 10).status, Status::error_conn_lost);
  EXPECT_TRUE(says("unplugged")) << call_.detail;
  EXPECT_EQ(set(VI_ATTR_USB_ALT_SETTING, 1), Status::error_conn_lost);
  EXPECT_EQ(text_of(*channel_, VI_ATTR_USB_SERIAL_NUM), "SN1") << "what is known stays known";
}

}  // namespace
}  // namespace visa::test
