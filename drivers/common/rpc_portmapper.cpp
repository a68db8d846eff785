// SPDX-License-Identifier: MIT
// The UDP sockets are connected: only then does the system report a refusal (ICMP), and it accepts
// an answer from the asked host only. The question is repeated every kRepeat, because datagrams get
// lost. Each address is asked until it has said what it knows: the answer of one of them that the
// program is not registered says nothing about the others, which may belong to another computer.
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
/// An address that accepts the connection and is then silent may take its share of the time left,
/// but at most this, while other addresses are still to be asked.
constexpr auto kMostSilence = 5s;
/// How often the cancel token is checked: no channel exists yet whose wake() could end the wait.
constexpr auto kLook = 20ms;

struct Asked {
  ChildClosedFd socket;
  Endpoint address;
};

/// The program asked for, the host, and what else the user may try.
struct Inquiry {
  std::string_view host;
  std::uint32_t program;
  std::uint32_t version;
  std::string_view advice;
};

/// What the addresses without a port have said so far.
class Refusals {
 public:
  explicit Refusals(const Inquiry& inquiry) : inquiry_(inquiry) {}

  /// The portmapper at `address` has answered that the program is not registered.
  void not_registered(const Endpoint& address) { absent_.push_back(address); }
  /// The portmapper at `address` accepts connections but gives no useful answer.
  void no_answer(Status status, const Endpoint& address, std::string_view cause);
  /// No connection to the addresses that were left; `text` is that of connect_tcp.
  void no_connection(Status status, std::string_view text) { note(status, text); }

  bool has_answered(const Endpoint& address) const {
    return std::find(absent_.begin(), absent_.end(), address) != absent_.end();
  }

  /// The result for the user, who learns what each address has said.
  Status report(Call& call) const;

 private:
  void note(Status status, std::string_view text);
  std::string absent() const;

  const Inquiry& inquiry_;
  std::vector<Endpoint> absent_;
  bool advise_ = false;
  Status status_ = Status::error_rsrc_nfound;
  std::string texts_;
};

void Refusals::note(Status status, std::string_view text) {
  if (status_ != Status::error_tmo) status_ = status;
  texts_.append(texts_.empty() ? "" : "; ").append(text);
}

void Refusals::no_answer(Status status, const Endpoint& address, std::string_view cause) {
  advise_ = true;
  note(status, describe_peer(address, inquiry_.host).append(": ").append(cause));
}

/// "scope.lan (192.0.2.1, 192.0.2.2) port 111: its portmapper knows no such service".
std::string Refusals::absent() const {
  std::string text = describe_peer(absent_.front(), inquiry_.host);
  if (absent_.size() > 1) {
    text.assign(inquiry_.host).append(" (");
    for (const Endpoint& address : absent_) {
      text.append(&address == &absent_.front() ? "" : ", ").append(address.numeric());
    }
    text.append(") port ").append(std::to_string(absent_.front().port()));
  }
  return text.append(": its portmapper knows no such service");
}

Status Refusals::report(Call& call) const {
  std::string detail = absent_.empty() ? std::string() : absent();
  if (!texts_.empty()) detail.append(detail.empty() ? "" : "; ").append(texts_);
  const bool advise = advise_ || !absent_.empty();
  if (advise && !detail.ends_with(inquiry_.advice)) detail.append("; ").append(inquiry_.advice);
  return call.fail(absent_.empty() ? status_ : Status::error_rsrc_nfound, detail);
}

class UdpQuestion {
 public:
  UdpQuestion(std::uint32_t program, std::uint32_t version)
      : xid_(random_xid()), message_(make_getport_call(xid_, program, version, kPortmapTcp)) {}

  /// The server, if an answer named it in time. Notes the addresses whose portmapper answered that
  /// the program is not registered.
  std::optional<Endpoint> ask(std::span<const Endpoint> addresses, Deadline until, const Call& call,
                              Refusals& refusals);

 private:
  void send_all();
  std::optional<Endpoint> look(std::span<const pollfd> watched, Refusals& refusals);

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

std::optional<Endpoint> UdpQuestion::look(std::span<const pollfd> watched, Refusals& refusals) {
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
    if (reply->outcome == RpcOutcome::success) refusals.not_registered(asked_[i].address);
    asked_[i].socket.reset();
  }
  std::erase_if(asked_, [](const Asked& one) { return !one.socket; });
  return std::nullopt;
}

std::optional<Endpoint> UdpQuestion::ask(std::span<const Endpoint> addresses, Deadline until,
                                         const Call& call, Refusals& refusals) {
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
    const int ready = ::poll(watched.data(), watched.size(), wait.poll_milliseconds());
    if (ready < 0 && errno == EINTR) call.interrupted();
    if (ready <= 0) continue;
    if (auto server = look(watched, refusals)) return server;
  }
  return std::nullopt;
}

/// No other address could help: the computer has no resources, or the call was cancelled.
bool ends_search(Status status) noexcept {
  return status == Status::error_alloc || status == Status::error_abort;
}

/// Asks the portmapper at the far end of `connection`. A failure that does not end the search is
/// noted in `refusals`.
Result<Endpoint> ask_connected(const Inquiry& inquiry, Connection connection, Refusals& refusals,
                               Call& call) {
  Endpoint server = connection.peer;
  RpcConnection rpc(std::move(connection.socket), describe_peer(server, inquiry.host));
  RpcRequest request(kGetPort);
  request.arguments().word(inquiry.program).word(inquiry.version).word(kPortmapTcp).word(0);
  Status status = rpc.send(request, {}, call);
  RpcReply reply;
  if (ok(status)) {
    reply = rpc.receive(kXdrWord, {}, call);
    status = reply.status;
  }
  if (ends_search(status)) return status;
  if (failed(status)) {
    // viOpen has no status for a lost connection, and no session that the user could close.
    const bool silent = status == Status::error_tmo;
    refusals.no_answer(silent ? status : Status::error_rsrc_nfound, server,
                       silent ? "the portmapper does not answer"
                              : "the portmapper ended the connection without an answer");
    return status;
  }
  XdrReader reader(reply.results);
  const std::uint32_t port = reader.word();
  if (reply.outcome != RpcOutcome::success || !reader.good()) {
    refusals.no_answer(Status::error_rsrc_nfound, server,
                       "portmapper: " + std::string(describe(reply.outcome)));
    return Status::error_rsrc_nfound;
  }
  if (port == 0 || port > 65535) {
    refusals.not_registered(server);
    return Status::error_rsrc_nfound;
  }
  server.set_port(static_cast<std::uint16_t>(port));
  return server;
}

/// Asks the addresses in the order in which they accept a connection, until one names the port.
Result<Endpoint> ask_by_tcp(const Inquiry& inquiry, std::vector<Endpoint> waiting,
                            Refusals& refusals, Call& call) {
  ConnectOptions options;
  options.advice = inquiry.advice;
  while (!waiting.empty()) {
    auto connection = connect_tcp(waiting, inquiry.host, options, call);
    if (!connection) {
      if (!call.detail.empty()) call.detail.insert(0, "portmapper: ");
      if (ends_search(connection.status())) return connection.status();
      refusals.no_connection(connection.status(), call.detail);
      break;
    }
    const auto share = call.deadline.remaining() / static_cast<long>(waiting.size());
    std::erase(waiting, connection->peer);
    Call asking(call, waiting.empty()
                          ? call.deadline
                          : Deadline::at(Deadline::Clock::now() +
                                         std::min<Deadline::Clock::duration>(share, kMostSilence)));
    auto server = ask_connected(inquiry, *std::move(connection), refusals, asking);
    if (server) return server;
    if (ends_search(server.status())) {
      call.detail = std::move(asking.detail);
      return server;
    }
  }
  return refusals.report(call);
}

}  // namespace

Result<Endpoint> find_rpc_server(std::span<const Endpoint> addresses, std::string_view host,
                                 std::uint32_t program, std::uint32_t version, Call& call,
                                 std::string_view advice) {
  const Inquiry inquiry{host, program, version, advice};
  Refusals refusals(inquiry);
  const auto left = call.deadline.remaining();
  const auto udp = std::min<Deadline::Clock::duration>(left / 3, kMostUdp);
  const Deadline until = Deadline::at(Deadline::Clock::now() + udp);
  if (auto server = UdpQuestion(program, version).ask(addresses, until, call, refusals)) {
    return *server;
  }
  if (call.cancelled()) return Status::error_abort;
  std::vector<Endpoint> waiting;
  for (const Endpoint& address : addresses) {
    const bool twice = std::find(waiting.begin(), waiting.end(), address) != waiting.end();
    if (!twice && !refusals.has_answered(address)) waiting.push_back(address);
  }
  return ask_by_tcp(inquiry, std::move(waiting), refusals, call);
}

}  // namespace visa::drivers
