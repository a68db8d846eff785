// SPDX-License-Identifier: MIT
// The adapter outlives its clients and keeps its settings between them.
#include <sys/socket.h>

#include <memory>
#include <utility>

#include "tools/sim/gpib/gpib_carriers.h"

namespace visa::sim {

GpibAdapterConnection::GpibAdapterConnection(TcpServer& server, GpibAdapter& adapter,
                                             GpibAdapterConnection*& current, FileDescriptor socket)
    : GpibTcpConnection(server, std::move(socket)), adapter_(adapter), current_(current) {
  if (current_ != nullptr && current_->gone()) server.forget(*current_);
  if (current_ != nullptr) {
    server.wake_at(*this, Clock::now());  // to be closed
    return;
  }
  current_ = this;
  adapter_.begin(*this);
  converse(adapter_);
}

/// The client has closed it, and nobody has looked since.
bool GpibAdapterConnection::gone() const {
  char next = 0;
  return ::recv(socket(), &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

GpibAdapterConnection::~GpibAdapterConnection() {
  if (current_ != this) return;
  current_ = nullptr;
  adapter_.end();
}

GpibTcpPort::GpibTcpPort(EventLoop& loop, GpibAdapter& adapter, const std::string& address,
                         std::uint16_t port)
    : server_(loop, address, port, [this, &adapter](FileDescriptor socket) {
        return std::make_unique<GpibAdapterConnection>(server_, adapter, current_,
                                                       std::move(socket));
      }) {}

}  // namespace visa::sim
