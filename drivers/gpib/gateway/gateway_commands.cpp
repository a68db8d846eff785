// SPDX-License-Identifier: MIT
// VXI-11.2, appendix B: the numbers of the commands, and the size of the one item that each takes.
#include "drivers/gpib/gateway/gateway_commands.h"

#include <algorithm>
#include <array>

namespace visa::drivers::gpib::gateway {
namespace {

constexpr std::uint32_t kSendCommand = 0x020000;
constexpr std::uint32_t kBusStatus = 0x020001;
constexpr std::uint32_t kAttention = 0x020002;
constexpr std::uint32_t kRemote = 0x020003;
constexpr std::uint32_t kPassControl = 0x020004;
constexpr std::uint32_t kBusAddress = 0x02000A;
constexpr std::uint32_t kInterfaceClear = 0x020010;

constexpr std::uint32_t kShort = 2;
constexpr std::uint32_t kLong = 4;

std::array<std::byte, kLong> in_order(std::uint32_t size, std::uint32_t value) noexcept {
  std::array<std::byte, kLong> bytes{};
  for (std::uint32_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(value >> (8 * (size - 1 - i)));
  }
  return bytes;
}

}  // namespace

Result<spi::DeviceAnswer> GatewayCommands::command(std::uint32_t number, std::uint32_t item,
                                                   std::span<const std::byte> data,
                                                   Call& call) const {
  auto* commands = board_.facets().commands;
  if (commands == nullptr) return Status::error_nsup_oper;
  return commands->device_command(number, item, data, call);
}

Status GatewayCommands::set(std::uint32_t number, std::uint32_t size, std::uint32_t value,
                            Call& call) const {
  const auto bytes = in_order(size, value);
  return command(number, size, std::span(bytes).first(size), call).status();
}

spi::WriteResult GatewayCommands::send(std::span<const std::byte> bytes, Call& call) const {
  spi::WriteResult result;
  while (ok(result.status) && result.count < bytes.size()) {
    const auto rest = bytes.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), spi::DeviceCommandFacet::kMostData));
    result.status = command(kSendCommand, 1, piece, call).status();
    if (ok(result.status)) result.count += piece.size();
  }
  return result;
}

Result<std::uint16_t> GatewayCommands::ask(BusQuestion question, Call& call) const {
  const auto bytes = in_order(kShort, static_cast<std::uint32_t>(question));
  const auto answer = command(kBusStatus, kShort, std::span(bytes).first(kShort), call);
  if (!answer) return answer.status();
  if (answer->size < kShort) {
    return call.fail(Status::error_io, "the gateway answers the question for the bus too shortly");
  }
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(answer->bytes[0]) << 8U |
                                    std::to_integer<unsigned>(answer->bytes[1]));
}

Status GatewayCommands::set_attention(bool on, Call& call) const {
  return set(kAttention, kShort, on ? 1 : 0, call);
}

Status GatewayCommands::set_remote(bool on, Call& call) const {
  return set(kRemote, kShort, on ? 1 : 0, call);
}

Status GatewayCommands::pass_control(std::uint8_t primary, Call& call) const {
  return set(kPassControl, kLong, primary, call);
}

Status GatewayCommands::set_address(std::uint8_t primary, Call& call) const {
  return set(kBusAddress, kLong, primary, call);
}

Status GatewayCommands::clear_interface(Call& call) const {
  return command(kInterfaceClear, 0, {}, call).status();
}

}  // namespace visa::drivers::gpib::gateway
