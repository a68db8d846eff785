// SPDX-License-Identifier: MIT
// RFC 1833: version 4 (strings) on the local transport, where rpcbind knows the caller's user;
// version 2 over loopback, which it believes from ports below 1024 only.
#include "tools/sim/rpc/rpcbind.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/rpc/rpc_message.h"
#include "tools/sim/rpc/rpc_procedure.h"

namespace visa::sim {
namespace {

constexpr std::uint32_t kSet = 1;
constexpr std::uint32_t kUnset = 2;
constexpr std::uint32_t kVersion4 = 4;
constexpr std::uint32_t kTcp = 6;
constexpr std::uint16_t kPortmapperPort = 111;
constexpr std::uint16_t kHighestReserved = 1023;
constexpr std::uint16_t kLowestReserved = 600;
constexpr std::size_t kLongestReply = 512;

void limit_waiting(int socket) {
  const timeval limit{RpcbindRegistration::kPatience.count(), 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

FileDescriptor connect_local(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    return {};
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_waiting(socket.get());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return {};
  }
  return socket;
}

FileDescriptor connect_loopback() {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  limit_waiting(socket.get());
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::uint16_t port = kHighestReserved; port >= kLowestReserved; --port) {
    name.sin_port = htons(port);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ||
        errno == EACCES) {
      break;
    }
  }
  name.sin_port = htons(kPortmapperPort);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    return {};
  }
  return socket;
}

// One call whose result is a boolean; false without a good reply in time.
bool call(const FileDescriptor& socket, std::uint32_t version, std::uint32_t procedure,
          std::string_view arguments) {
  if (!socket) return false;
  std::string record(4, '\0');
  put_call(record, 1, kPortmapProgram, version, procedure);
  record.append(arguments);
  set_number(record.data(), static_cast<std::uint32_t>(record.size() - 4) | 0x80000000U);
  if (::send(socket.get(), record.data(), record.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(record.size())) {
    return false;
  }
  std::string reply;
  constexpr std::size_t kWanted = 4 + 24 + 4;
  while (reply.size() < kWanted) {
    char bytes[kLongestReply];
    const ssize_t count = ::recv(socket.get(), bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    reply.append(bytes, static_cast<std::size_t>(count));
  }
  XdrReader reader(std::string_view(reply).substr(4));
  const bool mine = reader.number() == 1 && reader.number() == 1;
  const bool accepted = reader.number() == 0;
  reader.number();
  reader.opaque(0);
  return mine && accepted && reader.number() == 0 && reader.boolean();
}

}  // namespace

RpcbindRegistration::RpcbindRegistration(std::vector<Portmapper::Mapping> mappings,
                                         const std::string& address, std::string socket)
    : mappings_(std::move(mappings)), address_(address), socket_(std::move(socket)) {
  for (const Portmapper::Mapping& mapping : mappings_) {
    change(false, mapping);  // what a bench that was killed has left
    if (!change(true, mapping)) {
      remove_all();
      throw std::runtime_error("the portmapper of this machine (rpcbind) does not answer on " +
                               socket_ + " and port 111, or refuses to register program " +
                               std::to_string(mapping.program));
    }
  }
}

RpcbindRegistration::~RpcbindRegistration() {
  remove_all();
}

void RpcbindRegistration::remove_all() noexcept {
  try {
    for (const Portmapper::Mapping& mapping : mappings_) change(false, mapping);
  } catch (const std::exception&) {
    // no memory: the next bench takes them out
  }
}

bool RpcbindRegistration::change(bool set, const Portmapper::Mapping& mapping) const {
  return change_by_local_transport(set, mapping) || change_by_loopback(set, mapping);
}

bool RpcbindRegistration::change_by_local_transport(bool set,
                                                    const Portmapper::Mapping& mapping) const {
  std::string arguments;
  put_number(arguments, mapping.program);
  put_number(arguments, mapping.version);
  put_opaque(arguments, address_.find(':') == std::string::npos ? "tcp" : "tcp6");
  put_opaque(arguments, address_ + "." + std::to_string(mapping.port >> 8U) + "." +
                            std::to_string(mapping.port & 0xFFU));
  put_opaque(arguments, "");
  return call(connect_local(socket_), kVersion4, set ? kSet : kUnset, arguments);
}

bool RpcbindRegistration::change_by_loopback(bool set, const Portmapper::Mapping& mapping) const {
  std::string arguments;
  put_number(arguments, mapping.program);
  put_number(arguments, mapping.version);
  put_number(arguments, kTcp);
  put_number(arguments, mapping.port);
  return call(connect_loopback(), kPortmapVersion, set ? kSet : kUnset, arguments);
}

}  // namespace visa::sim
