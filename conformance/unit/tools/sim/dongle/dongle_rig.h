// SPDX-License-Identifier: MIT
// For the tests of the USB adapters: an adapter with two instruments on its bus, plugged into a
// host that does what the test says, transfer by transfer, without an operating system between
// them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/dongle/dongle_server.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {

inline std::string dongle_bytes(std::initializer_list<int> bytes) {
  std::string result;
  for (const int byte : bytes) result += static_cast<char>(byte);
  return result;
}

/// Notes what it is sent, and answers what ends with a question mark: with what stands before it.
class DongleInstrument final : public Instrument {
 public:
  std::string seen;
  std::uint8_t status = 0;

  Framing framing() const override { return {.definite_blocks = false, .terminator = '\1'}; }
  void execute(Link& link, std::string_view message) override {
    seen += "<" + std::string(message) + ">";
    if (!message.ends_with('?')) return;
    link.answer(message.substr(0, message.size() - 1));
    link.end_answer();
  }
  void refuse_long_message(Link&) override {}
  void interrupted(Link&) override { seen += "(interrupted)"; }
  void unterminated(Link&) override { seen += "(unterminated)"; }
  void deadlocked(Link&) override {}
  void device_clear(Link&) override { seen += "(clear)"; }
  void trigger(Link&) override { seen += "(trigger)"; }
  std::uint8_t status_byte(const Link&) const override { return status; }
};

class DongleRig : public ::testing::Test, public UsbHost {
 protected:
  explicit DongleRig(std::string_view model) : dongle(loop, *find_dongle_model(model), 0x12AB) {
    dongle.bus.add(dmm, GpibPlace{5});
    dongle.bus.add(scope, GpibPlace{9, 2});
    plug_in();
  }

  void plug_in() {
    device.reset();
    finished.clear();
    unplugged.reset();
    device = std::make_unique<UsbDevice>(
        dongle.identity(), *this,
        [this](std::optional<std::chrono::milliseconds> time) { unplugged.emplace(time); });
    furnish_dongle(*device, dongle);
  }
  void on_transfer(UsbTransfer transfer) override { finished.push_back(std::move(transfer)); }

  std::optional<UsbTransfer> take() {
    if (finished.empty()) return std::nullopt;
    UsbTransfer first = std::move(finished.front());
    finished.pop_front();
    return first;
  }
  void settle() {
    for (auto due = device->due(); due && *due <= Clock::now(); due = device->due()) {
      device->on_due(Clock::now());
    }
  }
  /// Hands a transfer in; nothing while the device does not answer, and it then stays under way.
  std::optional<UsbTransfer> put(UsbTransfer transfer) {
    transfer.id = ++last_id;
    device->submit(std::move(transfer));
    return take();
  }
  /// What is due is done, at once or later.
  std::optional<UsbTransfer> wait() {
    const auto end = Clock::now() + std::chrono::seconds(20);
    while (finished.empty() && Clock::now() < end) settle();
    return take();
  }
  /// One transfer towards the device; false while it is not taken.
  bool out(std::string bytes) {
    return put({.endpoint = dongle.model.out, .data = std::move(bytes)}).has_value();
  }
  /// One transfer from it; "nothing" (and the transfer is taken back) if there is none.
  std::string in(std::size_t room = 70000) { return from(dongle.model.in, room); }
  std::string report() { return from(dongle.model.interrupt, 16); }
  std::string from(std::uint8_t endpoint, std::size_t room) {
    const auto done = put({.endpoint = endpoint, .room = room});
    if (done) return done->status == UsbStatus::success ? done->data : "no success";
    device->cancel(last_id);
    finished.clear();
    return "nothing";
  }
  std::optional<UsbTransfer> control(int type, int request, int value, int index, int length,
                                     std::string data = {}) {
    return put({.setup = {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(request),
                          static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(index),
                          static_cast<std::uint16_t>(length)},
                .room = static_cast<std::size_t>(length),
                .data = std::move(data)});
  }
  std::uint32_t fault(const FaultKind& kind, Fault rest = {}) {
    rest.kind = &kind;
    return dmm.faults().add(rest).value();
  }
  std::string seen() { return std::exchange(dmm.seen, {}); }

  EventLoop loop;
  DongleInstrument dmm;
  DongleInstrument scope;
  Dongle dongle;
  std::unique_ptr<UsbDevice> device;
  std::deque<UsbTransfer> finished;
  std::optional<std::optional<std::chrono::milliseconds>> unplugged;
  std::uint64_t last_id = 0;
};

}  // namespace visa::sim
