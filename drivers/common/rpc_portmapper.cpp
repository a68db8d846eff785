// SPDX-License-Identifier: MIT
// The UDP sockets are connected: only then does the system report a refusal (ICMP), and it accepts
// an answer from the asked host only. The question is repeated every kRepeat, because datagrams get
// lost.
#include "drivers/common/rpc_portmapper.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "drivers/common/connector.h"
#include "drivers/common/rpc_connection.h"
#include "drivers/common/rpc_portmap.h"
#include "lib/base/unique_fd.h"

namespace visa::drivers {
namespace {

using namespace std::chrono_literals;

constexpr auto kRepeat = 150ms;
/// UDP may take a third of the time left, but at most this.
constexpr auto kMostUdp = 600ms;
/// How often the cancel token is checked: no channel exists yet whose wake() could end the wait.
constexpr auto kLook = 20ms;

struct Asked {
  ChildClosedFd socket;
  Endpoint address;
};

/// The program asked for, the addresses of the host, and what else the user may try.
struct Inquiry {
  std::span<const Endpoint> addresses;
  std::string_view host;
  std::uint32_t program;
  std::uint32_t version;
  std::string_view advice;

  Status fail(Status status, const Endpoint& address, std::string_view cause, Call& call) const {
    std::string detail = describe_peer(address, host);
    detail.append(": ").append(cause);
    if (!advice.empty()) detail.append("; ").append(advice);
    return call.fail(status, detail);
  }
  Status not_registered(const Endpoint& address, Call& call) const {
    return fail(Status::error_rsrc_nfound, address, "its portmapper knows no such service", call);
  }
};

class UdpQuestion {
 public:
  UdpQuestion(std::uint32_t program, std::uint32_t version)
      : xid_(random_xid()), message_(make_getport_call(xid_, program, version, kPortmapTcp)) {}

  /// The server, if an answer named it in time. Sets `absent` to an address whose portmapper
  /// answered that the program is not registered.
  std::optional<Endpoint> ask(std::span<const Endpoint> addresses, Deadline until, const Call& call,
                              std::optional<Endpoint>& absent);

 private:
  void send_all();
  std::optional<Endpoint> look(std::span<const pollfd> watched, std::optional<Endpoint>& absent);

  const std::uint32_t xid_;
  const GetPortCall message_;
  std::vector<Asked> asked_;
};

void UdpQuestion::send_all() {
  for (Asked& one : asked_) {
    if (::send(one.socket.get(), message_.data(), message_.size(), MSG_NOSIGNAL) < 0 &&
        errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
      one.socket.reset();
    }
  }
  std::erase_if(asked_, [](const Asked& one) { return !one.socket; });
}

std::optional<Endpoint> UdpQuestion::look(std::span<const pollfd> watched,
                                          std::optional<Endpoint>& absent) {
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if (watched[i].revents == 0) continue;
    std::array<std::byte, 512> datagram;
    const ssize_t got =
        ::recv(asked_[i].socket.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (got < 0) {
      if (errno != EAGAIN && errno != EINTR) asked_[i].socket.reset();
      continue;
    }
    const auto reply = read_getport_reply(
        std::span<const std::byte>(datagram).first(static_cast<std::size_t>(got)), xid_);
    if (!reply || reply->outcome == RpcOutcome::malformed) continue;
    if (reply->port != 0) {
      Endpoint server = asked_[i].address;
      server.set_port(reply->port);
      return server;
    }
    // A refused call says nothing about the program: TCP is asked then.
    if (reply->outcome == RpcOutcome::success) absent = asked_[i].address;
    asked_[i].socket.reset();
  }
  std::erase_if(asked_, [](const Asked& one) { return !one.socket; });
  return std::nullopt;
}

std::optional<Endpoint> UdpQuestion::ask(std::span<const Endpoint> addresses, Deadline until,
                                         const Call& call, std::optional<Endpoint>& absent) {
  for (const Endpoint& address : addresses) {
    auto socket = ChildClosedFd::made_by(
        [&] { return ::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
    if (!socket || ::connect(socket.get(), address.address(), address.size()) != 0) continue;
    asked_.push_back({std::move(socket), address});
  }
  Deadline repeat = Deadline::immediate();
  while (!asked_.empty() && !call.cancelled() && !until.expired()) {
    if (repeat.expired()) {
      send_all();
      repeat = Deadline::after(kRepeat);
    }
    std::vector<pollfd> watched;
    for (const Asked& one : asked_) watched.push_back({one.socket.get(), POLLIN, 0});
    const Deadline wait = std::min({until, repeat, Deadline::after(kLook)});
    if (::poll(watched.data(), watched.size(), wait.poll_milliseconds()) <= 0) continue;
    if (auto server = look(watched, absent)) return server;
  }
  return std::nullopt;
}

Result<Endpoint> ask_by_tcp(const Inquiry& inquiry, Call& call) {
  ConnectOptions options;
  options.advice = inquiry.advice;
  auto connection = connect_tcp(inquiry.addresses, inquiry.host, options, call);
  if (!connection) {
    if (!call.detail.empty()) call.detail.insert(0, "portmapper: ");
    return connection.status();
  }
  Endpoint server = connection->peer;
  RpcConnection rpc(std::move(connection->socket), describe_peer(server, inquiry.host));
  RpcRequest request(kGetPort);
  request.arguments().word(inquiry.program).word(inquiry.version).word(kPortmapTcp).word(0);
  Status status = rpc.send(request, {}, call);
  RpcReply reply;
  if (ok(status)) {
    reply = rpc.receive(kXdrWord, {}, call);
    status = reply.status;
  }
  if (status == Status::error_tmo) {
    return inquiry.fail(status, server, "the portmapper does not answer", call);
  }
  // viOpen has no status for a lost connection, and no session that the user could close.
  if (status == Status::error_conn_lost || status == Status::error_io) {
    return inquiry.fail(Status::error_rsrc_nfound, server,
                        "the portmapper ended the connection without an answer", call);
  }
  if (failed(status)) return status;
  XdrReader reader(reply.results);
  const std::uint32_t port = reader.word();
  if (reply.outcome != RpcOutcome::success || !reader.good()) {
    return inquiry.fail(Status::error_rsrc_nfound, server,
                        "portmapper: " + std::string(describe(reply.outcome)), call);
  }
  if (port == 0 || port > 65535) return inquiry.not_registered(server, call);
  server.set_port(static_cast<std::uint16_t>(port));
  return server;
}

}  // namespace

Result<Endpoint> find_rpc_server(std::span<const Endpoint> addresses, std::string_view host,
                                 std::uint32_t program, std::uint32_t version, Call& call,
                                 std::string_view advice) {
  const Inquiry inquiry{addresses, host, program, version, advice};
  std::optional<Endpoint> absent;
  const auto left = call.deadline.remaining();
  const auto udp = std::min<Deadline::Clock::duration>(left / 3, kMostUdp);
  const Deadline until = Deadline::at(Deadline::Clock::now() + udp);
  if (auto server = UdpQuestion(program, version).ask(addresses, until, call, absent)) {
    return *server;
  }
  if (call.cancelled()) return Status::error_abort;
  if (absent) return inquiry.not_registered(*absent, call);
  return ask_by_tcp(inquiry, call);
}

}  // namespace visa::drivers
