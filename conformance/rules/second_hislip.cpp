// SPDX-License-Identifier: MIT
// Messages of another type than the one that is waited for are passed over.
#include "conformance/rules/second_hislip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace visa::rules {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::uint32_t kVersionAndVendor = 0x01005253;
constexpr std::uint32_t kMostPayload = 4096;
constexpr std::uint32_t kNothingSent = 0xFFFFFEFE;

// "hislip0" and "4880" of "TCPIP0::127.0.0.1::hislip0::INSTR".
void split_name(const std::string& name, std::string& device, std::string& port) {
  const auto end = name.rfind("::");
  const auto begin = name.rfind("::", end - 1);
  device = name.substr(begin + 2, end - begin - 2);
  const auto comma = device.find(',');
  port = comma == std::string::npos ? "4880" : device.substr(comma + 1);
  device = device.substr(0, comma);
}

void put(std::string& message, std::uint32_t word) {
  const std::uint32_t big = htonl(word);
  message.append(reinterpret_cast<const char*>(&big), sizeof big);
}

std::uint32_t word_at(const std::string& message, std::size_t at) {
  std::uint32_t big = 0;
  message.copy(reinterpret_cast<char*>(&big), sizeof big, at);
  return ntohl(big);
}

bool receive(int fd, std::string& into, std::size_t size) {
  into.assign(size, '\0');
  for (std::size_t have = 0; have < size;) {
    const ssize_t got = ::recv(fd, into.data() + have, size - have, 0);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

int SecondHislip::connect(const std::string& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check_.need_that(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                   "the second client cannot connect");
  return fd;
}

SecondHislip::SecondHislip(Check& check) : check_(check) {
  std::string device;
  std::string port;
  split_name(check.resource().name, device, port);
  sync_ = connect(port);
  const Answer first = exchange(sync_, 0, 0, kVersionAndVendor, device, 1);
  async_ = connect(port);
  exchange(async_, 17, 0, first.parameter & 0xFFFFU, "", 18);
}

// Closing the connections ends the session and its locks.
SecondHislip::~SecondHislip() {
  ::close(async_);
  ::close(sync_);
}

SecondHislip::Answer SecondHislip::exchange(int fd, int type, int control, std::uint32_t parameter,
                                            const std::string& payload, int wanted) {
  std::string message = {'H', 'S', static_cast<char>(type), static_cast<char>(control)};
  put(message, parameter);
  put(message, 0);
  put(message, static_cast<std::uint32_t>(payload.size()));
  message += payload;
  const auto sent = ::send(fd, message.data(), message.size(), MSG_NOSIGNAL);
  check_.need_that(sent == static_cast<ssize_t>(message.size()), "the second client cannot send");
  for (;;) {
    std::string header;
    std::string rest;
    check_.need_that(
        receive(fd, header, kHeader) && word_at(header, 12) <= kMostPayload &&
            receive(fd, rest, word_at(header, 12)),
        "the second client gets no answer to a message of type " + std::to_string(type));
    if (header[2] == wanted) return {static_cast<unsigned char>(header[3]), word_at(header, 4)};
    check_.need_that(header[2] != 2 && header[2] != 3, "the second client is answered by an error");
  }
}

int SecondHislip::lock(const std::string& key) {
  return exchange(async_, 4, 1, 0, key, 5).control;
}

int SecondHislip::unlock() {
  return exchange(async_, 4, 0, kNothingSent, "", 5).control;
}

}  // namespace visa::rules
