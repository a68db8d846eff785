// SPDX-License-Identifier: MIT
// The lists that the bench asks for.
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {

std::span<const FaultKind* const> gpib_faults() noexcept {
  static constexpr const FaultKind* kKinds[] = {&kGpibAbsentFault, &kGpibStuckFault,
                                                &kGpibLostFault,   &kGpibLateFault,
                                                &kGpibSplitFault,  &kGpibDropFault};
  return kKinds;
}

const WireOperation* find_gpib_operation(std::string_view name) noexcept {
  static constexpr const WireOperation* kOperations[] = {
      &kGpibWrite, &kGpibRead, &kGpibPoll, &kGpibClear, &kGpibTrigger, &kGpibQuestion};
  for (const WireOperation* one : kOperations) {
    if (one->name == name) return one;
  }
  return nullptr;
}

}  // namespace visa::sim
