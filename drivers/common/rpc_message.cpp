// SPDX-License-Identifier: MIT
// RFC 5531, section 9: the layout of calls and replies.
#include "drivers/common/rpc_message.h"

#include <sys/random.h>

#include <atomic>
#include <chrono>

namespace visa::drivers {
namespace {

constexpr std::uint32_t kAuthNull = 0;
constexpr std::uint32_t kAccepted = 0;
constexpr std::uint32_t kDenied = 1;

RpcOutcome accept_outcome(std::uint32_t status) noexcept {
  switch (status) {
    case 0:
      return RpcOutcome::success;
    case 1:
      return RpcOutcome::program_unavailable;
    case 2:
      return RpcOutcome::version_mismatch;
    case 3:
      return RpcOutcome::procedure_unavailable;
    case 4:
      return RpcOutcome::garbage_arguments;
    case 5:
      return RpcOutcome::system_error;
    default:
      return RpcOutcome::malformed;
  }
}

std::uint32_t first_xid() noexcept {
  std::uint32_t value = 0;
  if (::getrandom(&value, sizeof value, GRND_NONBLOCK) != sizeof value) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    value = static_cast<std::uint32_t>(now) ^ static_cast<std::uint32_t>(now >> 32);
  }
  return value;
}

}  // namespace

void put_rpc_call(XdrWriter& writer, std::uint32_t xid, const RpcProcedure& procedure) noexcept {
  writer.word(xid).word(kRpcCall).word(kRpcVersion);
  writer.word(procedure.program).word(procedure.version).word(procedure.procedure);
  writer.word(kAuthNull).word(0);  // credentials
  writer.word(kAuthNull).word(0);  // verifier
}

RpcReplyHead get_rpc_reply(XdrReader& reader) noexcept {
  RpcReplyHead head;
  head.xid = reader.word();
  const std::uint32_t type = reader.word();
  const std::uint32_t status = reader.word();
  if (!reader.good() || type != kRpcReply) return head;
  if (status == kDenied) head.outcome = RpcOutcome::denied;
  if (status != kAccepted) return head;
  reader.word();  // flavour of the verifier
  reader.opaque(kMostAuthBytes);
  const std::uint32_t accepted = reader.word();
  if (reader.good()) head.outcome = accept_outcome(accepted);
  return head;
}

std::string_view describe(RpcOutcome outcome) noexcept {
  switch (outcome) {
    case RpcOutcome::success:
      return "the call was accepted";
    case RpcOutcome::program_unavailable:
      return "the instrument does not have this RPC program";
    case RpcOutcome::version_mismatch:
      return "the instrument has another version of this RPC program";
    case RpcOutcome::procedure_unavailable:
      return "the instrument does not have this RPC procedure";
    case RpcOutcome::garbage_arguments:
      return "the instrument could not read the arguments of the call";
    case RpcOutcome::system_error:
      return "the instrument reports an RPC system error";
    case RpcOutcome::denied:
      return "the instrument refused the call: RPC version or credentials";
    case RpcOutcome::malformed:
      break;
  }
  return "the instrument sent a reply that cannot be read";
}

std::uint32_t random_xid() noexcept {
  // One random start for the process; the odd step visits every other number before it repeats.
  static std::atomic<std::uint32_t> next{first_xid()};
  return next.fetch_add(0x9E3779B9, std::memory_order_relaxed);
}

}  // namespace visa::drivers
