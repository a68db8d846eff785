// SPDX-License-Identifier: MIT
// What a fault of the instrument leaves of a reply of an adapter. On the bench's thread only.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "tools/sim/base/paced_output.h"
#include "tools/sim/engine/faults.h"
#include "tools/sim/gpib/gpib_bus.h"

namespace visa::sim {

/// The fault that `operation` meets at the instrument; null if none. Valid until the faults change.
const Fault* meet_gpib_fault(GpibStation* station, FaultPoint point,
                             const WireOperation& operation);

class GpibReply {
 public:
  /// No fault.
  GpibReply() = default;
  /// Meets the fault of the replies to `operation`.
  GpibReply(GpibStation* station, const WireOperation& operation);

  /// A part of the reply; `last`: the end of it.
  void send(std::string_view text, bool last, PacedOutput& output);

 private:
  std::optional<Fault> fault_;
  std::size_t sent_ = 0;
};

}  // namespace visa::sim
