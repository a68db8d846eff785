// SPDX-License-Identifier: MIT
// One line per back end; nothing else in the engine names one. Dongles come before the kernel,
// whose nodes exist for boards that it does not have: a dongle never gets the number of a board in
// use.
#include "drivers/gpib/back_ends.h"

#include "drivers/gpib/dongle/dongle_back_end.h"
#include "drivers/gpib/enet/enet_controller.h"
#include "drivers/gpib/gateway/gateway_back_end.h"
#include "drivers/gpib/kernel/kernel_boards.h"
#include "drivers/gpib/prologix_target.h"

namespace visa::drivers::gpib {

std::span<const BackEnd* const> back_ends() noexcept {
  static const BackEnd* const kTable[] = {
      &prologix_back_end(), &prologix_serial_back_end(), &gateway::kBackEnd,
      &enet::kBackEnd,      &dongle::kBackEnd,           &kernel::kBackEnd,
  };
  return kTable;
}

}  // namespace visa::drivers::gpib
