// SPDX-License-Identifier: MIT
// A USB device as a host sees it: descriptors, the standard requests, endpoints with their halts,
// and the transfers that wait for something. What its interfaces do is theirs (UsbFunction).
//
// Owned by a UsbMachine; on the bench's thread only. A host hands transfers in and gets each
// back once, by UsbHost::on_transfer. Memory is what the host's transfers have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/usb/usb_function.h"
#include "tools/sim/usb/usb_transfer.h"

namespace visa::sim {

enum class UsbSpeed : std::uint8_t { full, high, super };

/// wMaxPacketSize of bulk endpoints.
constexpr std::uint16_t usb_bulk_packet(UsbSpeed speed) noexcept {
  return speed == UsbSpeed::full ? 64 : speed == UsbSpeed::high ? 512 : 1024;
}

/// What the device descriptor and the strings say. Strings are UTF-8; an empty one is not there.
struct UsbIdentity {
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t version = 0x0100;  ///< bcdDevice
  std::string manufacturer = {};
  std::string model = {};
  std::string serial = {};
  bool serial_unreadable = false;  ///< there is an index, but the string's request stalls
  UsbSpeed speed = UsbSpeed::high;
  std::uint8_t device_class = 0;  ///< with its subclass and protocol; 0: the interfaces say theirs
};

class UsbHost {
 public:
  virtual ~UsbHost() = default;
  /// A transfer is over. May hand in others, and may not destroy the device.
  virtual void on_transfer(UsbTransfer done) = 0;
};

class UsbDevice : public TimerSource, private UsbPort {
 public:
  using Unplug = std::function<void(std::optional<std::chrono::milliseconds>)>;

  /// `unplug` is called from on_due() when a function wants to leave the bus.
  UsbDevice(UsbIdentity identity, UsbHost& host, Unplug unplug);
  ~UsbDevice() override = default;
  UsbDevice(const UsbDevice&) = delete;
  UsbDevice& operator=(const UsbDevice&) = delete;

  /// The port, for a function under construction; then the function, before any transfer.
  UsbPort& port() noexcept { return *this; }
  void add(std::unique_ptr<UsbFunction> function);

  const UsbIdentity& identity() const noexcept { return identity_; }
  const std::vector<std::unique_ptr<UsbFunction>>& functions() const noexcept { return functions_; }
  std::string device_descriptor() const;
  std::string configuration_descriptor() const;
  /// Of SuperSpeed devices; empty without.
  std::string bos_descriptor() const;

  /// The interface an endpoint belongs to; nothing if there is no such endpoint.
  const UsbLayout* interface_of(std::uint8_t endpoint) const noexcept;
  const UsbEndpoint* endpoint(std::uint8_t address) const noexcept;
  bool has_interface(std::uint8_t number) const noexcept;
  bool halted(std::uint8_t endpoint) const noexcept;

  void submit(UsbTransfer transfer);
  /// Ends a transfer with what has gone until now; false if it is not under way.
  bool cancel(std::uint64_t id);
  /// CLEAR_FEATURE(ENDPOINT_HALT), as the host's driver does it.
  void clear_halt(std::uint8_t endpoint);
  void reset();
  /// Ends all transfers with UsbStatus::gone, and every one that comes later.
  void leave();

  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  struct Waiting {
    UsbTransfer transfer;
    bool waits = false;  ///< a control request that is asked again
    Clock::time_point until = {};
  };
  struct Pipe {
    UsbEndpoint endpoint;
    UsbFunction* function = nullptr;
    bool halted = false;
  };

  void halt(std::uint8_t endpoint) override;
  void wake() override { woken_ = true; }
  void unplug(std::optional<std::chrono::milliseconds> time) override;

  Pipe* pipe(std::uint8_t address) noexcept;
  const Pipe* pipe(std::uint8_t address) const noexcept;
  void pump();
  /// True when the transfer is over.
  bool attempt(Waiting& waiting);
  bool attempt_control(Waiting& waiting);
  bool attempt_out(Pipe& pipe, UsbTransfer& transfer);
  bool attempt_in(Pipe& pipe, UsbTransfer& transfer);
  UsbAnswer standard(const UsbSetup& setup);
  UsbAnswer descriptor(const UsbSetup& setup) const;
  UsbAnswer feature(const UsbSetup& setup, bool set);
  UsbFunction* recipient(const UsbSetup& setup) noexcept;

  UsbIdentity identity_;
  UsbHost& host_;
  Unplug unplug_;
  std::vector<std::unique_ptr<UsbFunction>> functions_;
  std::vector<Pipe> pipes_;
  std::list<Waiting> waiting_;  ///< in the order in which they came
  std::uint8_t configuration_ = 1;
  bool woken_ = false;
  bool pumping_ = false;
  bool gone_ = false;
  bool leaving_ = false;
  std::optional<std::chrono::milliseconds> away_;
};

/// A string descriptor (USB 2.0, 9.6.7) of UTF-8 text, which is cut to what it can hold.
std::string usb_string_descriptor(std::string_view text);

}  // namespace visa::sim
