// SPDX-License-Identifier: MIT
// The descriptor does not block: each transfer tries first and waits only where nothing was
// possible. <termios.h> of the C library must not be included here: it defines the names of
// asm/termbits.h for the older form, which has no baud rates of one's own.
#include "drivers/common/tty_stream.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace visa::drivers {
namespace {

/// A rate that is further off garbles bytes: 25 per thousand.
constexpr std::uint64_t kThousand = 1000;
constexpr std::uint64_t kMostOff = 25;

Status open_failure(int error, const std::string& path, Call& call) {
  switch (error) {
    case EACCES:
    case EPERM:
      return call.fail(Status::error_npermission,
                       path +
                           ": not permitted; the user needs access to the port, usually by the "
                           "group dialout (then log in anew)");
    case EBUSY:
    case EWOULDBLOCK:
      return call.fail(Status::error_rsrc_busy,
                       path + ": another program has the port open; close it there first");
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return call.fail(Status::error_alloc, path + ": too many open files, or no memory");
    default:
      return call.fail(Status::error_rsrc_nfound,
                       path + ": there is no such serial port; is the adapter plugged in?");
  }
}

bool near(std::uint64_t wanted, std::uint64_t got) noexcept {
  const std::uint64_t off = wanted > got ? wanted - got : got - wanted;
  return off * kThousand <= wanted * kMostOff;
}

Status set_line(int fd, std::uint32_t baud, const std::string& path, Call& call) {
  ::termios2 state{};
  if (::ioctl(fd, TCGETS2, &state) != 0) {
    return call.fail(Status::error_rsrc_nfound, path + ": this is no serial port");
  }
  state.c_iflag = 0;
  state.c_oflag = 0;
  state.c_lflag = 0;
  state.c_cflag = CS8 | CREAD | CLOCAL | BOTHER | (BOTHER << IBSHIFT);
  state.c_cc[VMIN] = 1;
  state.c_cc[VTIME] = 0;
  state.c_ispeed = baud;
  state.c_ospeed = baud;
  ::termios2 now{};
  if (::ioctl(fd, TCSETS2, &state) != 0 || ::ioctl(fd, TCGETS2, &now) != 0 ||
      !near(baud, now.c_ospeed)) {
    return call.fail(Status::error_inv_setup,
                     path + ": the port cannot do " + std::to_string(baud) + " baud");
  }
  ::ioctl(fd, TCFLSH, TCIFLUSH);  // what came before belongs to another conversation
  return Status::success;
}

}  // namespace

Result<std::unique_ptr<TtyStream>> TtyStream::open(const std::string& path, std::uint32_t baud,
                                                   Call& call) {
  auto fd = ChildClosedFd::made_by(
      [&] { return ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); });
  if (!fd) return open_failure(errno, path, call);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return open_failure(errno, path, call);
  if (const Status set = set_line(fd.get(), baud, path, call); failed(set)) return set;
  return std::make_unique<TtyStream>(std::move(fd), path);
}

TtyStream::TtyStream(ChildClosedFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

Status TtyStream::fail(int error, Call& call) {
  if (error == ENOMEM || error == ENOBUFS) {
    return call.fail(Status::error_alloc, path_ + ": the system is out of memory");
  }
  lost_.store(true, std::memory_order_relaxed);
  return call.fail(Status::error_conn_lost,
                   path_ +
                       ": the port is gone; plug the adapter in, close this session and open "
                       "it again");
}

StreamResult TtyStream::receive_now(std::span<std::byte> into, Call& call) {
  for (;;) {
    if (call.cancelled()) return {Status::error_abort, 0};
    const ssize_t got = ::read(fd(), into.data(), into.size());
    if (got > 0) return {Status::success, static_cast<std::size_t>(got)};
    if (got == 0) return {fail(EIO, call), 0};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {};
    return {fail(errno, call), 0};
  }
}

StreamResult TtyStream::receive(std::span<std::byte> into, Call& call) {
  for (;;) {
    const StreamResult got = receive_now(into, call);
    if (got.count > 0 || failed(got.status)) return got;
    if (const Status ready = readable_.wait(fd(), POLLIN, call); failed(ready)) return {ready, 0};
  }
}

StreamResult TtyStream::send(std::span<const std::byte> data, Call& call) {
  std::size_t count = 0;
  while (count < data.size()) {
    if (call.cancelled()) return {Status::error_abort, count};
    const ssize_t sent = ::write(fd(), data.data() + count, data.size() - count);
    if (sent > 0) {
      count += static_cast<std::size_t>(sent);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return {fail(errno, call), count};
    if (const Status ready = writable_.wait(fd(), POLLOUT, call); failed(ready)) {
      return {ready, count};
    }
  }
  return {Status::success, count};
}

void TtyStream::wake() noexcept {
  readable_.wake();
  writable_.wake();
}

// A child of fork may not have closed its copy of the descriptor yet, which would keep the lock.
void TtyStream::close() noexcept {
  if (!fd_) return;
  ::flock(fd(), LOCK_UN);
  fd_.reset();
}

}  // namespace visa::drivers
