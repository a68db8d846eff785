// SPDX-License-Identifier: MIT
// Non-blocking connect, poll, then SO_ERROR, which alone reports a refused connection. No thread
// can end the poll, because no channel exists yet whose wake() could; the cancel token is checked
// every kLook.
#include "drivers/common/connector.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "drivers/common/socket_error.h"
#include "drivers/common/tcp_stream.h"

namespace visa::drivers {
namespace {

constexpr std::chrono::milliseconds kLook{20};

/// The system gives a silent peer up after this many keepalive probes.
constexpr int kKeepaliveProbes = 3;

struct Attempt {
  ChildClosedFd socket;
  Endpoint peer;
};

bool set_option(int fd, int level, int name, int value) noexcept {
  return ::setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool set_idle_time(int fd, int idle) noexcept {
  const int interval = std::max(1, idle / kKeepaliveProbes);
  bool done = set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle);
  done = set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval) && done;
  return set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes) && done;
}

bool apply(int fd, const ConnectOptions& options) noexcept {
  bool done = prepare_stream_socket(fd);
  done = set_option(fd, IPPROTO_TCP, TCP_NODELAY, options.nodelay ? 1 : 0) && done;
  if (options.keepalive) done = set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && done;
  if (options.keepalive_idle > 0) done = set_idle_time(fd, options.keepalive_idle) && done;
  // Before the connect, which negotiates the window scale. The system may grant smaller sizes.
  if (options.receive_buffer > 0) set_option(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  if (options.send_buffer > 0) set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
  return done;
}

/// A connect to a port in the ephemeral range of this computer may choose that same port for its
/// own end: the socket is then connected to itself, and every query would be its own answer.
bool reached_itself(int fd, const Endpoint& peer) noexcept {
  sockaddr_in6 own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return false;
  return Endpoint(reinterpret_cast<const sockaddr*>(&own), size) == peer;
}

class HappyEyeballs {
 public:
  HappyEyeballs(std::span<const Endpoint> addresses, std::string_view host,
                const ConnectOptions& options, Call& call)
      : waiting_(addresses), host_(host), options_(options), call_(call) {}

  Result<Connection> run();

 private:
  /// Begins the next attempt; true if it connected at once.
  bool start_next();
  /// Checks the attempts that poll reported; true if one of them has connected.
  bool look(std::span<const pollfd> watched);
  /// Ends an attempt with the errno of its connect; true if it has connected.
  bool conclude(Attempt& attempt, int error);
  void note(const Endpoint& peer, int error);
  Result<Connection> finish();
  Status give_up(const Endpoint& silent);

  std::span<const Endpoint> waiting_;
  std::string_view host_;
  const ConnectOptions& options_;
  Call& call_;
  std::vector<Attempt> open_;
  Attempt winner_;
  Deadline next_start_ = Deadline::immediate();
  Endpoint failed_peer_;
  int error_ = 0;
};

/// How informative a failure is: a refusal comes from the host itself.
int rank(int error) noexcept {
  switch (connect_error(error).status) {
    case Status::error_alloc:
      return 5;
    case Status::error_npermission:
      return 4;
    case Status::error_tmo:
      return 2;
    default:
      return error == ECONNREFUSED ? 3 : 1;
  }
}

void HappyEyeballs::note(const Endpoint& peer, int error) {
  if (error_ != 0 && rank(error) <= rank(error_)) return;
  error_ = error;
  failed_peer_ = peer;
}

bool HappyEyeballs::conclude(Attempt& attempt, int error) {
  if (error == 0 && reached_itself(attempt.socket.get(), attempt.peer)) error = ECONNREFUSED;
  if (error != 0) {
    note(attempt.peer, error);
    attempt.socket.reset();
    next_start_ = Deadline::immediate();
    return false;
  }
  winner_ = std::move(attempt);
  return true;
}

bool HappyEyeballs::start_next() {
  Attempt attempt{ChildClosedFd(), waiting_.front()};
  waiting_ = waiting_.subspan(1);
  next_start_ = Deadline::after(kStagger);
  attempt.socket = ChildClosedFd::made_by([&] {
    constexpr int kKind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    return ::socket(attempt.peer.family(), kKind, IPPROTO_TCP);
  });
  if (!attempt.socket || !apply(attempt.socket.get(), options_)) return conclude(attempt, errno);
  if (::connect(attempt.socket.get(), attempt.peer.address(), attempt.peer.size()) == 0) {
    return conclude(attempt, 0);
  }
  // After EINTR the connect continues in the background, as after EINPROGRESS.
  if (errno != EINPROGRESS && errno != EINTR) return conclude(attempt, errno);
  open_.push_back(std::move(attempt));
  return false;
}

bool HappyEyeballs::look(std::span<const pollfd> watched) {
  bool connected = false;
  for (std::size_t i = 0; i < watched.size() && !connected; ++i) {
    if (watched[i].revents == 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(watched[i].fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    connected = conclude(open_[i], error);
  }
  std::erase_if(open_, [](const Attempt& attempt) { return !attempt.socket; });
  return connected;
}

Result<Connection> HappyEyeballs::run() {
  for (;;) {
    if (call_.cancelled()) return Status::error_abort;
    while (!waiting_.empty() && (open_.empty() || next_start_.expired())) {
      if (start_next()) return finish();
    }
    if (open_.empty()) return give_up(failed_peer_);
    std::vector<pollfd> watched;
    for (const Attempt& attempt : open_) watched.push_back({attempt.socket.get(), POLLOUT, 0});
    Deadline until = std::min(call_.deadline, Deadline::after(kLook));
    if (!waiting_.empty()) until = std::min(until, next_start_);
    const int ready = ::poll(watched.data(), watched.size(), until.poll_milliseconds());
    if (ready < 0 && errno == EINTR) call_.interrupted();
    if (ready > 0 && look(watched)) return finish();
    if (!open_.empty() && call_.deadline.expired()) return give_up(open_.front().peer);
  }
}

Result<Connection> HappyEyeballs::finish() {
  int nonblocking = 0;
  if (::ioctl(winner_.socket.get(), FIONBIO, &nonblocking) != 0) {
    note(winner_.peer, errno);
    return give_up(winner_.peer);
  }
  return Connection{std::move(winner_.socket), winner_.peer};
}

Status HappyEyeballs::give_up(const Endpoint& silent) {
  // If the deadline ended the open, report that, whatever the other addresses answered before.
  const bool late = call_.deadline.expired() && !open_.empty();
  const ErrorText text = connect_error(late ? ETIMEDOUT : error_);
  const bool there = text.status == Status::error_tmo || error_ == ECONNREFUSED;
  std::string advice(text.advice);
  if (there && !options_.advice.empty()) {
    advice = (text.status == Status::error_tmo ? "is it on? " : "") + std::string(options_.advice);
  }
  std::string detail = describe_peer(late ? silent : failed_peer_, host_);
  detail.append(": ").append(text.cause);
  if (!advice.empty()) detail.append("; ").append(advice);
  return call_.fail(text.status, detail);
}

}  // namespace

Result<Connection> connect_tcp(std::span<const Endpoint> addresses, std::string_view host,
                               const ConnectOptions& options, Call& call) {
  return HappyEyeballs(addresses, host, options, call).run();
}

bool probe_when_idle(int fd, int idle) noexcept {
  return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && set_idle_time(fd, idle);
}

std::string describe_peer(const Endpoint& peer, std::string_view host) {
  const std::string numeric = peer.numeric();
  std::string text;
  if (host.empty() || host == numeric) {
    text = numeric;
  } else {
    text.append(host).append(" (").append(numeric).append(")");
  }
  return text.append(" port ").append(std::to_string(peer.port()));
}

}  // namespace visa::drivers
