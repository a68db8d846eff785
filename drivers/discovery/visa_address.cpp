// SPDX-License-Identifier: MIT
// The parser of resource names decides: a sub-address is letters and digits then.
#include "drivers/discovery/visa_address.h"

#include "lib/model/resource_name.h"

namespace visa::drivers {

std::string sub_address_in(std::string_view address) {
  const auto name = model::parse_resource_name(address);
  if (!name || name->kind != model::Kind::tcpip_hislip) return "";
  return name->device.size() <= kLongestSubAddress ? name->device : "";
}

}  // namespace visa::drivers
