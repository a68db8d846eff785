// SPDX-License-Identifier: MIT
// One client of the abort channel: a connection that only knows device_abort.
//
// Owned by the Vxi11Server's TcpServer; on the bench's thread only.
#pragma once

#include <string_view>

#include "tools/sim/rpc/rpc_connection.h"
#include "tools/sim/vxi11/vxi11_registry.h"

namespace visa::sim {

class Vxi11Abort : public RpcConnection {
 public:
  /// Both outlive the connection.
  Vxi11Abort(Vxi11Registry& registry, TcpServer& tcp, FileDescriptor socket);

 private:
  void on_call(const RpcCall& call, std::string_view record) override;

  Vxi11Registry& registry_;
};

}  // namespace visa::sim
