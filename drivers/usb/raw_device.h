// SPDX-License-Identifier: MIT
// One USB interface without a protocol that the library knows (RAW), shared by the sessions of this
// process (drivers/common/shared_device.h). Its pipes are used inside the gate of the device, the
// default pipe and the interrupt pipe beside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "drivers/common/shared_device.h"
#include "drivers/libusb/usb_interface.h"
#include "drivers/usb/device_facts.h"
#include "drivers/usb/interrupt_subscribers.h"
#include "drivers/usb/kept_bytes.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::usb {

/// VI_USB_PIPE_*: what the last transfer on a pipe left.
enum class PipeState : std::int16_t { unknown = -1, ready = 0, stalled = 1 };

/// VI_USB_END_*: whether a short packet ends a read.
enum class RawEnd : std::uint16_t { none = 0, short_packet = 4, short_or_count = 5 };

class RawDevice final : private UsbListener {
 public:
  RawDevice(std::unique_ptr<UsbInterface> usb, const UsbResource& resource);

  void close(Call& call) noexcept;

  const DeviceFacts& facts() const noexcept { return facts_; }
  bool gone() const noexcept { return usb_->gone(); }
  void wake() noexcept { usb_->wake(); }
  void join() noexcept { ++sessions_; }
  void leave() noexcept { --sessions_; }

  /// The alternate setting in use.
  const InterfaceInfo& setting() const noexcept;
  std::size_t interfaces() const noexcept { return interfaces_; }
  /// error_attr_readonly while other sessions have the device, error_nsup_attr_state where there is
  /// none of this number.
  Status set_alternate(std::uint8_t setting, Call& call);
  /// Null where the setting in use has no such endpoint.
  const EndpointInfo* endpoint(int address) const noexcept;

  // Inside the gate.
  spi::ReadResult read(const EndpointInfo& pipe, RawEnd end, std::span<std::byte> into,
                       const spi::EndRule& rule, Call& call);
  spi::WriteResult write(const EndpointInfo& pipe, std::span<const std::byte> data, Call& call);
  PipeState state(int address) const;
  Status clear_halt(int address, Call& call);

  Result<std::size_t> control(const spi::UsbSetup& setup, std::span<std::byte> data, Call& call);

  /// Interrupt packets of `pipe` go to `sink`. error_inv_setup: another session listens to another
  /// pipe.
  Status subscribe(const EndpointInfo& pipe, spi::EventSink& sink, std::size_t most, Call& call);
  void unsubscribe(const spi::EventSink& sink);

 private:
  struct Pipe {
    std::unique_ptr<UsbTransfer> transfer;
    KeptBytes kept;
    PipeState state = PipeState::unknown;
  };

  void interrupt(UsbOutcome outcome, std::span<const std::byte> packet) override;
  Pipe& pipe(std::uint8_t address);
  UsbEnd receive(Pipe& pipe, std::span<std::byte> into, Call& call);
  UsbEnd finish(Pipe& pipe, const Call& call, Deadline until);

  const std::unique_ptr<UsbInterface> usb_;
  const DeviceFacts facts_;
  std::vector<InterfaceInfo> settings_;
  const std::size_t interfaces_;
  std::atomic<std::size_t> setting_{0};
  std::map<std::uint8_t, Pipe> pipes_;
  std::atomic<int> sessions_{0};
  Mutex listening_mutex_;
  std::uint8_t listening_ VISA_GUARDED_BY(listening_mutex_) = 0;  // address; 0: not
  InterruptSubscribers subscribers_;
};

using RawDevices = SharedDevices<RawDevice>;

}  // namespace visa::drivers::usb
