// SPDX-License-Identifier: MIT
// RAW: what ends a read, pipes and their states, the other setting.
#include "drivers/usb/raw_device.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/fake_usb.h"
#include "conformance/unit/drivers/support/loop_model.h"

namespace visa::test {
namespace {

using namespace drivers::usb;
using spi::StopReason;

class RawDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    info_.port = "1-1";
    info_.serial = "SN1";
    const Bytes configuration = model.configuration();
    info_.interfaces = read_interfaces(std::as_bytes(std::span(configuration)), 1);
    auto made = std::make_unique<FakeUsb>(model);
    usb = made.get();
    device = std::make_unique<RawDevice>(std::move(made), resources_of(std::span(&info_, 1)).at(0));
  }

  Status write(std::string_view text) {
    Call call(Deadline::after(std::chrono::seconds(10)));
    return device->write(*device->endpoint(TmcModel::kOut), std::as_bytes(std::span(text)), call)
        .status;
  }

  spi::ReadResult read(std::string& text, std::size_t size, RawEnd end = RawEnd::short_or_count,
                       const spi::EndRule& rule = {}) {
    text.assign(size, '\0');
    Call call(Deadline::after(std::chrono::seconds(10)));
    const auto result = device->read(*device->endpoint(TmcModel::kIn), end,
                                     std::as_writable_bytes(std::span(text)), rule, call);
    text.resize(result.count);
    return result;
  }

  LoopModel model;
  FakeUsb* usb = nullptr;
  std::unique_ptr<RawDevice> device;

 private:
  UsbDeviceInfo info_;
};

TEST_F(RawDeviceTest, ShortPacketEndsTheRead) {
  ASSERT_EQ(write("hello"), Status::success);
  std::string text;
  const auto result = read(text, 100);
  EXPECT_EQ(result.status, Status::success);
  EXPECT_EQ(result.reason, StopReason::end);
  EXPECT_EQ(text, "hello");
}

TEST_F(RawDeviceTest, CountEndsTheReadAndTheRestIsKept) {
  write("hello");
  std::string text;
  EXPECT_EQ(read(text, 3).reason, StopReason::count);
  EXPECT_EQ(text, "hel");
  EXPECT_EQ(read(text, 3).reason, StopReason::end);
  EXPECT_EQ(text, "lo");
}

TEST_F(RawDeviceTest, ShortPacketsAreNoEndWhereTheyAreNot) {
  write("hello");
  write(" world");
  std::string text;
  const auto result = read(text, 11, RawEnd::none);
  EXPECT_EQ(result.reason, StopReason::count);
  EXPECT_EQ(text, "hello world");
}

TEST_F(RawDeviceTest, TerminationCharacterEndsTheRead) {
  write("ab\ncd");
  spi::EndRule rule;
  rule.termchar_enabled = true;
  std::string text;
  EXPECT_EQ(read(text, 100, RawEnd::short_or_count, rule).reason, StopReason::termchar);
  EXPECT_EQ(text, "ab\n");
  EXPECT_EQ(read(text, 100, RawEnd::short_or_count, rule).reason, StopReason::end);
  EXPECT_EQ(text, "cd");
}

TEST_F(RawDeviceTest, LargeDataOfEverySize) {
  for (const std::size_t size : {65535UL, 65536UL, 65537UL, 3UL << 20U, (3UL << 20U) + 7}) {
    std::string sent(size, '\0');
    for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<char>(i % 253);
    ASSERT_EQ(write(sent), Status::success);
    std::string text;
    ASSERT_EQ(read(text, size, RawEnd::none).status, Status::success);
    ASSERT_TRUE(text == sent) << size;
    ASSERT_TRUE(model.transfers.empty());
  }
}

TEST_F(RawDeviceTest, TimeoutDeliversWhatCame) {
  write(std::string(512, 'x'));  // a full packet, and no short one after it
  std::string text;
  EXPECT_EQ(read(text, 1000).status, Status::error_tmo);
  EXPECT_EQ(text, std::string(512, 'x'));
  write("next");
  EXPECT_EQ(read(text, 1000).status, Status::success);
  EXPECT_EQ(text, "next");
}

TEST_F(RawDeviceTest, StallIsTheStateOfThePipeUntilItIsCleared) {
  EXPECT_EQ(device->state(TmcModel::kIn), PipeState::unknown);
  model.stall_in = 1;
  std::string text;
  EXPECT_EQ(read(text, 10).status, Status::error_io);
  EXPECT_EQ(device->state(TmcModel::kIn), PipeState::stalled);
  Call call(Deadline::after(std::chrono::seconds(1)));
  usb->halts_stay = true;
  EXPECT_EQ(device->clear_halt(TmcModel::kIn, call), Status::error_tmo);
  EXPECT_EQ(device->state(TmcModel::kIn), PipeState::stalled);
  usb->halts_stay = false;
  EXPECT_EQ(device->clear_halt(TmcModel::kIn, call), Status::success);
  EXPECT_EQ(device->state(TmcModel::kIn), PipeState::ready);
}

TEST_F(RawDeviceTest, OtherSettingHasOtherPipesAndIsForOneSession) {
  Call call(Deadline::after(std::chrono::seconds(1)));
  device->join();
  EXPECT_EQ(device->set_alternate(1, call), Status::success);
  EXPECT_EQ(device->endpoint(TmcModel::kIn), nullptr);
  EXPECT_NE(device->endpoint(0x84), nullptr);
  EXPECT_EQ(device->set_alternate(2, call), Status::error_nsup_attr_state);
  device->join();
  EXPECT_EQ(device->set_alternate(0, call), Status::error_attr_readonly);
}

TEST_F(RawDeviceTest, UnpluggedIsConnectionLost) {
  usb->unplugged = true;
  std::string text;
  EXPECT_EQ(read(text, 10).status, Status::error_conn_lost);
  EXPECT_EQ(write("x"), Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
