// SPDX-License-Identifier: MIT
// What may stand in the host field of a resource name. Pure functions: any thread.
#pragma once

#include <string_view>

#include "lib/model/resource_name.h"

namespace visa::model {

/// Fills the host and credential of `name` from a field; false when it is neither a host name, a
/// dotted IPv4 address (4.3.4) nor an IPv6 address in square brackets.
bool read_host(std::string_view text, ResourceName& name);

}  // namespace visa::model
