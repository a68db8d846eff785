// SPDX-License-Identifier: MIT
// What stands between the bus of a bench and its programs: an adapter over TCP or at a serial port,
// a GPIB-ENET/100, a board of the kernel. Owned by a GpibServer, on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/engine/wire.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/gpib/gpib_bus.h"

namespace visa::sim {

class GpibFront {
 public:
  virtual ~GpibFront() = default;
  /// What the configuration says of GPIB0; empty for a board that is found without.
  virtual std::string target() const = 0;
  virtual std::vector<std::string> environment() const { return {}; }
  virtual std::size_t clients() const noexcept = 0;
  virtual Wire::State state() const = 0;
};

/// What the option --gpib takes.
std::span<const std::string_view> gpib_front_names() noexcept;

/// The front that the options say. `bus` outlives it. Throws std::system_error and
/// std::invalid_argument with a text for the user.
std::unique_ptr<GpibFront> make_gpib_front(EventLoop& loop, GpibBus& bus,
                                           const WireSettings& settings);

}  // namespace visa::sim
