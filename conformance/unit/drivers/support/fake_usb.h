// SPDX-License-Identifier: MIT
// A claimed interface whose device is a TmcModel, without libusb and without time: what the model
// does not answer at once times out at once. One thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "conformance/unit/drivers/support/tmc_model.h"
#include "drivers/libusb/usb_interface.h"

namespace visa::test {

using drivers::usb::UsbEnd;
using drivers::usb::UsbInterface;
using drivers::usb::UsbListener;
using drivers::usb::UsbOutcome;
using drivers::usb::UsbTransfer;

class FakeUsb final : public UsbInterface {
 public:
  explicit FakeUsb(TmcModel& model) : model_(model) {}

  bool unplugged = false;
  bool halts_stay = false;               // the device does not answer the request to end them
  std::function<void()> while_clearing;  // called by clear_halt
  /// A wait that found nothing calls it once before it times out.
  std::function<void()> while_waiting;
  int running = 0;                          // transfers now
  std::size_t memory = SIZE_MAX;            // bytes of all running transfers together
  std::span<const std::byte> watched = {};  // a buffer of the test, and
  std::size_t received_there = 0;           // bytes that transfers put straight into it

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) override {
    return std::make_unique<Transfer>(*this, endpoint);
  }

  UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call& call,
                 Deadline) override {
    if (unplugged) return {UsbOutcome::gone, 0};
    if (call.cancelled()) return {UsbOutcome::cancelled, 0};
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(data.data());
    const bool to_host = (setup.request_type & 0x80) != 0;
    const Urb urb =
        model_.control(setup, to_host ? Bytes() : Bytes(bytes, bytes + data.size()), data.size());
    deliver_interrupts();
    if (urb.error != 0) return {outcome_of(urb.error), 0};
    if (!to_host) return {UsbOutcome::done, data.size()};
    std::memcpy(data.data(), urb.data.data(), urb.data.size());
    return {UsbOutcome::done, urb.data.size()};
  }

  UsbOutcome clear_halt(std::uint8_t endpoint, const Call& call, Deadline) override {
    if (while_clearing) while_clearing();
    if (call.cancelled()) return UsbOutcome::cancelled;
    if (halts_stay) return UsbOutcome::timed_out;
    ++halts_cleared;
    model_.clear_halt(endpoint);
    return unplugged ? UsbOutcome::gone : UsbOutcome::done;
  }
  UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::done; }

  UsbOutcome listen(std::uint8_t, std::size_t, UsbListener& listener) override {
    listener_ = &listener;
    return UsbOutcome::done;
  }
  void stop_listening() noexcept override { listener_ = nullptr; }
  void pause(const Call&, Deadline) override { ++pauses; }
  void wake() noexcept override {}
  bool gone() const noexcept override { return unplugged; }
  void close() noexcept override { closed = true; }

  /// The listening ends.
  void end_interrupts(UsbOutcome outcome) {
    UsbListener* const listener = std::exchange(listener_, nullptr);
    if (listener != nullptr) listener->interrupt(outcome, {});
  }

  void deliver_interrupts() {
    for (;;) {
      if (listener_ == nullptr) return;
      const Urb urb = model_.interrupt();
      if (!urb.ended) return;
      listener_->interrupt(UsbOutcome::done, std::as_bytes(std::span(urb.data)));
    }
  }

  int halts_cleared = 0;
  int pauses = 0;
  bool closed = false;

 private:
  static UsbOutcome outcome_of(int error) {
    return error == EPIPE ? UsbOutcome::stalled : UsbOutcome::failed;
  }

  class Transfer final : public UsbTransfer {
   public:
    Transfer(FakeUsb& usb, std::uint8_t endpoint) : usb_(usb), endpoint_(endpoint) {}
    ~Transfer() override { stop(); }

    void start(std::span<std::byte> buffer, bool) override {
      EXPECT_FALSE(running_);
      buffer_ = buffer;
      end_ = {};
      running_ = true;
      ++usb_.running;
      usb_.memory_used_ += buffer_.size();
      if (usb_.memory_used_ > usb_.memory) return finish(UsbOutcome::no_memory);
      attempt();
    }

    UsbEnd wait(const Call& call, Deadline, UsbTransfer* before) override {
      auto* const earlier = static_cast<Transfer*>(before);
      for (bool again : {true, false}) {
        if (earlier != nullptr && earlier->running_) earlier->attempt();
        if (earlier != nullptr && !earlier->running_ && earlier->end_.outcome != UsbOutcome::done) {
          return {earlier->end_.outcome, 0};
        }
        if (running_) attempt();
        if (!running_) return end_;
        if (again && usb_.while_waiting) usb_.while_waiting();
      }
      return {call.cancelled() ? UsbOutcome::cancelled : UsbOutcome::timed_out, 0};
    }
    using UsbTransfer::wait;

    UsbEnd stop() noexcept override {
      if (running_) finish(UsbOutcome::stopped);
      return end_;
    }

   private:
    void finish(UsbOutcome outcome) {
      end_.outcome = outcome;
      running_ = false;
      usb_.memory_used_ -= buffer_.size();
      --usb_.running;
    }

    void attempt() {
      if (usb_.unplugged) return finish(UsbOutcome::gone);
      const bool in = (endpoint_ & 0x80) != 0;
      const auto* const bytes = reinterpret_cast<const std::uint8_t*>(buffer_.data());
      const Urb urb = in ? usb_.model_.in(buffer_.size() - end_.count, end_.count)
                         : usb_.model_.out(Bytes(bytes, bytes + buffer_.size()));
      if (in && !urb.data.empty()) {
        std::memcpy(buffer_.data() + end_.count, urb.data.data(), urb.data.size());
        end_.count += urb.data.size();
        if (usb_.is_watched(buffer_)) usb_.received_there += urb.data.size();
      }
      if (urb.error != 0) return finish(outcome_of(urb.error));
      if (!urb.ended) return;
      if (!in) end_.count = buffer_.size();
      finish(UsbOutcome::done);
    }

    FakeUsb& usb_;
    const std::uint8_t endpoint_;
    std::span<std::byte> buffer_;
    UsbEnd end_;
    bool running_ = false;
  };

  bool is_watched(std::span<const std::byte> buffer) const {
    const std::less_equal<const std::byte*> before;
    return before(watched.data(), buffer.data()) &&
           before(buffer.data() + buffer.size(), watched.data() + watched.size());
  }

  TmcModel& model_;
  UsbListener* listener_ = nullptr;
  std::size_t memory_used_ = 0;
};

}  // namespace visa::test
