// SPDX-License-Identifier: MIT
// Each call is one record of one fragment; the first reply that does not fit ends the rule.
#include "conformance/rules/second_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace visa::rules {
namespace {

constexpr std::uint32_t kCoreProgram = 0x0607AF;
constexpr std::uint32_t kCreateLink = 10;
constexpr std::uint32_t kWrite = 11;
constexpr std::uint32_t kLock = 18;
constexpr std::uint32_t kUnlock = 19;
constexpr std::uint32_t kEnd = 8;
constexpr std::uint32_t kLast = 0x80000000;
constexpr std::uint32_t kMostReply = 4096;

// "inst0" of "TCPIP0::127.0.0.1::inst0::INSTR".
std::string device_of(const std::string& name) {
  const auto end = name.rfind("::");
  const auto begin = name.rfind("::", end - 1);
  return name.substr(begin + 2, end - begin - 2);
}

void put(std::string& record, std::uint32_t word) {
  const std::uint32_t big = htonl(word);
  record.append(reinterpret_cast<const char*>(&big), sizeof big);
}

}  // namespace

SecondClient::SecondClient(Check& check) : check_(check) {
  const int port = check.options().bench.core_port;
  if (port == 0) throw NotShown{"where a second client finds the device is not known (--sim)"};
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check.need_that(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                  "the second client cannot connect");
  const std::string device = device_of(check.resource().name);
  const Words made = call(kCreateLink, {2, 0, 0}, &device);
  check.need_that(made.size() == 4 && made[0] == 0, "the second client gets no link");
  link_ = made[1];
}

// Closing the connection ends the link and its lock.
SecondClient::~SecondClient() {
  ::close(fd_);
}

std::uint32_t SecondClient::lock() {
  return call(kLock, {link_, 0, 0}).at(0);
}

std::uint32_t SecondClient::unlock() {
  return call(kUnlock, {link_}).at(0);
}

std::uint32_t SecondClient::write(const std::string& message) {
  return call(kWrite, {link_, 2000, 0, kEnd}, &message).at(0);
}

bool SecondClient::receive(void* into, std::size_t size) {
  return ::recv(fd_, into, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

SecondClient::Words SecondClient::call(std::uint32_t procedure,
                                       std::initializer_list<std::uint32_t> words,
                                       const std::string* text) {
  std::string record;
  for (const std::uint32_t word : {++xid_, 0U, 2U, kCoreProgram, 1U, procedure, 0U, 0U, 0U, 0U}) {
    put(record, word);
  }
  for (const std::uint32_t word : words) put(record, word);
  if (text != nullptr) {
    put(record, static_cast<std::uint32_t>(text->size()));
    record += *text;
    record.append((4 - text->size() % 4) % 4, '\0');
  }
  std::string marked;
  put(marked, static_cast<std::uint32_t>(record.size()) | kLast);
  marked += record;
  check_.need_that(::send(fd_, marked.data(), marked.size(), MSG_NOSIGNAL) ==
                       static_cast<ssize_t>(marked.size()),
                   "the second client cannot send");
  std::uint32_t mark = 0;
  check_.need_that(receive(&mark, sizeof mark), "the second client is not answered");
  const std::uint32_t size = ntohl(mark) & ~kLast;
  check_.need_that(size >= 28 && size <= kMostReply && size % 4 == 0,
                   "the second client is answered something else");
  Words reply(size / 4);
  check_.need_that(receive(reply.data(), size), "the second client is answered in part");
  for (std::uint32_t& word : reply) word = ntohl(word);
  // xid, reply, accepted, no verifier, success; then the results.
  check_.need_that(reply[0] == xid_ && reply[1] == 1 && reply[2] == 0 && reply[5] == 0,
                   "the second client's call is refused");
  return Words(reply.begin() + 6, reply.end());
}

}  // namespace visa::rules
