// SPDX-License-Identifier: MIT
// Sockets that wait for clients. Functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/sim/base/file_descriptor.h"

namespace visa::sim {

/// Non-blocking, on a numeric IPv4 or IPv6 address; port 0: one the system chooses. Throws
/// std::system_error, whose text names address and port.
FileDescriptor listen_on(const std::string& address, std::uint16_t port);
/// A UDP socket, in the same way.
FileDescriptor datagram_socket(const std::string& address, std::uint16_t port);
/// Where broadcasts to the network of this IPv4 address arrive; none on loopback, for 0.0.0.0 (a
/// socket bound to that hears them) and with IPv6.
std::vector<std::string> broadcast_addresses(const std::string& address);
std::uint16_t bound_port(int socket);
/// What a client on this machine connects to, as it stands in a resource name: not 0.0.0.0, and
/// IPv6 in brackets.
std::string resource_host(const std::string& address);

}  // namespace visa::sim
