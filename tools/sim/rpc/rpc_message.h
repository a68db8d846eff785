// SPDX-License-Identifier: MIT
// The head of an ONC RPC call and of its reply (RFC 5531 section 9), record marking left out.
// Values and functions without state; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/rpc/xdr.h"

namespace visa::sim {

struct RpcCall {
  std::uint32_t xid = 0;
  std::uint32_t rpc_version = 2;
  std::uint32_t program = 0;
  std::uint32_t version = 0;
  std::uint32_t procedure = 0;
  XdrReader arguments;  ///< into the record
};

/// Nothing if `record` is no call: a reply, or cut off. Credentials of any flavor are ignored.
std::optional<RpcCall> parse_call(std::string_view record) noexcept;

/// accept_stat of a reply.
enum class Accepted : std::uint32_t {
  success = 0,
  program_unavailable = 1,
  program_mismatch = 2,
  procedure_unavailable = 3,
  garbage_arguments = 4,
  system_error = 5,
};

/// The head of an accepted reply; results follow where it is a success.
void put_accepted(std::string& out, std::uint32_t xid, Accepted status);
/// A whole reply. The program is here, but in the versions `low` to `high`.
void put_mismatch(std::string& out, std::uint32_t xid, std::uint32_t low, std::uint32_t high);
/// A whole reply: denied, since only RPC version 2 is spoken here (why 0) or by authentication (1).
void put_denied(std::string& out, std::uint32_t xid, std::uint32_t why);
/// A whole reply that refuses: `how` 1 to 5 is the accept_stat, 6 another RPC version, 7 and others
/// authentication.
void put_refusal(std::string& out, std::uint32_t xid, std::uint32_t how);
/// A whole call with AUTH_NULL up to its arguments, for what the bench itself calls.
void put_call(std::string& out, std::uint32_t xid, std::uint32_t program, std::uint32_t version,
              std::uint32_t procedure);

/// The arguments of a call to whom this server answers with `version` of `program`; the reply that
/// refuses it is put into `refusal` otherwise, and the result is false.
bool check_call(const RpcCall& call, std::uint32_t program, std::uint32_t version,
                std::string& refusal);

}  // namespace visa::sim
