// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/connect_from.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>

namespace visa::test {
namespace {

std::atomic<std::uint32_t> source{0};
std::atomic<bool> small{false};

}  // namespace

ConnectFrom::ConnectFrom(std::uint32_t address) {
  source = address;
}

ConnectFrom::~ConnectFrom() {
  source = 0;
}

SmallSendBuffer::SmallSendBuffer() {
  small = true;
}

SmallSendBuffer::~SmallSendBuffer() {
  small = false;
}

}  // namespace visa::test

extern "C" {
int __real_connect(int, const sockaddr*, socklen_t);

int __wrap_connect(int fd, const sockaddr* to, socklen_t size) {
  const std::uint32_t address = visa::test::source;
  if (address != 0 && to->sa_family == AF_INET) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(address);
    ::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  }
  if (visa::test::small) {
    const int bytes = 1;  // the system makes the least of it
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  return __real_connect(fd, to, size);
}
}
