// SPDX-License-Identifier: MIT
// The lock of a device goes from link to link in the order in which the connections began to wait.
#include "tools/sim/vxi11/vxi11_device.h"

namespace visa::sim {

void Vxi11Device::unlock() {
  holder_ = nullptr;
  const std::vector<Vxi11LockWaiter*> waiting = waiters_;
  for (Vxi11LockWaiter* const waiter : waiting) waiter->try_lock_again();
}

void Vxi11Device::remove_waiter(const Vxi11LockWaiter& waiter) noexcept {
  std::erase(waiters_, &waiter);
}

}  // namespace visa::sim
