// SPDX-License-Identifier: MIT
// Which port a resource name means, and which name a port is listed by:
//   ASRL/path::INSTR   the node of that path; links such as /dev/serial/by-id/... are followed
//   ASRL<n>::INSTR     the `device` that [[interface]] name = "ASRL<n>" (or the resource)
//   configures;
//                      without one /dev/ttyS<n-1>, from ASRL1 on
// A converter without a configured number has none, because a number given by order would move when
// it is plugged in anew. It is listed by its link in /dev/serial/by-id, which does not. Pure
// functions but for looks at the file system: any thread.
#pragma once

#include <string>

#include "drivers/serial/port_list.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/resource_name.h"
#include "lib/spi/driver.h"
#include "lib/spi/finder.h"

namespace visa::drivers::serial {

/// The highest n for which ASRL<n> means a ttyS without being configured; NI has as many.
inline constexpr unsigned kMostNumbers = 256;

/// The path of the node. error_intf_num_nconfig: the number means no port.
Result<std::string> device_of(const model::ResourceName& name, const std::string& configured,
                              Call& call);

/// What the node is to locks and sharing: names of one port have the same. error_rsrc_nfound: no
/// such node, or not one of a device.
Result<spi::Identity> identity_of(const std::string& path, Call& call);

/// The resource name that viFindRsrc gives for the port. `boards` is what [[interface]] says of the
/// numbers.
std::string listed_name(const PortDescription& port, const spi::BoardSettings& boards);

}  // namespace visa::drivers::serial
