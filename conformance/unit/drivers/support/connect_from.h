// SPDX-License-Identifier: MIT
// Gives new connections of this computer another address, as a change of network does, or little
// room: the linker's --wrap sends connect here.
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

/// While it lives, every socket of this process that connects has the smallest send buffer.
class SmallSendBuffer {
 public:
  SmallSendBuffer();
  ~SmallSendBuffer();
  SmallSendBuffer(const SmallSendBuffer&) = delete;
  SmallSendBuffer& operator=(const SmallSendBuffer&) = delete;
};

}  // namespace visa::test
