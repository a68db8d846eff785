// SPDX-License-Identifier: MIT
// Host names that this computer knows by itself: those of its hosts file, localhost and its own. No
// server is asked and no thread is needed, so that a dead name server stands in nobody's way. Any
// thread; nothing is kept between calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/common/endpoint.h"

namespace visa::drivers {

/// No more of /etc/hosts or /etc/nsswitch.conf is read. A name further on is found all the same,
/// by the system's own look-up.
inline constexpr std::size_t kMostHostsBytes = std::size_t{1} << 20;

/// The addresses that `hosts`, a text in the form of hosts(5), gives to `name`, in its order, each
/// once, port 0. Case does not matter; a line that is not understood is passed over.
std::vector<Endpoint> addresses_in_hosts(std::string_view hosts, std::string_view name);

/// True when `nsswitch`, a text in the form of nsswitch.conf(5), asks the hosts file before any
/// source that may have to wait for others; also when it does not say.
bool hosts_file_comes_first(std::string_view nsswitch);

/// Every address of `name` that is known here, IPv6 first as the system sorts them (RFC 6724), port
/// 0: from the hosts file where nsswitch.conf asks it first; else the loopback for localhost
/// (RFC 6761 6.3) and the addresses of the network interfaces for this computer's own name. Empty
/// when the name is none of these.
std::vector<Endpoint> local_addresses(const std::string& name);

}  // namespace visa::drivers
