// SPDX-License-Identifier: MIT
// Faults of a call, of its reply, of a service request.
#include "tools/sim/vxi11/vxi11_faults.h"

#include "tools/sim/rpc/rpc_faults.h"

namespace visa::sim {

std::span<const FaultKind* const> vxi11_faults() noexcept {
  static constexpr const FaultKind* kKinds[] = {
      &kRpcErrorFault,      &kRpcRefuseFault,    &kRpcSilenceFault,    &kMaxReceiveFault,
      &kShortWriteFault,    &kLongAnswerFault,   &kNoEndFault,         &kRpcXidFault,
      &kRpcStaleFault,      &kRpcFragmentsFault, &kRpcUnfinishedFault, &kRpcLongFragmentFault,
      &kRpcLongOpaqueFault, &kRpcPaddingFault,   &kRpcSplitFault,      &kRpcStallFault,
      &kRpcCloseFault,      &kRpcLateFault,      &kSrqShortFault,      &kSrqTwiceFault,
      &kSrqLostFault};
  return kKinds;
}

}  // namespace visa::sim
