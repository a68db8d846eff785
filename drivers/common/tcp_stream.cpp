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

/// One send passes at most this much to the system, so that the cancel token and the deadline are
/// checked between sends.
constexpr std::size_t kMostAtOnce = std::size_t{4} * 1024 * 1024;

/// close() first reads up to this much unread data: a socket that is closed with unread data sends
/// a reset, and the instrument may then lose the last command.
constexpr std::size_t kMostDrainedAtClose = std::size_t{1024} * 1024;

int wait_flags(const Call& call) noexcept {
  return call.deadline.remaining() >= kLongEnough ? 0 : MSG_DONTWAIT;
}

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

msghdr message_of(std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  return message;
}

/// `pieces` without their first `count` bytes; never begins with an empty piece.
std::span<iovec> without_first(std::span<iovec> pieces, std::size_t count) noexcept {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) {
    pieces.front().iov_base = static_cast<std::byte*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

}  // namespace

bool prepare_stream_socket(int fd) noexcept {
  const timeval wait{0, std::chrono::microseconds(TcpStream::kFirstWait).count()};
  return ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
         ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

TcpStream::TcpStream(ChildClosedFd socket, std::string peer)
    : socket_(std::move(socket)), peer_(std::move(peer)) {}

template <class Take>
StreamResult TcpStream::wait_and_take(Take&& take, Call& call) {
  bool waited = false;
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const ssize_t got = take(waited || lost() ? MSG_DONTWAIT : wait_flags(call));
    if (got > 0) return {Status::success, static_cast<std::size_t>(got)};
    if (got == 0) return {end_of_stream(call), 0};
    const int error = errno;
    if (error == EINTR) {
      call.interrupted();
      continue;
    }
    if (!would_block(error)) return {fail(error, call), 0};
    if (lost()) return {fail(EPIPE, call), 0};
    const Status ready = readable_.wait(fd(), POLLIN, call);
    if (failed(ready)) return {ready, 0};
    waited = true;
  }
}

StreamResult TcpStream::receive(std::span<std::byte> into, Call& call) {
  return wait_and_take([&](int flags) { return ::recv(fd(), into.data(), into.size(), flags); },
                       call);
}

StreamResult TcpStream::receive_scattered(std::span<const iovec> pieces, Call& call) {
  msghdr message = message_of(pieces);
  return wait_and_take([&](int flags) { return ::recvmsg(fd(), &message, flags); }, call);
}

StreamResult TcpStream::receive_now(std::span<std::byte> into, Call& call) {
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const ssize_t got = ::recv(fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {Status::success, static_cast<std::size_t>(got)};
    if (got == 0) return {end_of_stream(call), 0};
    const int error = errno;
    if (error == EINTR) {
      call.interrupted();
      continue;
    }
    if (!would_block(error) || lost()) return {fail(lost() ? EPIPE : error, call), 0};
    return {};
  }
}

StreamResult TcpStream::send(std::span<const std::byte> data, Call& call) {
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
    if (const Status status = after_send(errno, waited, call); failed(status)) {
      return {status, count};
    }
  }
  return {Status::success, count};
}

StreamResult TcpStream::send_gathered(std::span<iovec> pieces, Call& call) {
  std::size_t count = 0;
  bool waited = false;
  for (pieces = without_first(pieces, 0); !pieces.empty();) {
    if (call.cancelled()) return {Status::error_abort, count};
    if (lost()) return {fail(EPIPE, call), count};
    const msghdr message = message_of(pieces);
    const int flags = waited ? MSG_DONTWAIT : wait_flags(call);
    const ssize_t sent = ::sendmsg(fd(), &message, flags | MSG_NOSIGNAL);
    waited = false;
    if (sent > 0) {
      count += static_cast<std::size_t>(sent);
      pieces = without_first(pieces, static_cast<std::size_t>(sent));
      const bool over = !call.deadline.is_immediate() && call.deadline.expired();
      if (over && !pieces.empty()) return {Status::error_tmo, count};
      continue;
    }
    if (const Status status = after_send(errno, waited, call); failed(status)) {
      return {status, count};
    }
  }
  return {Status::success, count};
}

Status TcpStream::after_send(int error, bool& waited, Call& call) {
  if (error == EINTR) {
    call.interrupted();
    return Status::success;
  }
  if (!would_block(error)) return fail(error, call);
  const Status ready = writable_.wait(fd(), POLLOUT, call);
  waited = ok(ready);
  return ready;
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

Status TcpStream::end_of_stream(Call& call) {
  if (!lost()) closed_by_peer_.store(true, std::memory_order_relaxed);
  return lose(Status::error_conn_lost, "the instrument closed the connection",
              "close this session and open it again", call);
}

Status TcpStream::lose(Status status, std::string_view cause, std::string_view advice, Call& call) {
  if (status == Status::error_conn_lost) lost_.store(true, std::memory_order_relaxed);
  std::string text = peer_;
  text.append(": ").append(cause);
  if (!advice.empty()) text.append("; ").append(advice);
  return call.fail(status, text);
}

}  // namespace visa::drivers
