// SPDX-License-Identifier: MIT
// The messages of ONC RPC version 2 (RFC 5531), as a client sees them: calls with AUTH_NULL out,
// replies in. A datagram is a message; on TCP it travels in fragments behind a mark each
// (rpc_connection.h). Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "drivers/common/xdr.h"

namespace visa::drivers {

/// What is called.
struct RpcProcedure {
  std::uint32_t program;
  std::uint32_t version;
  std::uint32_t procedure;
};

/// Everything of a call before its arguments.
inline constexpr std::size_t kRpcCallHeader = 10 * kXdrWord;

/// Everything of an accepted reply before its results, where the verifier is empty as it always is.
inline constexpr std::size_t kRpcReplyHeader = 6 * kXdrWord;

/// RFC 5531: the body of a verifier is at most this long.
inline constexpr std::size_t kMostAuthBytes = 400;

inline constexpr std::uint32_t kRpcVersion = 2;
inline constexpr std::uint32_t kRpcCall = 0;
inline constexpr std::uint32_t kRpcReply = 1;

/// Writes the header of a call; the arguments follow.
void put_rpc_call(XdrWriter& writer, std::uint32_t xid, const RpcProcedure& procedure) noexcept;

/// What a reply says of its call.
enum class RpcOutcome : std::uint8_t {
  success,  // the results follow
  program_unavailable,
  version_mismatch,
  procedure_unavailable,
  garbage_arguments,
  system_error,
  denied,     // another RPC version, or credentials are wanted
  malformed,  // no reply at all, or cut short
};

/// A sentence for the user.
std::string_view describe(RpcOutcome outcome) noexcept;

struct RpcReplyHead {
  std::uint32_t xid = 0;
  RpcOutcome outcome = RpcOutcome::malformed;
};

/// Reads the header of a reply; on success `reader` stands before the results. What is behind a
/// refusal (version numbers, reasons) is not read.
RpcReplyHead get_rpc_reply(XdrReader& reader) noexcept;

/// A number to count calls from: other for every connection, so that the replies of an earlier one
/// are told apart.
std::uint32_t random_xid() noexcept;

}  // namespace visa::drivers
