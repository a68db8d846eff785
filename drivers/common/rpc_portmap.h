// SPDX-License-Identifier: MIT
// The one question that a client asks a portmapper (RFC 1833, version 2): on which port does this
// program listen? Call and reply as bytes, the same for datagrams and records, for one host and for
// broadcast. Pure functions: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "drivers/common/rpc_message.h"

namespace visa::drivers {

inline constexpr std::uint16_t kPortmapperPort = 111;
inline constexpr RpcProcedure kGetPort{100000, 2, 3};
inline constexpr std::uint32_t kPortmapTcp = 6;
inline constexpr std::uint32_t kPortmapUdp = 17;

/// The program that identifies a VXI-11 instrument.
inline constexpr std::uint32_t kVxi11CoreProgram = 0x0607AF;
inline constexpr std::uint32_t kVxi11CoreVersion = 1;

/// A complete call.
using GetPortCall = std::array<std::byte, kRpcCallHeader + 4 * kXdrWord>;

/// Asks where `version` of `program` listens for `protocol` (kPortmapTcp, kPortmapUdp).
GetPortCall make_getport_call(std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                              std::uint32_t protocol) noexcept;

struct GetPortReply {
  RpcOutcome outcome = RpcOutcome::malformed;
  /// 0: not registered, or the answer is not a port (above 65535).
  std::uint16_t port = 0;
};

/// Reads the answer to call `xid`; nothing if `message` answers another call or is no answer.
std::optional<GetPortReply> read_getport_reply(std::span<const std::byte> message,
                                               std::uint32_t xid) noexcept;

}  // namespace visa::drivers
