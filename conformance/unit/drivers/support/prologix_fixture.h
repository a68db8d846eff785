// SPDX-License-Identifier: MIT
// A Prologix kind adapter in memory and the controller on it: what the tests of its parts share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/adapter_model.h"
#include "conformance/unit/drivers/support/open_gpib.h"
#include "drivers/gpib/prologix_controller.h"

namespace visa::drivers::gpib {

using Lines = std::vector<std::string>;
inline constexpr Address kDmm{5};
inline constexpr Address kScope{9, 2};
inline constexpr std::chrono::milliseconds kNoGrace{0};

class PrologixControllerTest : public testing::Test {
 protected:
  explicit PrologixControllerTest(std::string_view version = AdapterModel::kVersion) {
    auto made = std::make_unique<AdapterModel>();
    made->version = version;
    model_ = made.get();
    controller_ = std::make_unique<PrologixController>(std::make_unique<PrologixLink>(
        std::move(made), dialect_of(version), std::string(version), kNoGrace));
  }

  static Deadline soon() { return Deadline::after(std::chrono::seconds(2)); }
  Status write(const Address& to, std::string_view text, spi::WriteEnd end = spi::WriteEnd::end) {
    Call call(soon());
    return controller_->write(to, bytes(text), end, {}, call).status;
  }
  Reading read(const Address& from, std::size_t most, const spi::EndRule& rule = {},
               std::chrono::milliseconds timeout = std::chrono::milliseconds(2000)) {
    Call call(Deadline::after(timeout));
    call.timeout = timeout;
    std::string data(most, '?');
    const auto result =
        controller_->read(from, std::as_writable_bytes(std::span(data)), rule, {}, call);
    data.resize(result.count);
    return {result.status, result.reason, data};
  }
  Result<std::uint8_t> poll(const Address& device) {
    Call call(soon());
    return controller_->serial_poll(device, call);
  }
  /// An answer whose closing line does not come, and its rest only once the link asks for the
  /// token.
  void begin_to_lose(std::size_t most, std::string_view begun) {
    model_->version = "";
    model_->without_end = true;
    model_->answers["5"] = "01";
    EXPECT_EQ(read(kDmm, most, {}, std::chrono::milliseconds(1)).data, begun);
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    model_->held = true;
    model_->late = "23\r\n";
    model_->held_sends = 1;
  }
  template <class Operation>
  Status run(Operation&& operation) {
    Call call(soon());
    const Status status = operation(*controller_, call);
    detail_ = call.detail;
    return status;
  }

  AdapterModel* model_ = nullptr;
  std::unique_ptr<PrologixController> controller_;
  std::string detail_;
};

class Ar488ControllerTest : public PrologixControllerTest {
 protected:
  Ar488ControllerTest() : PrologixControllerTest("AR488 GPIB controller, ver. 0.53\r\n") {}
};

}  // namespace visa::drivers::gpib
