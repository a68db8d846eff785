// SPDX-License-Identifier: MIT
// Checks of the network: that there is one, firewalls that swallow the answers of a search, and
// whether a host name means an address. Bounded in time. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/freevisa/doctor/device_checks.h"
#include "tools/freevisa/doctor/finding.h"

namespace visa::tool {

/// Interfaces, and programs that filter what comes in.
Findings check_network(const SystemView& system);

struct HostAddress {
  bool resolved = false;
  std::string address;  ///< the first, numeric
  std::string error;    ///< why there is none
};
/// What `host`, a name or an address, means; after `limit` that it takes too long.
HostAddress address_of(const std::string& host, std::chrono::milliseconds limit);
Findings check_host_name(const SystemView& system, const std::string& host,
                         const HostAddress& address);

/// What a connection to a TCP port says.
struct PortAnswer {
  enum class Kind : unsigned char { open, refused, silent, unreachable };
  Kind kind = Kind::silent;
  std::string text;  ///< "connection refused"
};
PortAnswer try_port(const std::string& address, std::uint16_t port,
                    std::chrono::milliseconds limit);

}  // namespace visa::tool
