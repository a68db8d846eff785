// SPDX-License-Identifier: MIT
// Each listener has a port that the system chose; create_intr_chan tells the instrument which.
#include "drivers/vxi11/interrupt_listeners.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

namespace visa::drivers::vxi11 {
namespace {

constexpr int kBacklog = 64;

}  // namespace

std::uint32_t ipv4_of(const Endpoint& endpoint) noexcept {
  sockaddr_in address{};
  std::memcpy(&address, endpoint.address(), sizeof address);
  return ntohl(address.sin_addr.s_addr);
}

std::optional<std::uint16_t> InterruptListeners::open(const Endpoint& local) {
  const std::uint32_t address = ipv4_of(local);
  for (const Listener& listener : all_) {
    if (listener.address == address) return listener.port;
  }
  auto socket = ChildClosedFd::made_by(
      [] { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  Endpoint own = local;
  own.set_port(0);
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  if (!socket || ::bind(socket.get(), own.address(), own.size()) != 0 ||
      ::listen(socket.get(), kBacklog) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return std::nullopt;
  }
  const std::uint16_t port = ntohs(bound.sin_port);
  all_.push_back({std::move(socket), address, port});
  return port;
}

void InterruptListeners::close_unless(const std::function<bool(std::uint32_t address)>& wanted) {
  std::erase_if(all_, [&](const Listener& one) { return !wanted(one.address); });
}

void InterruptListeners::watch(std::vector<pollfd>& watched) const {
  for (const Listener& one : all_) watched.push_back({one.socket.get(), POLLIN, 0});
}

}  // namespace visa::drivers::vxi11
