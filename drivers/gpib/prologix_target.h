// SPDX-License-Identifier: MIT
// What stands after prologix:// and prologix-serial:// in the setting `adapter`, and the back ends
// for both. Pure functions and constant data: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/gpib/back_end.h"

namespace visa::drivers::gpib {

/// The port of a GPIB-ETHERNET.
inline constexpr std::uint16_t kPrologixPort = 1234;

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

/// "host", "host:port", "[2001:db8::1]:port"; nothing for anything else.
std::optional<HostAndPort> parse_host(std::string_view target, std::uint16_t default_port);

/// prologix://host[:port]
const BackEnd& prologix_back_end() noexcept;
/// prologix-serial:///dev/..., with the setting `baud`.
const BackEnd& prologix_serial_back_end() noexcept;

}  // namespace visa::drivers::gpib
