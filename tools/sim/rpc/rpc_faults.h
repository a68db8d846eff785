// SPDX-License-Identifier: MIT
// The kinds of fault that calls and replies of RPC can meet. A wire over RPC lists those it meets
// among its own (WireKind::faults). Constants.
#pragma once

#include "tools/sim/engine/faults.h"

namespace visa::sim {

// A call, before it is executed.

/// Is answered with the code `error` instead of being executed.
inline constexpr FaultKind kRpcErrorFault{"rpc-error", FaultPoint::call, true};
/// Is refused: `error` 1 to 5 is the accept_stat, 6 another RPC version, 7 authentication.
inline constexpr FaultKind kRpcRefuseFault{"rpc-refuse", FaultPoint::call, true};
/// Is neither executed nor answered.
inline constexpr FaultKind kRpcSilenceFault{"rpc-silence", FaultPoint::call};

// The reply to a call, which RpcReply applies.

/// Has a transaction number that no client waits for.
inline constexpr FaultKind kRpcXidFault{"rpc-xid", FaultPoint::reply};
/// Comes after one to the call before.
inline constexpr FaultKind kRpcStaleFault{"rpc-stale", FaultPoint::reply};
/// In `pieces` fragments, or fragments of `bytes`, `delay` between two.
inline constexpr FaultKind kRpcFragmentsFault{"rpc-fragments", FaultPoint::reply};
/// Its last fragment does not say that it is the last.
inline constexpr FaultKind kRpcUnfinishedFault{"rpc-unfinished", FaultPoint::reply};
/// The fragment announces `length` bytes.
inline constexpr FaultKind kRpcLongFragmentFault{"rpc-long-fragment", FaultPoint::reply};
/// The data announces `length` bytes.
inline constexpr FaultKind kRpcLongOpaqueFault{"rpc-long-opaque", FaultPoint::reply};
/// `bytes` of padding follow the data, whatever its length.
inline constexpr FaultKind kRpcPaddingFault{"rpc-padding", FaultPoint::reply};
/// In `pieces` segments of TCP, or segments of `bytes`, `delay` between two.
inline constexpr FaultKind kRpcSplitFault{"rpc-split", FaultPoint::reply};
/// Its first `bytes` (half) come; the rest when the fault is off, or after `delay`.
inline constexpr FaultKind kRpcStallFault{"rpc-stall", FaultPoint::reply};
/// Its first `bytes` (half) come, then the connection ends.
inline constexpr FaultKind kRpcCloseFault{"rpc-close", FaultPoint::reply};
/// Comes `delay` later.
inline constexpr FaultKind kRpcLateFault{"rpc-late", FaultPoint::reply};

}  // namespace visa::sim
