// SPDX-License-Identifier: MIT
// A claimed interface whose device is the model of a GPIB adapter, without libusb and without time:
// what the model does not answer at once times out at once. One thread, but for interrupt reports,
// which the test delivers from wherever it likes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "drivers/libusb/usb_interface.h"

namespace visa::test {

using DongleBytes = std::vector<std::byte>;

/// The adapter's side.
class DongleModel {
 public:
  virtual ~DongleModel() = default;
  /// A bulk-out transfer.
  virtual void out(std::span<const std::byte> message) = 0;
  /// The next bulk-in transfer of up to `room` bytes; nothing: not now.
  virtual std::optional<DongleBytes> in(std::size_t room) = 0;
  /// A control request to the host; nothing: refused (stall).
  virtual std::optional<DongleBytes> control(const spi::UsbSetup& setup, std::size_t length) = 0;
  virtual void clear_halt(std::uint8_t endpoint) = 0;
  std::deque<DongleBytes> reports;  // that the interrupt endpoint has
};

class FakeDongle final : public drivers::usb::UsbInterface {
 public:
  using UsbEnd = drivers::usb::UsbEnd;
  using UsbOutcome = drivers::usb::UsbOutcome;
  using UsbTransfer = drivers::usb::UsbTransfer;

  explicit FakeDongle(DongleModel& model) : model_(model) {}

  bool unplugged = false;
  bool takes_requests = true;  // bulk-out transfers end
  bool halts_stay = false;     // the adapter does not answer the request to end them
  bool closed = false;
  UsbOutcome next_in = UsbOutcome::done;  // of the next bulk-in transfer, once
  bool deaf_ears = false;  // the interrupt endpoint ends as soon as it is listened to
  unsigned listens = 0;    // how often listening was asked for
  unsigned bulk_transfers = 0;
  unsigned control_transfers = 0;
  unsigned running = 0;
  std::span<std::byte> received_into;  // the buffer of the last bulk-in transfer, and
  std::span<std::byte> sent_from;      // of the last bulk-out transfer
  /// A wait that found nothing calls it once before it times out.
  std::function<void()> while_waiting;
  std::function<void()> while_pausing;

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) override {
    return std::make_unique<Transfer>(*this, (endpoint & 0x80) != 0);
  }

  UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call& call,
                 Deadline until) override {
    ++control_transfers;
    if (unplugged) return {UsbOutcome::gone, 0};
    if (call.cancelled()) return {UsbOutcome::cancelled, 0};
    if (until.is_immediate()) return {UsbOutcome::timed_out, 0};
    const auto answer = model_.control(setup, data.size());
    if (!answer) return {UsbOutcome::stalled, 0};
    const std::size_t count = std::min(answer->size(), data.size());
    std::copy_n(answer->begin(), count, data.begin());
    deliver_reports();
    return {UsbOutcome::done, count};
  }

  UsbOutcome clear_halt(std::uint8_t endpoint, const Call& call, Deadline) override {
    EXPECT_EQ(running, 0U);
    if (unplugged) return UsbOutcome::gone;
    if (call.cancelled()) return UsbOutcome::cancelled;
    if (halts_stay) return UsbOutcome::timed_out;
    model_.clear_halt(endpoint);
    return UsbOutcome::done;
  }
  UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::done; }
  UsbOutcome listen(std::uint8_t, std::size_t, drivers::usb::UsbListener& listener) override {
    ++listens;
    if (deaf_ears) {
      listener.interrupt(UsbOutcome::failed, {});
      return UsbOutcome::done;
    }
    listener_ = &listener;
    deliver_reports();
    return UsbOutcome::done;
  }
  void stop_listening() noexcept override { listener_ = nullptr; }
  void pause(const Call&, Deadline) override {
    if (while_pausing) while_pausing();
  }
  void wake() noexcept override {}
  bool gone() const noexcept override { return unplugged; }
  void close() noexcept override {
    closed = true;
    for (Transfer* const one : transfers_) one->stop();
  }

  void deliver_reports() {
    while (listener_ != nullptr && !model_.reports.empty()) {
      const DongleBytes report = std::exchange(model_.reports.front(), {});
      model_.reports.pop_front();
      listener_->interrupt(UsbOutcome::done, report);
    }
  }
  void end_reports(UsbOutcome why = UsbOutcome::gone) {
    if (listener_ != nullptr) std::exchange(listener_, nullptr)->interrupt(why, {});
  }

 private:
  class Transfer final : public UsbTransfer {
   public:
    Transfer(FakeDongle& usb, bool in) : usb_(usb), in_(in) { usb_.transfers_.push_back(this); }
    ~Transfer() override {
      stop();
      std::erase(usb_.transfers_, this);
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    void start(std::span<std::byte> buffer, bool) override {
      stop();
      buffer_ = buffer;
      (in_ ? usb_.received_into : usb_.sent_from) = buffer;
      end_ = {};
      running_ = true;
      ++usb_.running;
      ++usb_.bulk_transfers;
      attempt();
    }

    UsbEnd wait(const Call& call, Deadline, UsbTransfer* before) override {
      auto* const earlier = static_cast<Transfer*>(before);
      for (const bool again : {true, false}) {
        if (running_) attempt();
        if (!running_) return end_;
        if (earlier != nullptr && !earlier->running_ && earlier->end_.outcome != UsbOutcome::done) {
          return {earlier->end_.outcome, 0};
        }
        if (again && usb_.while_waiting) std::exchange(usb_.while_waiting, nullptr)();
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
      --usb_.running;
    }

    void attempt() {
      if (usb_.unplugged) return finish(UsbOutcome::gone);
      if (!in_) {
        if (!usb_.takes_requests) return;
        usb_.model_.out(buffer_);
        end_.count = buffer_.size();
        return finish(UsbOutcome::done);
      }
      if (usb_.next_in != UsbOutcome::done) {
        return finish(std::exchange(usb_.next_in, UsbOutcome::done));
      }
      const auto data = usb_.model_.in(buffer_.size());
      if (!data) return;
      end_.count = std::min(data->size(), buffer_.size());
      std::copy_n(data->begin(), end_.count, buffer_.begin());
      finish(UsbOutcome::done);
    }

    FakeDongle& usb_;
    const bool in_;
    std::span<std::byte> buffer_;
    UsbEnd end_;
    bool running_ = false;
  };

  DongleModel& model_;
  drivers::usb::UsbListener* listener_ = nullptr;
  std::vector<Transfer*> transfers_;
};

}  // namespace visa::test
