// SPDX-License-Identifier: MIT
// A portmapper (RFC 1833, version 2) for what the bench serves, over UDP and TCP on one port: NULL,
// GETPORT and DUMP. Nobody can register here. A bench that is bound to a network also answers the
// broadcasts of that network.
//
// Owned by the server of a wire; on the bench's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/engine/faults.h"
#include "tools/sim/engine/message_reader.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/rpc/rpc_message.h"
#include "tools/sim/rpc/rpc_procedure.h"
#include "tools/sim/rpc/rpc_reply.h"

namespace visa::sim {

class Portmapper {
 public:
  struct Mapping {
    std::uint32_t program = 0;
    std::uint32_t version = 0;
    std::uint16_t port = 0;  ///< of TCP
  };
  /// Which fault a call of the portmapper meets; null: none.
  using NextFault =
      std::function<const FaultBoard::Active*(FaultPoint point, const RpcProcedure* procedure)>;

  /// Port 0: one the system chooses, the same for UDP and TCP. Throws std::system_error.
  Portmapper(EventLoop& loop, const std::string& address, std::uint16_t port,
             std::vector<Mapping> mappings, NextFault next_fault);
  ~Portmapper();
  Portmapper(const Portmapper&) = delete;
  Portmapper& operator=(const Portmapper&) = delete;

  std::uint16_t port() const noexcept { return tcp_.port(); }

 private:
  class Datagrams;
  class Connection;

  /// The reply to a call; nothing where a fault keeps silent.
  std::optional<RpcReply> answer(const RpcCall& call, const FaultBoard::Active*& fault);
  std::optional<std::uint32_t> find_port(XdrReader arguments) const;
  RpcReply dump(std::uint32_t xid) const;
  void bind_datagrams(EventLoop& loop, const std::string& address, std::uint16_t port);

  std::vector<Mapping> mappings_;
  NextFault next_fault_;
  InputBudget budget_;
  TcpServer tcp_;
  std::vector<std::unique_ptr<Datagrams>> udp_;
};

}  // namespace visa::sim
