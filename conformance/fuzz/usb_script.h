// SPDX-License-Identifier: MIT
// A USB interface that answers from fuzz input, for the targets of the USB driver. Each transfer
// takes a byte that says how it ends and how much comes, then the bytes; without input it times
// out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "drivers/libusb/usb_interface.h"

namespace visa::fuzz {

using drivers::usb::UsbEnd;
using drivers::usb::UsbInterface;
using drivers::usb::UsbListener;
using drivers::usb::UsbOutcome;
using drivers::usb::UsbTransfer;

inline void demand(bool holds) {
  if (!holds) std::abort();
}

class ScriptedUsb final : public UsbInterface {
 public:
  explicit ScriptedUsb(std::span<const std::uint8_t> input) : input_(input) {}

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) override {
    return std::make_unique<Transfer>(*this, endpoint);
  }
  UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call&,
                 Deadline) override {
    if ((setup.request_type & 0x80) == 0) return {UsbOutcome::done, data.size()};
    return take(data);
  }
  UsbOutcome clear_halt(std::uint8_t, const Call&, Deadline) override { return UsbOutcome::done; }
  UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::done; }
  UsbOutcome listen(std::uint8_t, std::size_t, UsbListener& listener) override {
    listener_ = &listener;
    return UsbOutcome::done;
  }
  void stop_listening() noexcept override { listener_ = nullptr; }
  void pause(const Call&, Deadline) override {}
  void wake() noexcept override {}
  bool gone() const noexcept override { return gone_; }
  void close() noexcept override {}

  UsbListener* listener() const { return listener_; }
  int running = 0;

  /// How the next transfer ends, with its bytes in `into`.
  UsbEnd take(std::span<std::byte> into) {
    constexpr std::uint8_t kLengthBits = 0x1F;
    if (input_.empty()) return {UsbOutcome::timed_out, 0};
    const std::uint8_t how = input_.front();
    input_ = input_.subspan(1);
    std::size_t size = how & kLengthBits;
    if (size == kLengthBits) size = into.size();
    size = std::min({size, into.size(), input_.size()});
    if (size > 0) std::memcpy(into.data(), input_.data(), size);
    input_ = input_.subspan(size);
    switch (how >> 5U) {
      case 5:
        return {UsbOutcome::stalled, size};
      case 6:
        return {UsbOutcome::timed_out, size};
      case 7:
        gone_ = how == 0xE7;
        return {gone_ ? UsbOutcome::gone : UsbOutcome::failed, size};
      default:
        return {UsbOutcome::done, size};
    }
  }

 private:
  class Transfer final : public UsbTransfer {
   public:
    Transfer(ScriptedUsb& usb, std::uint8_t endpoint) : usb_(usb), in_((endpoint & 0x80) != 0) {}
    ~Transfer() override { stop(); }
    void start(std::span<std::byte> buffer, bool) override {
      demand(!running_);
      running_ = true;
      ++usb_.running;
      end_ = in_ ? usb_.take(buffer) : UsbEnd{UsbOutcome::done, buffer.size()};
    }
    using UsbTransfer::wait;
    UsbEnd wait(const Call&, Deadline, UsbTransfer*) override {
      if (end_.outcome == UsbOutcome::timed_out) return {UsbOutcome::timed_out, 0};
      over();
      return end_;
    }
    UsbEnd stop() noexcept override {
      over();
      if (end_.outcome == UsbOutcome::timed_out) end_.outcome = UsbOutcome::stopped;
      return end_;
    }

   private:
    void over() noexcept {
      if (running_) --usb_.running;
      running_ = false;
    }
    ScriptedUsb& usb_;
    const bool in_;
    bool running_ = false;
    UsbEnd end_;
  };

  std::span<const std::uint8_t> input_;
  UsbListener* listener_ = nullptr;
  bool gone_ = false;
};

}  // namespace visa::fuzz
