// SPDX-License-Identifier: MIT
// What the configuration knows about an interface: a GPIB board, the serial ports, a way to the
// network. Value types, pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/model/resource_class.h"
#include "lib/model/resource_name.h"
#include "lib/spi/settings.h"

namespace visa::config {

/// An interface as its resource names begin: "GPIB0", or "GPIB" for all its boards.
struct InterfaceName {
  model::Interface interface = model::Interface::none;
  std::optional<std::uint16_t> board;  // nothing: all of them

  /// The keyword in capitals, the number without leading zeros.
  std::string canonical() const;

  friend auto operator<=>(const InterfaceName&, const InterfaceName&) = default;
};

/// Takes `text` apart, in any case; nothing where it is no interface.
std::optional<InterfaceName> parse_interface_name(std::string_view text);

/// The numbered interface of a resource. Nothing where the name has no number, because it gives the
/// device node of a serial port.
std::optional<InterfaceName> board_of(const model::ResourceName& name);

/// "GPIB, VXI, ...": every keyword, for messages.
std::string interface_keywords();

/// One [[interface]] entry.
struct Interface {
  InterfaceName name;
  spi::Settings settings;
  std::string origin;  // "file:line", for messages
};

}  // namespace visa::config
