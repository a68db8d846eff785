// SPDX-License-Identifier: MIT
// One line per family. A new one comes last, so that the numbers of the others stay.
#include "drivers/gpib/dongle/families.h"

#include "drivers/gpib/agilent_usb/agilent_family.h"
#include "drivers/gpib/ni_usb/ni_family.h"
#include "drivers/gpib/xyphro/xyphro_family.h"

namespace visa::drivers::gpib::dongle {

std::span<const Family* const> families() noexcept {
  static const Family* const kTable[] = {
      &ni_usb::kFamily,
      &agilent::kFamily,
      &xyphro::kFamily,
  };
  return kTable;
}

}  // namespace visa::drivers::gpib::dongle
