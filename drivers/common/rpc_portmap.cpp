// SPDX-License-Identifier: MIT
// RFC 1833, section 3: PMAPPROC_GETPORT takes four words and returns one.
#include "drivers/common/rpc_portmap.h"

#include <limits>

namespace visa::drivers {

GetPortCall make_getport_call(std::uint32_t xid, std::uint32_t program, std::uint32_t version,
                              std::uint32_t protocol) noexcept {
  GetPortCall call;
  XdrWriter writer(call);
  put_rpc_call(writer, xid, kGetPort);
  writer.word(program).word(version).word(protocol).word(0);
  return call;
}

std::optional<GetPortReply> read_getport_reply(std::span<const std::byte> message,
                                               std::uint32_t xid) noexcept {
  XdrReader reader(message);
  const RpcReplyHead head = get_rpc_reply(reader);
  if (head.xid != xid || message.size() < 2 * kXdrWord ||
      get_word(message.data() + kXdrWord) != kRpcReply) {
    return std::nullopt;
  }
  GetPortReply reply{head.outcome, 0};
  if (head.outcome != RpcOutcome::success) return reply;
  const std::uint32_t port = reader.word();
  if (!reader.good()) return GetPortReply{};
  if (port <= std::numeric_limits<std::uint16_t>::max()) {
    reply.port = static_cast<std::uint16_t>(port);
  }
  return reply;
}

}  // namespace visa::drivers
