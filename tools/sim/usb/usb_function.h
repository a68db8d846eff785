// SPDX-License-Identifier: MIT
// One interface of a device: what it answers on its endpoints and to the requests that are for it.
// The UsbDevice has the endpoints, their halts and the transfers that wait; it asks a function
// packet by packet, and again whenever the function says that something has changed.
//
// Owned by a UsbDevice; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/timer_source.h"
#include "tools/sim/usb/usb_transfer.h"

namespace visa::sim {

enum class UsbPipeType : std::uint8_t { bulk = 2, interrupt = 3 };

struct UsbEndpoint {
  std::uint8_t address = 0;  ///< with its direction
  UsbPipeType type = UsbPipeType::bulk;
  std::uint16_t packet = 0;  ///< wMaxPacketSize
  std::uint8_t interval = 0;
};

/// What the descriptor of an interface says.
struct UsbLayout {
  std::uint8_t number = 0;  ///< bInterfaceNumber
  std::uint8_t device_class = 0;
  std::uint8_t subclass = 0;
  std::uint8_t protocol = 0;
  std::vector<UsbEndpoint> endpoints;
};

/// The device, as one of its functions sees it.
class UsbPort {
 public:
  virtual ~UsbPort() = default;
  /// From now on the endpoint answers STALL, until the host clears that.
  virtual void halt(std::uint8_t endpoint) = 0;
  /// Transfers that wait are to be tried again, soon and not in here.
  virtual void wake() = 0;
  /// The device leaves the bus, soon and not in here; for `time`, or until it is plugged in again.
  virtual void unplug(std::optional<std::chrono::milliseconds> time) = 0;
};

/// What becomes of a control request.
struct UsbAnswer {
  enum class Kind : std::uint8_t { data, stall, wait };
  Kind kind = Kind::data;
  std::string data = {};  ///< towards the host; cut to the length asked for
  /// Of `wait`: when it is asked again; max(): never; min(): whenever something changes.
  Clock::time_point until = {};
};

/// What a function has for a transfer towards the host.
struct UsbGiven {
  enum class Kind : std::uint8_t {
    nothing,  ///< now; the transfer waits
    data,     ///< whole packets; there may be more
    end,      ///< and the last packet was a short one
    halt,     ///< after the bytes: the endpoint is halted
    babble,   ///< after the bytes: more than there is room for
    error,    ///< after the bytes: no packet comes through whole
  };
  Kind kind = Kind::nothing;
  std::string bytes = {};
};

class UsbFunction {
 public:
  virtual ~UsbFunction() = default;
  virtual const UsbLayout& layout() const noexcept = 0;
  /// A request that is for the interface or one of its endpoints. `waited`: it is the one that was
  /// to wait, whose time has come.
  virtual UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) = 0;
  /// Takes bytes that the host sends; returns how many, less than all while it takes no more.
  /// `ends`: a short packet ends the transfer with them.
  virtual std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) = 0;
  /// Gives at most `room` bytes.
  virtual UsbGiven give(std::uint8_t endpoint, std::size_t room) = 0;
  /// The host has cleared the halt of an endpoint, or reset its toggle.
  virtual void on_halt_cleared(std::uint8_t endpoint) { static_cast<void>(endpoint); }
  /// The host has taken back the oldest transfer of an endpoint, with what had gone of it.
  virtual void on_cancelled(std::uint8_t endpoint) { static_cast<void>(endpoint); }
  /// The host has reset the bus: everything is as after plugging in.
  virtual void reset() = 0;
  virtual std::optional<Clock::time_point> due() const { return std::nullopt; }
  virtual void on_due(Clock::time_point now) { static_cast<void>(now); }
};

}  // namespace visa::sim
