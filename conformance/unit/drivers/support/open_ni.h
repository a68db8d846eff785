// SPDX-License-Identifier: MIT
// A controller of an NI adapter over the model of one, with three instruments.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/drivers/support/fake_dongle.h"
#include "conformance/unit/drivers/support/ni_model.h"
#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "drivers/gpib/dongle/dongle_list.h"
#include "drivers/gpib/ni_usb/ni_controller.h"

namespace visa::drivers::gpib::ni_usb {

inline constexpr Address kDmm{5};
inline constexpr Address kScope{9, 2};
inline constexpr Address kSource{7};

inline dongle::Dongle ni_dongle(std::uint16_t product = 0x709B) {
  const auto device = test::plugged(0x3923, product, "01AB23CD", "1-1");
  return dongle::find_dongles({&device, 1}).front();
}

class NiTest : public testing::Test {
 protected:
  NiTest() {
    for (const Address& one : {kDmm, kScope, kSource}) model_.devices[one];
  }
  ~NiTest() override {
    if (board_) board_->close(call_);
    EXPECT_EQ(model_.violations, std::vector<std::string>{});
    EXPECT_TRUE(usb_ == nullptr || usb_->running == 0U);
  }

  Status open(std::uint16_t product = 0x709B) {
    auto usb = std::make_unique<test::FakeDongle>(model_);
    usb_ = usb.get();
    auto opened = NiController::open(std::move(usb), ni_dongle(product), call_);
    if (!opened) {
      usb_ = nullptr;  // it went with the controller
      return opened.status();
    }
    board_ = *std::move(opened);
    return Status::success;
  }
  /// An operation as the bus makes it.
  template <class Operation>
  auto on_bus(Operation&& operation) {
    EXPECT_EQ(board_->begin(call_), Status::success);
    auto result = operation();
    board_->end();
    return result;
  }
  Status write(const Address& to, std::string_view text, spi::WriteEnd end = spi::WriteEnd::end) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    const auto result = on_bus([&] { return board_->write(to, bytes, end, {}, call_); });
    written_ = result.count;
    return result.status;
  }
  spi::ReadResult read(const Address& from, std::size_t most, const spi::EndRule& rule = {}) {
    answer_.assign(most, '?');
    const auto into = std::as_writable_bytes(std::span(answer_));
    const auto result = on_bus([&] { return board_->read(from, into, rule, {}, call_); });
    answer_.resize(result.count);
    return result;
  }
  std::string log() { return std::exchange(model_.log, ""); }
  FakeDevice& dmm() { return model_.devices[kDmm]; }
  bool says(std::string_view text) { return call_.detail.find(text) != std::string::npos; }

  test::NiModel model_;
  Call call_{Deadline::after(std::chrono::seconds(30))};
  test::FakeDongle* usb_ = nullptr;
  std::unique_ptr<Controller> board_;
  std::string answer_;
  std::size_t written_ = 0;
};

}  // namespace visa::drivers::gpib::ni_usb
