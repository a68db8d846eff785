// SPDX-License-Identifier: MIT
// The lists that the bench asks for.
#include "tools/sim/dongle/dongle_faults.h"

namespace visa::sim {

std::span<const FaultKind* const> dongle_faults() noexcept {
  static constexpr const FaultKind* kKinds[] = {
      &kDongleUnplugFault,     &kDongleSilenceFault,    &kDongleErrorFault,
      &kDongleRefuseFault,     &kDongleLostFault,       &kDongleLateFault,
      &kDongleSplitFault,      &kDongleShortFault,      &kDongleLongFault,
      &kDongleGarbageFault,    &kDongleStaleFault,      &kDongleHaltFault,
      &kDongleUnplugInFault,   &kDongleReportLostFault, &kDongleReportLateFault,
      &kDongleReportExtraFault};
  return kKinds;
}

const WireOperation* find_dongle_operation(std::string_view name) noexcept {
  static constexpr const WireOperation* kOperations[] = {
      &kDongleRegisters, &kDongleLines,   &kDongleCommand,  &kDongleWrite,      &kDongleRead,
      &kDongleStop,      &kDongleStatus,  &kDongleMonitor,  &kDongleReady,      &kDongleUpload,
      &kDonglePlug,      &kDongleService, &kDongleComplete, &kDongleAcknowledge};
  for (const WireOperation* one : kOperations) {
    if (one->name == name) return one;
  }
  return nullptr;
}

}  // namespace visa::sim
