// SPDX-License-Identifier: MIT
// What goes wrong on a serial line beyond the faults of answers, of which `drop` is a line that
// hangs up. A pseudo-terminal cannot carry parity or framing errors.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "tools/sim/base/output_queue.h"
#include "tools/sim/engine/faults.h"

namespace visa::sim {

/// `bytes` (1) bytes from the middle of the answer do not arrive.
inline constexpr FaultKind kSerialLostFault{"serial-lost", FaultPoint::reply};
/// In `bytes` (1) bytes of the answer, from its beginning, the highest bit is wrong.
inline constexpr FaultKind kSerialNoiseFault{"serial-noise", FaultPoint::reply};
/// `bytes` (1) bytes that mean nothing come before the answer.
inline constexpr FaultKind kSerialExtraFault{"serial-extra", FaultPoint::reply};

std::span<const FaultKind* const> serial_faults() noexcept;

/// Applies the next fault of the line to an answer.
void meet_serial_fault(FaultBoard& board, std::uint64_t client, OutputQueue& answer);

}  // namespace visa::sim
