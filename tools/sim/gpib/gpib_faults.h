// SPDX-License-Identifier: MIT
// What goes wrong on a GPIB bus and in an adapter, beyond the faults of answers. They are those of
// the instrument that is addressed. Constants.
#pragma once

#include <span>

#include "tools/sim/engine/faults.h"

namespace visa::sim {

// What a controller does with a device, and what an adapter is asked.
inline constexpr WireOperation kGpibWrite{"gpib_write"};
inline constexpr WireOperation kGpibRead{"gpib_read"};
inline constexpr WireOperation kGpibPoll{"gpib_poll"};
inline constexpr WireOperation kGpibClear{"gpib_clear"};
inline constexpr WireOperation kGpibTrigger{"gpib_trigger"};
/// A question to the adapter itself (++ver, ++srq): met only by name.
inline constexpr WireOperation kGpibQuestion{"gpib_question", true};

/// The device is switched off: nothing listens, talks or answers a poll.
inline constexpr FaultKind kGpibAbsentFault{"gpib-absent", FaultPoint::call};
/// The device holds NDAC: a write lasts as long as the adapter waits, and does not arrive.
inline constexpr FaultKind kGpibStuckFault{"gpib-stuck", FaultPoint::call, false, &kGpibWrite};
/// What the adapter sends back does not arrive.
inline constexpr FaultKind kGpibLostFault{"gpib-lost", FaultPoint::reply};
/// It comes `delay` later.
inline constexpr FaultKind kGpibLateFault{"gpib-late", FaultPoint::reply};
/// It comes in `pieces`, `delay` between two.
inline constexpr FaultKind kGpibSplitFault{"gpib-split", FaultPoint::reply};
/// Instead of it the connection to the adapter ends, after its first `bytes` (0).
inline constexpr FaultKind kGpibDropFault{"gpib-drop", FaultPoint::reply};

std::span<const FaultKind* const> gpib_faults() noexcept;
const WireOperation* find_gpib_operation(std::string_view name) noexcept;

}  // namespace visa::sim
