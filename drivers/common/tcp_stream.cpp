// SPDX-License-Identifier: MIT
// A transfer may sleep inside recv or send only while at least kLongEnough is left: the kernel
// rounds SO_RCVTIMEO up to its tick, and a deadline must not be missed by that.
#include "drivers/common/tcp_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "drivers/common/socket_error.h"

namespace visa::drivers {
namespace {

constexpr std::chrono::milliseconds kLongEnough{30};

/// One send hands over no more than this, so that token and deadline are looked at now and then.
constexpr std::size_t kMostAtOnce = std::size_t{4} * 1024 * 1024;

/// close() reads this much of what nobody asked for: a socket closed with unread data sends a
/// reset, which may cost the instrument our last command.
constexpr std::size_t kMostDrainedAtClose = std::size_t{1024} * 1024;

int wait_flags(const Call& call) noexcept {
  return call.deadline.remaining() >= kLongEnough ? 0 : MSG_DONTWAIT;
}

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

bool prepare_stream_socket(int fd) noexcept {
  const timeval wait{0, std::chrono::microseconds(TcpStream::kFirstWait).count()};
  return ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
         ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

TcpStream::TcpStream(UniqueFd socket, std::string peer)
    : socket_(std::move(socket)), peer_(std::move(peer)) {}

Moved TcpStream::receive(std::span<std::byte> into, Call& call) {
  bool waited = false;
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const int flags = waited || lost() ? MSG_DONTWAIT : wait_flags(call);
    const ssize_t got = ::recv(fd(), into.data(), into.size(), flags);
    if (got > 0) return {Status::success, static_cast<std::size_t>(got)};
    if (got == 0)
      return {lose(Status::error_conn_lost, "the instrument closed the connection",
                   "close this session and open it again", call),
              0};
    const int error = errno;
    if (error == EINTR) continue;
    if (!would_block(error)) return {fail(error, call), 0};
    if (lost()) return {fail(EPIPE, call), 0};
    const Status ready = readable_.wait(fd(), POLLIN, call);
    if (failed(ready)) return {ready, 0};
    waited = true;
  }
}

Moved TcpStream::receive_now(std::span<std::byte> into, Call& call) {
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const ssize_t got = ::recv(fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {Status::success, static_cast<std::size_t>(got)};
    if (got == 0)
      return {lose(Status::error_conn_lost, "the instrument closed the connection",
                   "close this session and open it again", call),
              0};
    const int error = errno;
    if (error == EINTR) continue;
    if (!would_block(error) || lost()) return {fail(lost() ? EPIPE : error, call), 0};
    return {};
  }
}

Moved TcpStream::send(std::span<const std::byte> data, Call& call) {
  std::size_t count = 0;
  bool waited = false;
  while (count < data.size()) {
    if (call.cancelled()) return {Status::error_abort, count};
    if (lost()) return {fail(EPIPE, call), count};
    const auto piece = data.subspan(count, std::min(data.size() - count, kMostAtOnce));
    const int flags = waited ? MSG_DONTWAIT : wait_flags(call);
    const ssize_t sent = ::send(fd(), piece.data(), piece.size(), flags | MSG_NOSIGNAL);
    waited = false;
    if (sent > 0) {
      count += static_cast<std::size_t>(sent);
      const bool over = !call.deadline.is_immediate() && call.deadline.expired();
      if (over && count < data.size()) return {Status::error_tmo, count};
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (!would_block(error)) return {fail(error, call), count};
    const Status ready = writable_.wait(fd(), POLLOUT, call);
    if (failed(ready)) return {ready, count};
    waited = true;
  }
  return {Status::success, count};
}

void TcpStream::wake() noexcept {
  readable_.wake();
  writable_.wake();
}

void TcpStream::close() noexcept {
  if (!socket_) return;
  std::array<std::byte, 8192> scratch;
  for (std::size_t drained = 0; drained < kMostDrainedAtClose;) {
    const ssize_t got = ::recv(fd(), scratch.data(), scratch.size(), MSG_DONTWAIT);
    if (got <= 0) break;
    drained += static_cast<std::size_t>(got);
  }
  ::shutdown(fd(), SHUT_RDWR);
  socket_.reset();
}

Status TcpStream::set_nodelay(bool on, Call& call) {
  const int value = on ? 1 : 0;
  if (::setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value) == 0) {
    return Status::success;
  }
  return fail(errno, call);
}

Status TcpStream::set_keepalive(bool on, Call& call) {
  const int value = on ? 1 : 0;
  if (::setsockopt(fd(), SOL_SOCKET, SO_KEEPALIVE, &value, sizeof value) == 0) {
    return Status::success;
  }
  return fail(errno, call);
}

Status TcpStream::fail(int error, Call& call) {
  const ErrorText text = transfer_error(error);
  return lose(text.status, text.cause, text.advice, call);
}

Status TcpStream::lose(Status status, std::string_view cause, std::string_view advice, Call& call) {
  if (status == Status::error_conn_lost) lost_.store(true, std::memory_order_relaxed);
  std::string text = peer_;
  text.append(": ").append(cause);
  if (!advice.empty()) text.append("; ").append(advice);
  return call.fail(status, text);
}

}  // namespace visa::drivers
