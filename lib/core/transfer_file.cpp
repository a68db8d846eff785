// SPDX-License-Identifier: MIT
#include "lib/core/transfer_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "lib/base/cancel_shield.h"

namespace visa::core {

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
  if (!file.fd_) return file.fail(Status::error_file_access, "cannot be opened", call);
  return file;
}

Result<TransferFile> TransferFile::for_writing(const char* path, bool append, Call& call) {
  return open(path, O_WRONLY | O_NONBLOCK | O_CREAT | (append ? O_APPEND : O_TRUNC), call);
}

Result<TransferFile> TransferFile::for_reading(const char* path, Call& call) {
  return open(path, O_RDONLY | O_NONBLOCK, call);
}

Status TransferFile::write(std::span<const std::byte> data, Call& call) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd_.get(), data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(Status::error_file_io, "cannot be written", call);
    data = data.subspan(static_cast<std::size_t>(written));
  }
  return Status::success;
}

Result<std::size_t> TransferFile::read(std::span<std::byte> into, Call& call) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t got = ::read(fd_.get(), into.data() + filled, into.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Status::error_file_io, "cannot be read", call);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
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
