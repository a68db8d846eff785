// SPDX-License-Identifier: MIT
// The messages of ONC RPC version 2 (RFC 5531) as a client needs them: it sends calls with
// AUTH_NULL and receives replies. A datagram holds one message; on TCP a message travels in
// fragments, each preceded by a mark (rpc_records.h). Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "drivers/common/xdr.h"

namespace visa::drivers {

/// The procedure to call.
struct RpcProcedure {
  std::uint32_t program;
  std::uint32_t version;
  std::uint32_t procedure;
};

/// The size of a call before its arguments.
inline constexpr std::size_t kRpcCallHeader = 10 * kXdrWord;

/// The size of an accepted reply before its results, with an empty verifier, as instruments send
/// it.
inline constexpr std::size_t kRpcReplyHeader = 6 * kXdrWord;

/// The longest body of a verifier (RFC 5531).
inline constexpr std::size_t kMostAuthBytes = 400;

inline constexpr std::uint32_t kRpcVersion = 2;
inline constexpr std::uint32_t kRpcCall = 0;
inline constexpr std::uint32_t kRpcReply = 1;

/// Writes the header of a call; the caller appends the arguments.
void put_rpc_call(XdrWriter& writer, std::uint32_t xid, const RpcProcedure& procedure) noexcept;

/// What a reply says about its call.
enum class RpcOutcome : std::uint8_t {
  success,  // the results follow
  program_unavailable,
  version_mismatch,
  procedure_unavailable,
  garbage_arguments,
  system_error,
  denied,     // wrong RPC version, or the server wants credentials
  malformed,  // not a reply, or cut short
};

/// A sentence for the user.
std::string_view describe(RpcOutcome outcome) noexcept;

struct RpcReplyHead {
  std::uint32_t xid = 0;
  RpcOutcome outcome = RpcOutcome::malformed;
};

/// Reads the header of a reply; on success the results are next in `reader`. Does not read the
/// details of a refusal (version numbers, reasons).
RpcReplyHead get_rpc_reply(XdrReader& reader) noexcept;

/// The first call number of a connection: different for every connection, so that a reply meant for
/// an earlier one is recognised.
std::uint32_t random_xid() noexcept;

}  // namespace visa::drivers
