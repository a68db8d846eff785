// SPDX-License-Identifier: MIT
// A connection has its half of the conversation with it; both end together.
#include "tools/sim/gpib/enet_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <system_error>
#include <utility>

#include "tools/sim/gpib/enet_session.h"
#include "tools/sim/gpib/enet_side.h"
#include "tools/sim/gpib/gpib_tcp_connection.h"

namespace visa::sim {
namespace {

constexpr std::array<EnetPort, 4> kPorts = {EnetPort::main, EnetPort::wait, EnetPort::control,
                                            EnetPort::companion};

// Ports to try are below those that a system gives to its clients.
constexpr unsigned kFirstTried = 10000;
constexpr unsigned kTriedRange = 20000;
constexpr unsigned kMostTries = 200;

std::uint16_t client_port(int socket) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return 0;
  return ntohs(peer.sin_port);
}

class MainConnection final : public GpibTcpConnection {
 public:
  MainConnection(TcpServer& server, EnetBox& box, FileDescriptor accepted)
      : GpibTcpConnection(server, std::move(accepted)),
        session_(box, client_port(socket()), *this) {
    converse(session_);
  }

 private:
  EnetSession session_;
};

class SideConnection final : public GpibTcpConnection {
 public:
  SideConnection(TcpServer& server, EnetBox& box, EnetPort port, FileDescriptor accepted)
      : GpibTcpConnection(server, std::move(accepted)), side_(box, port) {
    converse(side_);
  }

 private:
  EnetSide side_;
};

}  // namespace

EnetPorts::EnetPorts(EventLoop& loop, EnetBox& box, const std::string& address, std::uint16_t port)
    : box_(box) {
  for (unsigned attempt = 1;; ++attempt) {
    const unsigned tried =
        kFirstTried + (131U * static_cast<unsigned>(::getpid()) + 97U * attempt) % kTriedRange;
    try {
      listen(loop, address, port != 0 ? port : static_cast<std::uint16_t>(tried));
      return;
    } catch (const std::system_error&) {
      if (port != 0 || attempt == kMostTries) throw;
    }
  }
}

void EnetPorts::listen(EventLoop& loop, const std::string& address, std::uint16_t port) {
  for (std::size_t i = 0; i < kPorts.size(); ++i) {
    const EnetPort which = kPorts[i];
    auto& server = servers_[i];
    const auto number = static_cast<std::uint16_t>(port + static_cast<std::uint16_t>(which));
    server = std::make_unique<TcpServer>(
        loop, address, number,
        [this, &server, which](FileDescriptor socket) -> std::unique_ptr<TcpConnection> {
          if (which == EnetPort::main) {
            return std::make_unique<MainConnection>(*server, box_, std::move(socket));
          }
          return std::make_unique<SideConnection>(*server, box_, which, std::move(socket));
        });
  }
}

}  // namespace visa::sim
