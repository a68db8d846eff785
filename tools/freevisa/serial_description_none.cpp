// SPDX-License-Identifier: MIT
// Of a build without libserialport.
#include "tools/freevisa/serial_description.h"

namespace visa::tool {

std::string serial_description(std::string_view) {
  return {};
}

}  // namespace visa::tool
