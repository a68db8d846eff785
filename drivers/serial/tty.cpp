// SPDX-License-Identifier: MIT
// One process has a port. flock() shuts out other programs that ask (this library, pySerial,
// libserialport), also those of root; TIOCEXCL shuts out programs that do not ask. A
// pseudo-terminal keeps TIOCEXCL until its other side goes, even when this process was killed: it
// gets flock alone.
#include "drivers/serial/tty.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "drivers/common/file_holder.h"

namespace visa::drivers::serial {
namespace {

// Documentation/admin-guide/devices.txt of Linux: Unix98 slaves.
constexpr unsigned kFirstPtyMajor = 136;
constexpr unsigned kLastPtyMajor = 143;

std::string busy_text(const std::string& path, const Call& call) {
  const std::string holder = holder_of(path, call);
  return path + ": " + (holder.empty() ? "another program" : holder) +
         " has the port open; close it there first";
}

Status open_failure(int error, const std::string& path, Call& call) {
  switch (error) {
    case EACCES:
    case EPERM:
      return call.fail(Status::error_npermission,
                       path +
                           ": not permitted; the user needs access to the port, usually by the "
                           "group dialout (then log in anew)");
    case EBUSY:
      return call.fail(Status::error_rsrc_busy, busy_text(path, call));
    case EMFILE:
    case ENFILE:
      return call.fail(Status::error_alloc,
                       path +
                           ": too many open files; close sessions or raise the limit (ulimit "
                           "-n)");
    case ENOMEM:
      return call.fail(Status::error_alloc, path + ": the system is out of memory");
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case ENODEV:
    case EIO:
      return call.fail(Status::error_rsrc_nfound,
                       path + ": there is no such port; is the converter plugged in?");
    default:
      return call.fail(Status::error_rsrc_nfound, path + ": cannot be opened as a serial port");
  }
}

}  // namespace

bool is_pseudo_terminal(int fd) noexcept {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return false;
  return major(status.st_rdev) >= kFirstPtyMajor && major(status.st_rdev) <= kLastPtyMajor;
}

bool Tty::connected() noexcept {
  if (lost()) return false;
  pollfd watched{fd(), 0, 0};
  if (::poll(&watched, 1, 0) <= 0) return true;
  return (watched.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

Status Tty::fail(int error, Call& call) {
  switch (error) {
    case EIO:
    case ENXIO:
    case ENODEV:
    case EPIPE:
    case EBADF:
      return hung_up(call);
    case EFAULT:
      return refuse(Status::error_user_buf, "the buffer of the call cannot be used", call);
    case ENOBUFS:
    case ENOMEM:
      return refuse(Status::error_alloc, "the system is out of memory", call);
    default:
      return refuse(Status::error_io, "the system refused the transfer", call);
  }
}

Status Tty::hung_up(Call& call) {
  lost_.store(true, std::memory_order_relaxed);
  return refuse(Status::error_conn_lost,
                "the port is gone; plug the converter in, close this session and open it again",
                call);
}

Status Tty::refuse(Status status, std::string_view text, Call& call) const {
  return call.fail(status, path_ + ": " + std::string(text));
}

Result<ChildClosedFd> open_exclusively(const std::string& path, Call& call) {
  auto fd = ChildClosedFd::made_by(
      [&] { return ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); });
  if (!fd) return open_failure(errno, path, call);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return open_failure(EBUSY, path, call);
  }
  if (!is_pseudo_terminal(fd.get())) ::ioctl(fd.get(), TIOCEXCL);
  return fd;
}

// A child of fork may not have closed its copy of the descriptor yet, which would keep the lock.
void end_exclusive_use(int fd) noexcept {
  ::flock(fd, LOCK_UN);
  if (!is_pseudo_terminal(fd)) ::ioctl(fd, TIOCNXCL);
}

}  // namespace visa::drivers::serial
