// SPDX-License-Identifier: MIT
// The list of the kinds of fault of USB.
#include "tools/sim/usb/usb_faults.h"

#include <array>

namespace visa::sim {

std::span<const FaultKind* const> usb_faults() noexcept {
  static constexpr std::array<const FaultKind*, 38> kKinds = {
      &kUsbStallFault,         &kUsbSilenceFault,      &kUsbNakFault,
      &kUsbLateFault,          &kUsbStatusFault,       &kUsbHangFault,
      &kUsbUnplugFault,        &kUsbRequestLimitFault, &kUsbTagFault,
      &kUsbTagCopyFault,       &kUsbMessageIdFault,    &kUsbLengthFault,
      &kUsbLongFault,          &kUsbEomFault,          &kUsbNoEomFault,
      &kUsbReservedFault,      &kUsbShortFault,        &kUsbNoEmptyFault,
      &kUsbFillFault,          &kUsbTrailingFault,     &kUsbSplitFault,
      &kUsbHoldFault,          &kUsbStallInFault,      &kUsbBabbleFault,
      &kUsbBusErrorFault,      &kUsbUnplugInFault,     &kUsbLostFault,
      &kUsbEndlessFault,       &kUsbEmptyFault,        &kUsbStaleFault,
      &kUsbHeaderOnceFault,    &kUsbAbortSilentFault,  &kUsbStatusInControlFault,
      &kUsbInterruptLostFault, &kUsbInterruptTagFault, &kUsbInterruptExtraFault,
      &kUsbSrqLostFault,       &kUsbSrqTwiceFault,
  };
  return kKinds;
}

}  // namespace visa::sim
