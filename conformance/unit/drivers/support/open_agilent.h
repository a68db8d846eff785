// SPDX-License-Identifier: MIT
// An 82357 of the model, opened by its controller, and operations inside the bus in one line.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/drivers/support/agilent_model.h"
#include "conformance/unit/drivers/support/fake_adapter.h"
#include "drivers/gpib/agilent_usb/agilent_controller.h"

namespace visa::test {

using AgilentPlug = AdapterPlug<AgilentModel>;
using FakeAgilent = FakeAdapter<AgilentModel>;
inline constexpr drivers::gpib::agilent::Endpoints kAgilentEndpoints{0x06, 0x82, 0x88, 8};

class OpenAgilent : public testing::Test {
 protected:
  using Address = drivers::gpib::Address;
  using AddressRule = drivers::gpib::AddressRule;

  static constexpr Address kDmm{5};
  static constexpr Address kScope{9};

  OpenAgilent() {
    plug_->model.instruments[5];
    plug_->model.instruments[9];
  }
  ~OpenAgilent() override {
    if (board_ != nullptr) board_->close(call_);
  }

  Status open() {
    auto opened = drivers::gpib::agilent::AgilentController::open(
        std::make_unique<FakeAgilent>(plug_), kAgilentEndpoints, "82357B", call_);
    if (!opened) return opened.status();
    board_ = *std::move(opened);
    plug_->model.log.clear();
    plug_->transfers = plug_->reports = 0;
    return Status::success;
  }

  template <class Operation>
  auto inside(Call& call, Operation&& operation) {
    const Status begun = board_->begin(call);
    EXPECT_EQ(begun, Status::success) << call.detail;
    const auto result = operation();
    board_->end();
    return result;
  }
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  Status write(const Address& to, std::string_view text, spi::WriteEnd end = spi::WriteEnd::end) {
    return inside(call_, [&] { return board_->write(to, bytes(text), end, {}, call_).status; });
  }
  spi::ReadResult read_with(Call& call, const Address& from, std::size_t most,
                            const spi::EndRule& rule = {}) {
    answer_.assign(most, '?');
    const auto result = inside(call, [&] {
      return board_->read(from, std::as_writable_bytes(std::span(answer_)), rule, {}, call);
    });
    answer_.resize(result.count);
    return result;
  }
  spi::ReadResult read(const Address& from, std::size_t most, const spi::EndRule& rule = {}) {
    return read_with(call_, from, most, rule);
  }
  /// A read for which nothing comes.
  spi::ReadResult short_read(const Address& from, std::size_t most) {
    Call call(Deadline::after(std::chrono::milliseconds(30)));
    return read_with(call, from, most);
  }
  AgilentInstrument& dmm() { return plug_->model.instruments[5]; }
  std::string log() { return std::exchange(plug_->model.log, ""); }

  std::shared_ptr<AgilentPlug> plug_ = std::make_shared<AgilentPlug>();
  std::unique_ptr<drivers::gpib::Controller> board_;
  Call call_{Deadline::after(std::chrono::seconds(20))};
  std::string answer_;
};

}  // namespace visa::test
