// SPDX-License-Identifier: MIT
// A USBTMC device of the driver over a TmcModel: the whole protocol without libusb.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/unit/drivers/support/fake_usb.h"
#include "drivers/usb/tmc_device.h"

namespace visa::test {

using drivers::usb::Quirks;
using drivers::usb::TmcDevice;

struct ReadText {
  Status status;
  std::string data;
  spi::StopReason reason;
};

class OpenTmc {
 public:
  /// Change the model, then open.
  TmcModel model;
  Quirks quirks;
  FakeUsb* usb = nullptr;
  std::unique_ptr<TmcDevice> device;
  std::string detail;  // of the last operation

  TmcDevice& open() {
    info_.port = "1-1";
    info_.bus = 1;
    info_.address = 2;
    info_.vendor = 0x1209;
    info_.product = 0x0001;
    info_.serial = model.serial;
    info_.manufacturer = "FreeVISA";
    info_.model = "model";
    const Bytes configuration = model.configuration();
    info_.interfaces = drivers::usb::read_interfaces(std::as_bytes(std::span(configuration)), 1);
    Call call(Deadline::after(std::chrono::seconds(10)));
    auto made = std::make_unique<FakeUsb>(model);
    usb = made.get();
    const auto resources = drivers::usb::resources_of(std::span(&info_, 1));
    auto opened = TmcDevice::open(std::move(made), resources.at(0), quirks, call);
    EXPECT_EQ(opened.status(), Status::success) << call.detail;
    device = *std::move(opened);
    return *device;
  }

  spi::WriteResult write(std::string_view text, const spi::WriteRule& rule = {}) {
    Call call(Deadline::after(kLong));
    const auto result =
        device->write(std::as_bytes(std::span(text.data(), text.size())), rule, call);
    detail = call.detail;
    return result;
  }

  ReadText read(std::size_t size = 1024, const spi::EndRule& rule = {}) {
    std::string text(size, '\0');
    Call call(Deadline::after(kLong));
    const auto result =
        device->read(std::as_writable_bytes(std::span(text.data(), size)), rule, call);
    EXPECT_LE(result.count, size);
    text.resize(result.count);
    detail = call.detail;
    return {result.status, text, result.reason};
  }

  std::string query(std::string_view text, std::size_t size = 1024) {
    EXPECT_EQ(write(text).status, Status::success) << detail;
    const auto answer = read(size);
    EXPECT_EQ(answer.status, Status::success) << detail;
    return answer.data;
  }

  template <class Operation>
  Status call(Operation&& operation) {
    Call one(Deadline::after(kLong));
    const Status status = operation(one);
    detail = one.detail;
    return status;
  }

 private:
  static constexpr std::chrono::seconds kLong{20};
  drivers::usb::UsbDeviceInfo info_;
};

inline constexpr char kIdentity[] = "FreeVISA,model,SN1,1\n";

}  // namespace visa::test
