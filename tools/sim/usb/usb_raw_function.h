// SPDX-License-Identifier: MIT
// An interface of a vendor's class, as programs use it by `::RAW`: bulk pipes on which the
// instrument takes lines and sends its answers, each of which ends with a short packet, and an
// interrupt pipe that tells of requests for service.
//
// Owned by a UsbDevice; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/engine/link.h"
#include "tools/sim/usb/usb_description.h"
#include "tools/sim/usb/usb_function.h"

namespace visa::sim {

class UsbRawFunction : public UsbFunction, private LinkEvents {
 public:
  static constexpr std::uint8_t kOut = 0x04;
  static constexpr std::uint8_t kIn = 0x85;
  static constexpr std::uint8_t kInterrupt = 0x86;
  static constexpr std::size_t kMostInterrupts = 64;
  static constexpr std::size_t kMostVendorData = 4096;
  /// First byte of the packet that tells of a request for service; the second is the status byte.
  static constexpr char kServiceRequest = 0x01;

  /// All outlive it. `holder` names the program that has claimed the interface.
  UsbRawFunction(UsbPort& port, Instrument& instrument, const UsbDescription& description,
                 std::function<std::string()> holder);
  ~UsbRawFunction() override = default;

  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t endpoint, std::string_view bytes, bool ends) override;
  UsbGiven give(std::uint8_t endpoint, std::size_t room) override;
  void reset() override;
  std::optional<Clock::time_point> due() const override { return link_.due(); }
  void on_due(Clock::time_point now) override { link_.release(now); }

  /// Puts a packet on the interrupt endpoint; false if there is none, or no room.
  bool interrupt(std::string_view packet);

 private:
  void on_late_answer() override { port_.wake(); }
  void on_service_request() override;
  void on_drop(bool reset) override;
  std::string peer() const override { return holder_(); }

  UsbPort& port_;
  std::function<std::string()> holder_;
  UsbLayout layout_;
  Link link_;
  std::size_t given_ = 0;  ///< of the answer under way
  bool ended_ = false;     ///< its last packet was a full one: an empty one ends it
  std::deque<std::string> interrupts_;
  std::string vendor_data_;
};

/// Requests of vendors that every function of the bench has: 1 keeps what is sent, in `kept`, and
/// gives it back; 2 answers with its own eight bytes.
UsbAnswer usb_vendor_request(const UsbSetup& setup, std::string_view data, std::string& kept);

}  // namespace visa::sim
