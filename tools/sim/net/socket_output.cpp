// SPDX-License-Identifier: MIT
// At most kSendsInOneTurn gathered sends a turn: one fast client does not keep the others waiting.
#include "tools/sim/net/socket_output.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace visa::sim {
namespace {

constexpr std::size_t kVectors = 16;
constexpr int kSendsInOneTurn = 16;  // then other clients have their turn

}  // namespace

bool send_queue(int socket, OutputQueue& output, const Sent& sent) {
  std::array<iovec, kVectors> vectors;
  for (int i = 0; i < kSendsInOneTurn && !output.empty(); ++i) {
    const std::size_t filled = output.gather(vectors);
    ssize_t count = 0;
    if (filled == 1) {
      count = ::send(socket, vectors[0].iov_base, vectors[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = filled;
      count = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    if (sent) sent(std::span(vectors).first(filled), static_cast<std::size_t>(count));
    output.consume(static_cast<std::size_t>(count));
  }
  return true;
}

void end_by_reset(int socket) noexcept {
  const linger abort{1, 0};
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort, sizeof abort));
}

std::string peer_name(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return {};
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
}

}  // namespace visa::sim
