// SPDX-License-Identifier: MIT
// What command bytes make of a bus: which device talks, which listen, and the lines. The board is
// the controller, at primary address 0. Owned by a KernelBoard; on the bench's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/gpib/gpib_bus.h"

namespace visa::sim {

class KernelBus {
 public:
  explicit KernelBus(GpibBus& bus) : bus_(bus) {}

  /// False: nothing on the bus takes command bytes.
  bool command(std::string_view bytes);
  void standby() noexcept { atn_ = false; }
  void take_control() noexcept { atn_ = true; }
  void interface_clear() noexcept;

  /// The device that talks, with the board as listener; null if none does.
  GpibStation* talker();
  /// The devices that are addressed to listen, switched on or not.
  std::vector<GpibStation*> listeners();
  /// Ends all addressing and makes the device talk, for a serial poll; null if it is switched off.
  GpibStation* poll(const GpibPlace& place);

  bool srq() const noexcept { return bus_.srq(); }
  bool atn() const noexcept { return atn_; }
  /// Addressed listeners hold NDAC until data come.
  bool ndac();
  bool board_talks() const noexcept { return board_talks_; }
  bool board_listens() const noexcept { return board_listens_; }

 private:
  void take(std::uint8_t byte);
  void secondary(std::uint8_t address);
  void act(std::uint8_t byte);

  GpibBus& bus_;
  std::set<GpibPlace> listening_;
  std::optional<GpibPlace> talking_;
  std::optional<GpibPlace> last_;  // what a secondary address belongs to
  bool last_talks_ = false;
  bool board_talks_ = false;
  bool board_listens_ = false;
  bool atn_ = false;
};

}  // namespace visa::sim
