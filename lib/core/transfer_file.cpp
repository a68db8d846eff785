// SPDX-License-Identifier: MIT
// Files, FIFOs and devices for viReadToFile and viWriteFromFile, within the deadline and without
// signals.
#include "lib/core/transfer_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/signal_shield.h"

namespace visa::core {
namespace {

// How often a wait looks at its cancel token: what wakes a wait for the wire does not reach this
// one.
constexpr int kLookMs = 20;

}  // namespace

Status TransferFile::fail(Status status, const char* what, Call& call) const {
  const auto cause = std::generic_category().message(errno);  // strerror without its static buffer
  return call.fail(status, path_ + ": " + what + ": " + cause);
}

Result<TransferFile> TransferFile::open(const char* path, int flags, Call& call) {
  if (path == nullptr || *path == '\0') {
    return call.fail(Status::error_file_access, "no file name was given");
  }
  // O_NONBLOCK: a FIFO nobody feeds must not hold the call beyond its deadline.
  TransferFile file(UniqueFd(::open(path, flags | O_CLOEXEC | O_NOCTTY, 0666)), path);
  if (!file.fd_ && errno == ENXIO) {
    return call.fail(Status::error_file_access,
                     file.path_ +
                         ": cannot be opened: a FIFO that no program reads, a socket, or a "
                         "device that is not there");
  }
  struct stat info {};
  if (!file.fd_ || ::fstat(file.fd_.get(), &info) != 0) {
    return file.fail(Status::error_file_access, "cannot be opened", call);
  }
  file.may_wait_ = !S_ISREG(info.st_mode);
  return file;
}

Result<TransferFile> TransferFile::for_writing(const char* path, bool append, Call& call) {
  return open(path, O_WRONLY | O_NONBLOCK | O_CREAT | (append ? O_APPEND : O_TRUNC), call);
}

Result<TransferFile> TransferFile::for_reading(const char* path, Call& call) {
  return open(path, O_RDONLY | O_NONBLOCK, call);
}

// Until the descriptor is ready, or its other end is gone: the next call says so then.
Status TransferFile::wait(short events, int refused, const char* in_vain, Call& call) const {
  const auto too_late = [&] { return call.fail(Status::error_file_io, path_ + ": " + in_vain); };
  if (refused > 0 && call.deadline.expired()) return too_late();
  // To poll(2) a device that cannot be polled is always ready.
  if (refused > 1) ::poll(nullptr, 0, 1);
  for (;;) {
    if (call.cancelled()) return Status::error_abort;
    const int left = call.deadline.poll_milliseconds();
    pollfd watched{fd_.get(), events, 0};
    const int ready = ::poll(&watched, 1, left < 0 ? kLookMs : std::min(left, kLookMs));
    if (ready > 0) return Status::success;
    if (ready < 0) {
      if (errno != EINTR) return fail(Status::error_file_io, "cannot be used", call);
      call.interrupted();
    }
    if (call.deadline.expired()) return too_late();
  }
}

Status TransferFile::write(std::span<const std::byte> data, Call& call) {
  const auto attempt = [&] {
    SignalShield quiet;
    return quiet.passed(::write(fd_.get(), data.data(), data.size()));
  };
  for (int refused = 0; !data.empty();) {
    const ssize_t written = attempt();
    if (written > 0) {
      data = data.subspan(static_cast<std::size_t>(written));
      refused = 0;
    } else if (written == 0 || errno == EAGAIN) {
      const auto ready =
          wait(POLLOUT, ++refused, "its reader took no more before the timeout (VI_ATTR_TMO_VALUE)",
               call);
      if (failed(ready)) return ready;
    } else if (errno != EINTR) {
      return fail(Status::error_file_io, "cannot be written", call);
    }
  }
  return Status::success;
}

Result<std::size_t> TransferFile::read(std::span<std::byte> into, Call& call) {
  std::size_t filled = 0;
  const auto attempt = [&] {
    const SignalShield quiet;
    return ::read(fd_.get(), into.data() + filled, into.size() - filled);
  };
  for (int refused = 0; filled < into.size();) {
    // A FIFO that no writer has opened yet looks like an empty file to read(2), not to poll(2).
    if (may_wait_) {
      const auto ready = wait(
          POLLIN, refused, "too little came from it before the timeout (VI_ATTR_TMO_VALUE)", call);
      if (failed(ready)) return ready;
    }
    const ssize_t got = attempt();
    if (got == 0) break;
    if (got > 0) {
      filled += static_cast<std::size_t>(got);
      refused = 0;
    } else if (errno == EAGAIN && may_wait_) {
      ++refused;
    } else if (errno != EINTR) {
      return fail(Status::error_file_io, "cannot be read", call);
    }
  }
  return filled;
}

Status TransferFile::finish(Call& call) {
  const CancelShield shield;  // a thread ended here would leave the descriptor open
  const int closed = ::close(fd_.release());
  if (closed != 0 && errno != EINTR) return fail(Status::error_file_io, "cannot be closed", call);
  return Status::success;
}

}  // namespace visa::core
