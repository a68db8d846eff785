// SPDX-License-Identifier: MIT
// Endpoints and transfers, apart from what a function does with them.
#include "tools/sim/usb/usb_device.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>

namespace visa::sim {
namespace {

// Takes and gives what the test says.
class ScriptedFunction : public UsbFunction {
 public:
  explicit ScriptedFunction(UsbPort& port) : port_(port) {}
  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup&, std::string_view, bool waited) override {
    if (waited || !wait_until) return {.data = waited ? "late" : "now"};
    return {.kind = UsbAnswer::Kind::wait, .until = *wait_until};
  }
  std::size_t take(std::uint8_t, std::string_view bytes, bool ends) override {
    const std::string_view part = bytes.substr(0, room);
    room -= part.size();
    taken += part;
    if (ends && part.size() == bytes.size()) taken += '|';
    return part.size();
  }
  UsbGiven give(std::uint8_t, std::size_t most) override {
    if (answers.empty()) return {};
    UsbGiven given = std::move(answers.front());
    answers.pop_front();
    most_asked = most;
    return given;
  }
  void on_halt_cleared(std::uint8_t) override { ++cleared; }
  void reset() override { ++resets; }
  void halt(std::uint8_t endpoint) { port_.halt(endpoint); }
  void wake() { port_.wake(); }
  void leave() { port_.unplug(std::chrono::milliseconds(5)); }

  std::optional<Clock::time_point> wait_until;
  std::size_t room = SIZE_MAX;
  std::string taken;
  std::deque<UsbGiven> answers;
  std::size_t most_asked = 0;
  int cleared = 0;
  int resets = 0;

 private:
  UsbPort& port_;
  UsbLayout layout_{
      .number = 3,
      .device_class = 0xFF,
      .subclass = 0,
      .protocol = 0,
      .endpoints = {{0x01, UsbPipeType::bulk, 8, 0}, {0x82, UsbPipeType::bulk, 8, 0}}};
};

class UsbDeviceTest : public ::testing::Test, public UsbHost {
 protected:
  UsbDeviceTest() {
    auto made = std::make_unique<ScriptedFunction>(device.port());
    function = made.get();
    device.add(std::move(made));
  }
  void on_transfer(UsbTransfer transfer) override { done.push_back(std::move(transfer)); }
  std::uint64_t out(std::string data, bool zero_packet = false) {
    device.submit({.id = ++id, .endpoint = 1, .data = std::move(data), .zero_packet = zero_packet});
    return id;
  }
  std::uint64_t in(std::size_t room) {
    device.submit({.id = ++id, .endpoint = 0x82, .room = room});
    return id;
  }
  void turn() { device.on_due(Clock::now()); }

  UsbDevice device{{.vendor = 1, .product = 2},
                   *this,
                   [this](std::optional<std::chrono::milliseconds> time) { away = time; }};
  ScriptedFunction* function = nullptr;
  std::deque<UsbTransfer> done;
  std::optional<std::chrono::milliseconds> away;
  std::uint64_t id = 0;
};

TEST_F(UsbDeviceTest, OutputWaitsWhileItIsNotTaken) {
  function->room = 5;
  out("12345678");
  out("next");
  EXPECT_TRUE(done.empty());
  EXPECT_EQ(function->taken, "12345");
  function->room = SIZE_MAX;
  function->wake();
  EXPECT_EQ(device.due(), Clock::time_point{});
  turn();
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].taken, 8U);
  EXPECT_EQ(function->taken, "12345678next|") << "a full packet ends nothing";
}

TEST_F(UsbDeviceTest, AnEmptyPacketFollowsWhereTheHostWantsOne) {
  out("12345678", true);
  out("123", true);
  EXPECT_EQ(function->taken, "12345678|123|");
}

TEST_F(UsbDeviceTest, InputEndsWithAShortPacketOrAFullBuffer) {
  function->answers = {{UsbGiven::Kind::data, "12345678"}, {UsbGiven::Kind::end, "9"}};
  in(64);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].data, "123456789");
  EXPECT_EQ(function->most_asked, 56U);
  function->answers = {{UsbGiven::Kind::data, "12345678"}};
  in(8);
  EXPECT_EQ(done[1].data, "12345678");
  EXPECT_EQ(done[1].status, UsbStatus::success);
}

TEST_F(UsbDeviceTest, ATransferThatIsCancelledHasWhatCame) {
  function->answers = {{UsbGiven::Kind::data, "12345678"}};
  in(64);
  EXPECT_TRUE(done.empty());
  EXPECT_TRUE(device.cancel(id));
  EXPECT_EQ(done[0].status, UsbStatus::cancelled);
  EXPECT_EQ(done[0].data, "12345678");
  EXPECT_FALSE(device.cancel(id));
}

TEST_F(UsbDeviceTest, AHaltedEndpointStallsUntilItIsCleared) {
  function->halt(1);
  EXPECT_TRUE(device.halted(1));
  EXPECT_FALSE(device.halted(0x82));
  out("x");
  EXPECT_EQ(done[0].status, UsbStatus::stall);
  device.clear_halt(1);
  EXPECT_EQ(function->cleared, 1);
  out("y");
  EXPECT_EQ(done[1].status, UsbStatus::success);
  function->answers = {{UsbGiven::Kind::halt, "part"}};
  in(64);
  EXPECT_EQ(done[2].status, UsbStatus::stall);
  EXPECT_EQ(done[2].data, "part");
  in(64);
  EXPECT_EQ(done[3].status, UsbStatus::stall);
  device.reset();
  EXPECT_EQ(function->resets, 1);
  EXPECT_FALSE(device.halted(0x82));
}

TEST_F(UsbDeviceTest, AnUnknownEndpointStalls) {
  device.submit({.id = 7, .endpoint = 0x85, .room = 8});
  EXPECT_EQ(done[0].status, UsbStatus::stall);
  EXPECT_EQ(device.interface_of(0x85), nullptr);
  EXPECT_EQ(device.interface_of(0x82)->number, 3);
  EXPECT_TRUE(device.has_interface(3));
  EXPECT_FALSE(device.has_interface(0));
}

TEST_F(UsbDeviceTest, ARequestMayWait) {
  function->wait_until = Clock::now() + std::chrono::milliseconds(5);
  device.submit({.id = 1, .setup = {0xA1, 1, 0, 3, 64}, .room = 64});
  EXPECT_TRUE(done.empty());
  ASSERT_TRUE(device.due());
  EXPECT_GT(*device.due(), Clock::time_point{});
  while (Clock::now() < *function->wait_until) {
  }
  turn();
  EXPECT_EQ(done.at(0).data, "late");
  device.submit({.id = 2, .setup = {0xA1, 1, 0, 9, 64}, .room = 64});
  EXPECT_EQ(done.at(1).status, UsbStatus::stall) << "no such interface";
}

TEST_F(UsbDeviceTest, WhatIsUnderWayEndsWhenItLeaves) {
  in(64);
  function->room = 0;
  out("x");
  function->leave();
  turn();
  EXPECT_EQ(away, std::chrono::milliseconds(5));
  device.leave();
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].status, UsbStatus::gone);
  EXPECT_EQ(done[1].status, UsbStatus::gone);
  in(8);
  EXPECT_EQ(done[2].status, UsbStatus::gone);
}

}  // namespace
}  // namespace visa::sim
