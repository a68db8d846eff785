// SPDX-License-Identifier: MIT
// What [vxi11] of an instrument file says. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// The address of an instrument on the GPIB bus of the gateway.
struct GpibAddress {
  std::uint8_t primary = 0;               ///< 0 to 30
  std::optional<std::uint8_t> secondary;  ///< 0 to 30
  bool operator==(const GpibAddress&) const = default;
};

/// "5" or "5,2"; nothing if it is no such address.
std::optional<GpibAddress> parse_gpib_address(std::string_view text);

struct Vxi11Description : WireSection {
  static constexpr std::size_t kMostReceive = std::size_t{8} << 20;

  std::string device;               ///< "inst3"; empty: the next that is free
  std::optional<GpibAddress> gpib;  ///< also behind the gateway
  std::uint32_t max_receive = 1 << 20;
  std::size_t largest_answer = 0;  ///< bytes of a reply to device_read; 0: as many as asked for
};

/// Reads [vxi11] of an instrument file; what is wrong with it is noted in `table`.
std::unique_ptr<const Vxi11Description> read_vxi11_description(TableReader& table);

}  // namespace visa::sim
