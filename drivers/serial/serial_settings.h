// SPDX-License-Identifier: MIT
// The transport settings of a serial port:
//   device      the node that an ASRL<n> means: "/dev/serial/by-id/usb-...". Of a resource with a
//               number or of an [[interface]]; a name with a path means its path.
//   keep_lines  true: DTR and RTS are left as they are: not asserted by viOpen, not dropped by
//               viClose. The kernel still asserts both when a port is opened that was closed with
//               them down, so a board that resets by DTR does so at the first open after it was
//               plugged in, and not again.
// A value type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/settings.h"

namespace visa::drivers {

struct SerialSettings {
  std::string device;
  bool keep_lines = false;

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, with key and file in the detail, if a value is invalid.
Result<SerialSettings> read_serial_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers
