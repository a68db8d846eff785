// SPDX-License-Identifier: MIT
// A port with an 82357 that has no firmware: it takes what is loaded, leaves, and comes back after
// a few looks with another address, and in the end with another id. No time passes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/agilent_model.h"
#include "conformance/unit/drivers/support/fake_adapter.h"
#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "drivers/gpib/agilent_usb/agilent_board.h"
#include "drivers/gpib/dongle/dongle_list.h"

namespace visa::test {

class FakeBootPort final : public drivers::gpib::agilent::AdapterPort {
 public:
  using Dongle = drivers::gpib::dongle::Dongle;
  using UsbOutcome = drivers::usb::UsbOutcome;

  unsigned loads_needed = 2;  // as a 82357B
  unsigned loads = 0;         // firmwares that were started
  int looks_away = 2;         // how often it is not there after a load
  int looks_old = 1;          // and before that, how often its old address is still there
  int denials = 1;            // claims that come before the system gave permission
  bool unplugged = false;
  bool stays_away = false;
  UsbOutcome next_load = UsbOutcome::done;
  std::map<std::uint16_t, std::uint8_t> memory;
  bool stopped = false;
  unsigned claims = 0;
  std::shared_ptr<AdapterPlug<AgilentModel>> plug = std::make_shared<AdapterPlug<AgilentModel>>();

  std::optional<Dongle> now() override {
    if (unplugged) return std::nullopt;
    if (old_ > 0) {
      --old_;
      return at(address_ - 1, loads - 1);
    }
    if (away_ > 0 || (stays_away && loads > 0)) {
      --away_;
      return std::nullopt;
    }
    return at(address_, loads);
  }

  Result<std::unique_ptr<drivers::usb::UsbInterface>> claim(const Dongle& dongle,
                                                            Call& call) override {
    ++claims;
    if (loads > 0 && denied_ < denials) {
      ++denied_;
      return call.fail(Status::error_npermission, "no permission");
    }
    if (dongle.model->stage == drivers::gpib::dongle::Stage::ready) {
      return std::unique_ptr<drivers::usb::UsbInterface>(
          std::make_unique<FakeAdapter<AgilentModel>>(plug));
    }
    return std::unique_ptr<drivers::usb::UsbInterface>(std::make_unique<Boot>(*this));
  }

  void pause(std::chrono::milliseconds, const Call&) override { ++pauses; }
  unsigned pauses = 0;

 private:
  static std::optional<Dongle> at(unsigned address, unsigned loaded, unsigned needed) {
    auto device = plugged(0x0957, loaded >= needed ? 0x0718 : 0x0518, "", "1-1");
    device.address = static_cast<std::uint8_t>(address);
    const auto found = drivers::gpib::dongle::find_dongles(std::span(&device, 1));
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
  std::optional<Dongle> at(unsigned address, unsigned loaded) const {
    return at(address, loaded, loads_needed);
  }

  class Boot final : public drivers::usb::UsbInterface {
   public:
    using UsbEnd = drivers::usb::UsbEnd;
    explicit Boot(FakeBootPort& port) : port_(port) {}
    std::unique_ptr<drivers::usb::UsbTransfer> transfer(std::uint8_t) override { return nullptr; }
    UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call&,
                   Deadline) override {
      return port_.load(setup, data);
    }
    UsbOutcome clear_halt(std::uint8_t, const Call&, Deadline) override {
      return UsbOutcome::failed;
    }
    UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::failed; }
    UsbOutcome listen(std::uint8_t, std::size_t, drivers::usb::UsbListener&) override {
      return UsbOutcome::failed;
    }
    void stop_listening() noexcept override {}
    void pause(const Call&, Deadline) override {}
    void wake() noexcept override {}
    bool gone() const noexcept override { return false; }
    void close() noexcept override {}

   private:
    FakeBootPort& port_;
  };

  drivers::usb::UsbEnd load(const spi::UsbSetup& setup, std::span<const std::byte> data) {
    if (setup.request_type != 0x40 || setup.request != 0xA0 || setup.index != 0) {
      return {UsbOutcome::stalled, 0};
    }
    if (setup.value == 0xE600) {
      const bool stop = data[0] == std::byte{1};
      if (stopped && !stop) start();
      stopped = stop;
      return {UsbOutcome::done, 1};
    }
    if (!stopped) return {UsbOutcome::stalled, 0};
    if (next_load != UsbOutcome::done) return {next_load, 0};
    for (std::size_t i = 0; i < data.size(); ++i) {
      memory[static_cast<std::uint16_t>(setup.value + i)] = static_cast<std::uint8_t>(data[i]);
    }
    return {UsbOutcome::done, data.size()};
  }

  void start() {
    ++loads;
    ++address_;
    old_ = looks_old;
    away_ = looks_away;
    denied_ = 0;
  }

  unsigned address_ = 2;
  int old_ = 0;
  int away_ = 0;
  int denied_ = 0;
};

}  // namespace visa::test
