// SPDX-License-Identifier: MIT
// One line per back end; nothing else in the engine names one.
#include "drivers/gpib/back_ends.h"

#include "drivers/gpib/prologix_target.h"

namespace visa::drivers::gpib {

std::span<const BackEnd* const> back_ends() noexcept {
  static const BackEnd* const kTable[] = {
      &prologix_back_end(),
      &prologix_serial_back_end(),
  };
  return kTable;
}

}  // namespace visa::drivers::gpib
