// SPDX-License-Identifier: MIT
// The one question of the portmapper (RFC 1833, version 2) a client has: on which port does this
// program listen? As bytes, for datagrams and records, for one host and for broadcast alike. Pure
// functions: any thread.
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

/// What VXI-11 instruments are found by.
inline constexpr std::uint32_t kVxi11CoreProgram = 0x0607AF;
inline constexpr std::uint32_t kVxi11CoreVersion = 1;

/// A whole call.
using GetPortCall = std::array<std::byte, kRpcCallHeader + 4 * kXdrWord>;

/// Asks where `version` of `program` listens for `protocol` (kPortmapTcp, kPortmapUdp).
GetPortCall make_getport_call(std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                              std::uint32_t protocol) noexcept;

struct GetPortReply {
  RpcOutcome outcome = RpcOutcome::malformed;
  /// 0: not registered, or no port at all (a number above 65535).
  std::uint16_t port = 0;
};

/// Reads the answer to call `xid`; nothing where `message` answers another call or none.
std::optional<GetPortReply> read_getport_reply(std::span<const std::byte> message,
                                               std::uint32_t xid) noexcept;

}  // namespace visa::drivers
