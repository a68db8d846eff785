// SPDX-License-Identifier: MIT
// The table of IVI-6.1 for AsyncRemoteLocalControl.
#include "tools/sim/hislip/hislip_device.h"

namespace visa::sim {

bool HislipRemote::control(std::uint8_t code) noexcept {
  switch (code) {
    case 0:
    case 2:
      *this = {false, false, false};
      return true;
    case 1:
      enabled = true;
      return true;
    case 3:
      enabled = remote = true;
      return true;
    case 4:
      enabled = lockout = true;
      return true;
    case 5:
      *this = {true, true, true};
      return true;
    case 6:
      remote = false;
      return true;
    default:
      return false;
  }
}

std::uint8_t HislipDevice::encryption_bits() const noexcept {
  switch (encryption) {
    case HislipEncryption::mandatory:
      return kHislipMandatoryEncryption | kHislipInitialEncryption;
    case HislipEncryption::initial:
      return kHislipInitialEncryption;
    default:
      return 0;
  }
}

void HislipDevice::lock_changed() {
  for (HislipLockUser* const session : sessions) session->on_lock_changed();
}

}  // namespace visa::sim
