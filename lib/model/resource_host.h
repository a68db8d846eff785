// SPDX-License-Identifier: MIT
// What may stand in the host field of a resource name. Pure functions: any thread.
#pragma once

#include <string_view>

#include "lib/model/resource_name.h"
#include "lib/model/resource_name_fields.h"

namespace visa::model {

/// Fills the host and credential of `name` from `text`, a field of `fields`. Returns false, and
/// records a mistake in `fields`, when the host is neither a host name, a dotted IPv4 address
/// (4.3.4) nor an IPv6 address in square brackets. The numbers of an IPv4 address are decimal;
/// leading zeros are allowed and dropped: 192.168.001.020 is 192.168.1.20.
bool read_host(std::string_view text, ResourceName& name, Fields& fields);

}  // namespace visa::model
