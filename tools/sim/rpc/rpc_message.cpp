// SPDX-License-Identifier: MIT
// RFC 5531 section 9: what a server reads and writes before and around the arguments.
#include "tools/sim/rpc/rpc_message.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kCall = 0;
constexpr std::uint32_t kReply = 1;
constexpr std::uint32_t kRpcVersion = 2;
constexpr std::size_t kLongestCredential = 400;  // RFC 5531 8.2

void put_reply(std::string& out, std::uint32_t xid, std::uint32_t denied) {
  put_number(out, xid);
  put_number(out, kReply);
  put_number(out, denied);
}

void put_no_authentication(std::string& out) {
  put_number(out, 0);  // AUTH_NONE
  put_number(out, 0);
}

}  // namespace

std::optional<RpcCall> parse_call(std::string_view record) noexcept {
  XdrReader reader(record);
  RpcCall call;
  call.xid = reader.number();
  const bool is_call = reader.number() == kCall;
  call.rpc_version = reader.number();
  if (!reader.good() || !is_call) return std::nullopt;
  if (call.rpc_version != kRpcVersion) {
    return call;  // what follows may look different
  }
  call.program = reader.number();
  call.version = reader.number();
  call.procedure = reader.number();
  for (int i = 0; i < 2; ++i) {  // credential and verifier
    reader.number();
    reader.opaque(kLongestCredential);
  }
  if (!reader.good()) return std::nullopt;
  call.arguments = XdrReader(reader.rest());
  return call;
}

void put_accepted(std::string& out, std::uint32_t xid, Accepted status) {
  put_reply(out, xid, 0);
  put_no_authentication(out);
  put_number(out, static_cast<std::uint32_t>(status));
}

void put_mismatch(std::string& out, std::uint32_t xid, std::uint32_t low, std::uint32_t high) {
  put_accepted(out, xid, Accepted::program_mismatch);
  put_number(out, low);
  put_number(out, high);
}

void put_denied(std::string& out, std::uint32_t xid, std::uint32_t why) {
  put_reply(out, xid, 1);
  put_number(out, why);
  if (why == 0) put_number(out, kRpcVersion);
  put_number(out, kRpcVersion);  // the highest version, or AUTH_REJECTEDCRED
}

void put_refusal(std::string& out, std::uint32_t xid, std::uint32_t how) {
  if (how == static_cast<std::uint32_t>(Accepted::program_mismatch)) {
    put_mismatch(out, xid, 0, 0);
  } else if (how >= 1 && how <= 5) {
    put_accepted(out, xid, static_cast<Accepted>(how));
  } else {
    put_denied(out, xid, how == 6 ? 0 : 1);
  }
}

void put_call(std::string& out, std::uint32_t xid, std::uint32_t program, std::uint32_t version,
              std::uint32_t procedure) {
  for (const std::uint32_t value : {xid, kCall, kRpcVersion, program, version, procedure}) {
    put_number(out, value);
  }
  put_no_authentication(out);
  put_no_authentication(out);
}

bool check_call(const RpcCall& call, std::uint32_t program, std::uint32_t version,
                std::string& refusal) {
  if (call.rpc_version != kRpcVersion) {
    put_denied(refusal, call.xid, 0);
  } else if (call.program != program) {
    put_accepted(refusal, call.xid, Accepted::program_unavailable);
  } else if (call.version != version) {
    put_mismatch(refusal, call.xid, version, version);
  } else {
    return true;
  }
  return false;
}

}  // namespace visa::sim
