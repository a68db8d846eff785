// SPDX-License-Identifier: MIT
// One connection of a client over TCP, and what is said on it. It reads nothing while the other
// side of the conversation has enough to work off: TCP then stops its client. On the bench's thread
// only.
#pragma once

#include <cstdint>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/gpib/gpib_conversation.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class GpibTcpConnection : public TcpConnection, protected GpibConversation::Carrier {
 public:
  GpibTcpConnection(TcpServer& server, FileDescriptor socket);
  ~GpibTcpConnection() override;

  void on_events(std::uint32_t events) override;
  void on_due(Clock::time_point now) override;

 protected:
  /// Serves the client from now on; `conversation` lives as long. A connection without one ends
  /// when it is woken.
  void converse(GpibConversation& conversation);
  int socket() const noexcept { return socket_.get(); }

 private:
  void on_adapter_changed() override;
  bool serve(std::uint32_t events);
  bool settle();

  TcpServer& server_;
  FileDescriptor socket_;
  GpibConversation* conversation_ = nullptr;
  std::uint32_t watched_ = 0;
};

}  // namespace visa::sim
