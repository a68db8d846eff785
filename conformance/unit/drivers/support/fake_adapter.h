// SPDX-License-Identifier: MIT
// A claimed interface whose device is a model of a GPIB adapter, which never waits and has:
//   kPacket                     the most bytes of a packet from bulk-in
//   replies                     packets that wait there
//   out(message)                a message to bulk-out
//   control(request, value, index)   its answer, or nothing while there is none
//   report()                    the next interrupt packet, or nothing
// Waits are real ones, so that deadlines and cancels can be tested, but nothing here takes time by
// itself. Any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include "drivers/libusb/usb_interface.h"

namespace visa::test {

/// What several fakes of one device share: it outlives the interface, as a device does.
template <class Model>
struct AdapterPlug {
  std::mutex mutex;
  std::condition_variable changed;
  Model model;
  bool unplugged = false;
  bool closed = false;
  unsigned transfers = 0;  // that this computer started: bulk and control
  unsigned reports = 0;    // interrupt packets
  unsigned halts_cleared = 0;
  bool halts_stay = false;  // it does not answer the request to end them
  unsigned listens = 0;     // how often listening was asked for
  unsigned running = 0;     // bulk transfers now
  bool deaf_ears = false;   // the interrupt endpoint ends as soon as it is listened to
  /// The next wait for a transfer calls it once, without the mutex, before it goes to sleep.
  std::function<void()> while_waiting;

  /// Changes the model as an instrument or a person does.
  template <class Change>
  void with(Change&& change) {
    const std::lock_guard lock(mutex);
    change(model);
    deliver();
  }
  void unplug() {
    const std::lock_guard lock(mutex);
    unplugged = true;
    if (listener != nullptr) {
      std::exchange(listener, nullptr)->interrupt(drivers::usb::UsbOutcome::gone, {});
    }
    changed.notify_all();
  }

  /// The interrupt endpoint ends, while the adapter is there.
  void end_reports(drivers::usb::UsbOutcome why) {
    const std::lock_guard lock(mutex);
    if (listener != nullptr) std::exchange(listener, nullptr)->interrupt(why, {});
  }

  /// With the mutex held: what the model has to tell goes to the listener.
  void deliver() {
    while (listener != nullptr) {
      const auto packet = model.report();
      if (!packet) break;
      ++reports;
      listener->interrupt(drivers::usb::UsbOutcome::done, std::as_bytes(std::span(*packet)));
    }
    changed.notify_all();
  }
  drivers::usb::UsbListener* listener = nullptr;
};

template <class Model>
class FakeAdapter final : public drivers::usb::UsbInterface {
 public:
  using UsbEnd = drivers::usb::UsbEnd;
  using UsbOutcome = drivers::usb::UsbOutcome;
  using UsbTransfer = drivers::usb::UsbTransfer;

  explicit FakeAdapter(std::shared_ptr<AdapterPlug<Model>> plug) : plug_(std::move(plug)) {}

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) override {
    return std::make_unique<Transfer>(plug_, endpoint);
  }

  UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call& call,
                 Deadline until) override {
    std::unique_lock lock(plug_->mutex);
    ++plug_->transfers;
    for (;;) {
      if (plug_->unplugged) return {UsbOutcome::gone, 0};
      const auto answer = plug_->model.control(setup.request, setup.value, setup.index);
      if (answer) {
        plug_->deliver();
        const std::size_t count = std::min(answer->size(), data.size());
        std::transform(answer->begin(), answer->begin() + static_cast<std::ptrdiff_t>(count),
                       data.begin(), [](std::uint8_t one) { return static_cast<std::byte>(one); });
        return {UsbOutcome::done, count};
      }
      if (call.cancelled()) return {UsbOutcome::cancelled, 0};
      if (until.expired()) return {UsbOutcome::timed_out, 0};
      wait(lock, until);
    }
  }

  UsbOutcome clear_halt(std::uint8_t, const Call& call, Deadline until) override {
    std::unique_lock lock(plug_->mutex);
    while (plug_->halts_stay && !plug_->unplugged) {
      if (call.cancelled()) return UsbOutcome::cancelled;
      if (until.expired()) return UsbOutcome::timed_out;
      wait(lock, until);
    }
    ++plug_->halts_cleared;
    return plug_->unplugged ? UsbOutcome::gone : UsbOutcome::done;
  }
  UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::done; }
  UsbOutcome listen(std::uint8_t, std::size_t, drivers::usb::UsbListener& listener) override {
    const std::lock_guard lock(plug_->mutex);
    if (plug_->unplugged) return UsbOutcome::gone;
    ++plug_->listens;
    if (plug_->deaf_ears) {
      listener.interrupt(UsbOutcome::failed, {});
      return UsbOutcome::done;
    }
    plug_->listener = &listener;
    plug_->deliver();
    return UsbOutcome::done;
  }
  void stop_listening() noexcept override {
    const std::lock_guard lock(plug_->mutex);
    plug_->listener = nullptr;
  }
  void pause(const Call&, Deadline) override {}
  void wake() noexcept override {
    const std::lock_guard lock(plug_->mutex);
    plug_->changed.notify_all();
  }
  bool gone() const noexcept override {
    const std::lock_guard lock(plug_->mutex);
    return plug_->unplugged;
  }
  void close() noexcept override {
    stop_listening();
    plug_->closed = true;
  }

 private:
  void wait(std::unique_lock<std::mutex>& lock, Deadline until) const {
    if (until.is_infinite()) {
      plug_->changed.wait(lock);
    } else {
      plug_->changed.wait_until(lock, until.time_point());
    }
  }

  class Transfer final : public UsbTransfer {
   public:
    Transfer(std::shared_ptr<AdapterPlug<Model>> plug, std::uint8_t endpoint)
        : plug_(std::move(plug)), in_((endpoint & 0x80) != 0) {}
    ~Transfer() override { stop(); }

    void start(std::span<std::byte> buffer, bool) override {
      stop();
      const std::lock_guard lock(plug_->mutex);
      ++plug_->transfers;
      buffer_ = buffer;
      end_ = {};
      running_ = true;
      ++plug_->running;
      if (in_) return;
      if (plug_->unplugged) return finish({UsbOutcome::gone, 0});
      const auto* const bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
      finish({UsbOutcome::done, buffer.size()});
      plug_->model.out({bytes, bytes + buffer.size()});
      plug_->deliver();
    }

    UsbEnd wait(const Call& call, Deadline until, UsbTransfer* before) override {
      const auto* const earlier = static_cast<const Transfer*>(before);
      std::unique_lock lock(plug_->mutex);
      for (;;) {
        if (running_) attempt();
        if (!running_) return end_;
        if (earlier != nullptr && !earlier->running_ && earlier->end_.outcome != UsbOutcome::done) {
          return {earlier->end_.outcome, 0};
        }
        if (plug_->while_waiting) {
          const auto hook = std::exchange(plug_->while_waiting, nullptr);
          lock.unlock();
          hook();
          lock.lock();
          continue;
        }
        if (call.cancelled()) return {UsbOutcome::cancelled, 0};
        if (until.expired()) return {UsbOutcome::timed_out, 0};
        if (until.is_infinite()) {
          plug_->changed.wait(lock);
        } else {
          plug_->changed.wait_until(lock, until.time_point());
        }
      }
    }
    using UsbTransfer::wait;

    UsbEnd stop() noexcept override {
      const std::lock_guard lock(plug_->mutex);
      if (running_) attempt();
      if (running_) finish({UsbOutcome::stopped, end_.count});
      return end_;
    }

   private:
    void finish(UsbEnd end) {
      end_ = end;
      running_ = false;
      --plug_->running;
    }

    void attempt() {
      if (plug_->unplugged) return finish({UsbOutcome::gone, 0});
      auto& replies = plug_->model.replies;
      while (running_ && !replies.empty()) {
        const auto packet = std::move(replies.front());
        replies.pop_front();
        if (packet.size() > buffer_.size() - end_.count) {
          return finish({UsbOutcome::overflow, end_.count});
        }
        std::transform(packet.begin(), packet.end(),
                       buffer_.begin() + static_cast<std::ptrdiff_t>(end_.count),
                       [](std::uint8_t one) { return static_cast<std::byte>(one); });
        end_.count += packet.size();
        const bool last = packet.size() < Model::kPacket || end_.count == buffer_.size();
        if (last) finish({UsbOutcome::done, end_.count});
      }
    }

    const std::shared_ptr<AdapterPlug<Model>> plug_;
    const bool in_;
    std::span<std::byte> buffer_;
    UsbEnd end_;
    bool running_ = false;
  };

  const std::shared_ptr<AdapterPlug<Model>> plug_;
};

}  // namespace visa::test
