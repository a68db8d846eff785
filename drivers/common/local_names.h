// SPDX-License-Identifier: MIT
// Host names that this computer knows by itself: those in its hosts file, localhost and its own
// name. They need no name server and no thread, so a dead name server does not delay them. Any
// thread; nothing is kept between calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/endpoint.h"

namespace visa::drivers {

/// The most that is read of /etc/hosts and /etc/nsswitch.conf. The system's own look-up still finds
/// names after that.
inline constexpr std::size_t kMostHostsBytes = std::size_t{1} << 20;

/// The addresses that `hosts`, a text in the form of hosts(5), gives to `name`, in its order, each
/// once, port 0. Ignores case, and lines that it cannot read.
std::vector<Endpoint> addresses_in_hosts(std::string_view hosts, std::string_view name);

/// True if `nsswitch`, a text in the form of nsswitch.conf(5), names the hosts file before any
/// source that asks other computers, or names no order at all.
bool hosts_file_comes_first(std::string_view nsswitch);

/// Every address of `name` that this computer knows, IPv6 first as the system sorts them (RFC
/// 6724), port 0: from the hosts file if nsswitch.conf names it first; else the loopback addresses
/// for localhost (RFC 6761 6.3) and those of the network interfaces for this computer's own name.
/// Empty if the name is none of these.
std::vector<Endpoint> local_addresses(const std::string& name);

}  // namespace visa::drivers
