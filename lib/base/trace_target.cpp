// SPDX-License-Identifier: MIT
// When the standard error is a pipe or terminal, the program decides whether writes to it block. So
// the trace opens it once more, through /proc, and gets an open file description of its own. Where
// the system refuses that (a pipe made by another user, no /proc), poll(2) says whether PIPE_BUF
// bytes fit, and the trace writes no more than that at a time.
#include "lib/base/trace_target.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/deadline.h"
#include "lib/base/signal_shield.h"

namespace visa {
namespace {

constexpr int kOpenFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

bool same_file(int one, int two) noexcept {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(two, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

UniqueFd opened_again(int fd) {
  UniqueFd again(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), kOpenFlags));
  if (!again || !same_file(fd, again.get())) return {};
  return again;
}

bool is_fifo(const char* path) noexcept {
  struct stat info {};
  return ::stat(path, &info) == 0 && S_ISFIFO(info.st_mode);
}

// A network connection cannot be the standard error: the program has closed descriptor 2, and one
// of its sockets got the number.
bool is_local_socket(int fd) noexcept {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

}  // namespace

TraceTarget::TraceTarget(UniqueFd fd, Way way) : fd_(std::move(fd)), way_(way) {
  struct stat info {};
  if (::fstat(fd_.get(), &info) != 0) fd_.reset();
  device_ = info.st_dev;
  inode_ = info.st_ino;
}

TraceTarget TraceTarget::open(std::string_view target) {
  if (target.empty()) return {};
  return target == "stderr" ? standard_error() : file(std::string(target).c_str());
}

TraceTarget TraceTarget::standard_error() {
  const int flags = ::fcntl(STDERR_FILENO, F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY) return {};
  UniqueFd copy(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  struct stat info {};
  if (!copy || ::fstat(copy.get(), &info) != 0) return {};
  if (S_ISSOCK(info.st_mode)) {
    if (!is_local_socket(copy.get())) return {};
    return {std::move(copy), Way::socket};
  }
  if (!S_ISFIFO(info.st_mode) && ::isatty(copy.get()) == 0) return {std::move(copy), Way::direct};
  if (auto own = opened_again(copy.get())) return {std::move(own), Way::direct};
  return {std::move(copy), Way::polled};
}

TraceTarget TraceTarget::file(const char* path) {
  // First without O_CREAT: in folders like /tmp the kernel refuses that flag for the file or FIFO
  // of another user, even where writing to it is allowed.
  UniqueFd fd(::open(path, kOpenFlags));
  if (!fd && errno == ENOENT) fd = UniqueFd(::open(path, kOpenFlags | O_CREAT, 0666));
  // The FIFO has no reader yet. Opened for reading and writing, it keeps its first lines for a
  // later reader.
  if (!fd && errno == ENXIO && is_fifo(path)) {
    fd = UniqueFd(::open(path, (kOpenFlags & ~O_ACCMODE) | O_RDWR));
  }
  if (!fd) return {};
  return {std::move(fd), Way::direct};
}

// A program that becomes a daemon closes every descriptor it does not know, and the number is soon
// given to another file.
bool TraceTarget::still_ours() const noexcept {
  struct stat info {};
  return ::fstat(fd_.get(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
}

ssize_t TraceTarget::attempt(std::string_view text) const noexcept {
  if (way_ == Way::socket) {
    return ::send(fd_.get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  if (way_ == Way::polled) {
    pollfd room{fd_.get(), POLLOUT, 0};
    if (::poll(&room, 1, 0) == 0) {
      errno = EAGAIN;
      return -1;
    }
    text = text.substr(0, PIPE_BUF);
  }
  SignalShield quiet;
  return quiet.passed(::write(fd_.get(), text.data(), text.size()));
}

std::size_t TraceTarget::write(std::string_view text,
                               std::chrono::milliseconds patience) const noexcept {
  const CancelShield shield;
  if (!still_ours()) {
    errno = EBADF;
    return 0;
  }
  const Deadline limit = Deadline::after(patience);
  const std::size_t whole = text.size();
  while (!text.empty()) {
    const ssize_t sent = attempt(text);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent == 0 || errno != EAGAIN || limit.expired()) break;
    pollfd room{fd_.get(), POLLOUT, 0};
    if (::poll(&room, 1, limit.poll_milliseconds()) == 0) errno = EAGAIN;
  }
  return whole - text.size();
}

}  // namespace visa
