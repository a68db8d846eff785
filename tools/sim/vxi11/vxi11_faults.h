// SPDX-License-Identifier: MIT
// The kinds of fault that only VXI-11 has; those of every wire over RPC are in rpc/rpc_faults.h.
// Constants.
#pragma once

#include <span>

#include "tools/sim/engine/faults.h"
#include "tools/sim/vxi11/vxi11_procedure.h"

namespace visa::sim {

/// create_link announces `length` (0) as the longest write it takes.
inline constexpr FaultKind kMaxReceiveFault{"max-receive", FaultPoint::call, false,
                                            &vxi11_procedure(Vxi11Procedure::create_link)};
/// device_write takes only the first `bytes` (half) and says so.
inline constexpr FaultKind kShortWriteFault{"short-write", FaultPoint::call, false,
                                            &vxi11_procedure(Vxi11Procedure::device_write)};
/// device_read brings the whole answer, however little was asked for.
inline constexpr FaultKind kLongAnswerFault{"long-answer", FaultPoint::call, false,
                                            &vxi11_procedure(Vxi11Procedure::device_read)};
/// device_read knows neither termination characters nor END.
inline constexpr FaultKind kNoEndFault{"no-end", FaultPoint::call, false,
                                       &vxi11_procedure(Vxi11Procedure::device_read)};
/// A service request lacks its last four bytes.
inline constexpr FaultKind kSrqShortFault{"srq-short", FaultPoint::service_request};
/// A service request comes twice.
inline constexpr FaultKind kSrqTwiceFault{"srq-twice", FaultPoint::service_request};
/// A service request does not come.
inline constexpr FaultKind kSrqLostFault{"srq-lost", FaultPoint::service_request};

/// All that VXI-11 meets, those of RPC among them, in the order in which they are listed to people.
std::span<const FaultKind* const> vxi11_faults() noexcept;

}  // namespace visa::sim
