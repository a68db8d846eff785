// SPDX-License-Identifier: MIT
// The GPIB commands of a VXI-11.2 gateway: device_docmd on the link to its interface ("gpib0").
// The channel belongs to the caller; threads as the channel has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/channel.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::gpib::gateway {

/// What bus status can be asked for (VXI-11.2 B.5.4).
enum class BusQuestion : std::uint16_t {
  remote = 1,
  service_request = 2,
  ndac = 3,
  system_controller = 4,
  controller_in_charge = 5,
  talker = 6,
  listener = 7,
  address = 8,
};

class GatewayCommands {
 public:
  /// `board` is the channel to the interface and outlives this.
  explicit GatewayCommands(spi::Channel& board) noexcept : board_(board) {}

  /// Command bytes, in pieces as long as the gateway takes them.
  spi::WriteResult send(std::span<const std::byte> bytes, Call& call) const;
  Result<std::uint16_t> ask(BusQuestion question, Call& call) const;
  Status set_attention(bool on, Call& call) const;
  Status set_remote(bool on, Call& call) const;
  Status pass_control(std::uint8_t primary, Call& call) const;
  Status set_address(std::uint8_t primary, Call& call) const;
  Status clear_interface(Call& call) const;

 private:
  Result<spi::DeviceAnswer> command(std::uint32_t number, std::uint32_t item,
                                    std::span<const std::byte> data, Call& call) const;
  Status set(std::uint32_t number, std::uint32_t size, std::uint32_t value, Call& call) const;

  spi::Channel& board_;
};

}  // namespace visa::drivers::gpib::gateway
