// SPDX-License-Identifier: MIT
// Whatever comes back to a GETPORT: a datagram of anybody on the network. Nothing is read beyond it
// and a port is only taken from a reply that is one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "drivers/common/rpc_portmap.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace visa::drivers;
  const std::span message(reinterpret_cast<const std::byte*>(data), size);
  const std::uint32_t xid = size >= kXdrWord ? get_word(message.data()) : 0;
  const auto reply = read_getport_reply(message, xid);
  demand(!read_getport_reply(message, xid + 1));
  if (!reply) return 0;
  demand(size >= 2 * kXdrWord && get_word(message.data() + kXdrWord) == kRpcReply);
  demand(reply->port == 0 || reply->outcome == RpcOutcome::success);
  demand(reply->outcome != RpcOutcome::success || size >= kRpcReplyHeader + kXdrWord);
  XdrReader reader(message);
  demand(get_rpc_reply(reader).xid == xid);
  demand(reader.offset() <= size);
  return 0;
}
