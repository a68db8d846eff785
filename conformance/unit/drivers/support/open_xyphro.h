// SPDX-License-Identifier: MIT
// A controller of a Xyphro adapter over the model of one, with an instrument at address 5.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/drivers/support/fake_adapter.h"
#include "conformance/unit/drivers/support/xyphro_model.h"
#include "drivers/gpib/xyphro/xyphro_controller.h"

namespace visa::test {

inline constexpr drivers::gpib::Address kDmm{5};

class XyphroTest : public testing::Test {
 protected:
  XyphroTest() {
    plug_->model.instruments[5];
    EXPECT_EQ(open(), Status::success) << call_.detail;
  }
  ~XyphroTest() override {
    if (board_ != nullptr) board_->close(call_);
  }

  Status open() {
    auto opened = drivers::gpib::xyphro::XyphroController::open(
        std::make_unique<FakeAdapter<XyphroModel>>(plug_), {0, 0x03, 0x82, 64}, "UsbGpib", call_);
    if (!opened) return opened.status();
    board_ = *std::move(opened);
    plug_->model.log.clear();
    return Status::success;
  }
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  Status write(const drivers::gpib::Address& to, std::string_view text) {
    EXPECT_EQ(board_->begin(call_), Status::success) << call_.detail;
    return board_->write(to, bytes(text), spi::WriteEnd::end, {}, call_).status;
  }
  spi::ReadResult read_with(Call& call, std::size_t most, const spi::EndRule& rule = {}) {
    EXPECT_EQ(board_->begin(call_), Status::success) << call_.detail;
    answer_.assign(most, '?');
    const auto result =
        board_->read(kDmm, std::as_writable_bytes(std::span(answer_)), rule, {}, call);
    answer_.resize(result.count);
    return result;
  }
  spi::ReadResult read(std::size_t most, const spi::EndRule& rule = {}) {
    return read_with(call_, most, rule);
  }
  XyphroInstrument& dmm() { return plug_->model.instruments[5]; }
  std::string log() { return std::exchange(plug_->model.log, ""); }

  std::shared_ptr<AdapterPlug<XyphroModel>> plug_ = std::make_shared<AdapterPlug<XyphroModel>>();
  std::unique_ptr<drivers::gpib::Controller> board_;
  Call call_{Deadline::after(std::chrono::seconds(20))};
  std::string answer_;
};

}  // namespace visa::test
