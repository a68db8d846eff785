// SPDX-License-Identifier: MIT
// A controller on a bus, byte by byte: what command bytes do to talkers and listeners (IEEE 488.1),
// the state of the lines, and data with END. An adapter that leaves addressing to the host has one;
// timeouts are the adapter's.
//
// Owned by an adapter; the bus outlives it. On the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {

/// Lines of the bus as both families of USB adapters report them; set = asserted.
enum class GpibLine : std::uint8_t {
  ren = 0x01,
  ifc = 0x02,
  srq = 0x04,
  eoi = 0x08,
  nrfd = 0x10,
  ndac = 0x20,
  dav = 0x40,
  atn = 0x80,
};

class GpibController {
 public:
  explicit GpibController(GpibBus& bus) : bus_(bus) {}

  void set_own_address(std::uint8_t primary) noexcept { own_ = primary; }
  std::uint8_t own_address() const noexcept { return own_; }
  void set_ren(bool on) noexcept { ren_ = on; }
  bool ren() const noexcept { return ren_; }
  /// Asserts IFC, or ends it: nobody talks or listens any more, and this controller is in charge.
  void set_ifc(bool on);
  bool in_charge() const noexcept { return in_charge_; }
  /// Gives up being in charge.
  void release_control() noexcept { in_charge_ = atn_ = false; }
  void set_atn(bool on) noexcept { atn_ = on && in_charge_; }
  bool atn() const noexcept { return atn_; }
  bool talks() const noexcept { return talks_ || talk_only_; }
  bool listens() const noexcept { return listens_ || listen_only_; }
  void set_listen_only(bool on) noexcept { listen_only_ = on; }
  void set_talk_only(bool on) noexcept { talk_only_ = on; }

  /// One byte with ATN. False: no device is there to take it.
  bool command(std::uint8_t byte);

  /// What becomes of data that the controller sends.
  enum class Sent : std::uint8_t { done, no_listener, stuck };
  Sent send(std::string_view data, bool end);

  struct Received {
    std::string bytes;
    bool end = false;      ///< EOI came with the last one
    bool stopped = false;  ///< the last one is the one to stop at
  };
  /// What the talker has to say now, at most `most` bytes, up to a byte that equals `stop` in the
  /// bits of `mask`; none while it has nothing.
  Received receive(std::size_t most, std::optional<std::uint8_t> stop, std::uint8_t mask = 0xFF);
  /// The controller has stopped to wait for a talker that said nothing (IEEE 488.2 UNTERMINATED).
  void give_up_receiving();
  bool has_talker() const noexcept { return talker_ != nullptr; }
  /// Between SPE and SPD.
  bool polling() const noexcept { return serial_poll_; }

  bool line(GpibLine one) const { return (lines() & static_cast<std::uint8_t>(one)) != 0; }
  std::uint8_t lines() const;

  /// The station that the addressing speaks of, for its faults; null if none.
  GpibStation* addressed() const noexcept;
  const Fault* meet(FaultPoint point, const WireOperation& operation);

 private:
  void address(bool talk, std::uint8_t primary, std::optional<std::uint8_t> secondary);
  void universal(std::uint8_t byte);
  void for_listeners(std::uint8_t byte);
  GpibStation* station(const GpibPlace& place) noexcept;
  Received receive_status();
  static bool off(GpibStation& station);

  GpibBus& bus_;
  std::uint8_t own_ = 0;
  bool ren_ = false;
  bool ifc_ = false;
  bool atn_ = false;
  bool in_charge_ = false;
  bool talks_ = false;
  bool listens_ = false;
  bool talk_only_ = false;
  bool listen_only_ = false;
  bool serial_poll_ = false;
  bool started_ = false;  ///< the talker has said something since it was addressed
  std::vector<GpibStation*> listeners_;
  GpibStation* talker_ = nullptr;
  std::optional<std::uint8_t> primary_;  ///< of the address that came last
  bool primary_talks_ = false;
};

}  // namespace visa::sim
