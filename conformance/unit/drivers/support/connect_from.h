// SPDX-License-Identifier: MIT
// Gives this computer another address on new connections, as a change of network does: the linker's
// --wrap sends connect here.
#pragma once

#include <cstdint>

namespace visa::test {

/// While it lives, every IPv4 socket of this process that connects does so from `address`, which
/// must be one of this computer (0x7F000005 is 127.0.0.5).
class ConnectFrom {
 public:
  explicit ConnectFrom(std::uint32_t address);
  ~ConnectFrom();
  ConnectFrom(const ConnectFrom&) = delete;
  ConnectFrom& operator=(const ConnectFrom&) = delete;
};

}  // namespace visa::test
