// SPDX-License-Identifier: MIT
// The file of viReadToFile and viWriteFromFile: binary, never inherited by a child, errors said
// with the path and the cause. A FIFO or a device may be given for it: waiting for its other end is
// bounded by the deadline of the call and ended by viTerminate (error_abort). No signal comes of a
// reader that is gone or of a size limit. Used by one call on one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace visa::core {

class TransferFile {
 public:
  /// What travels at once between the wire and the file.
  static constexpr std::size_t kPiece = std::size_t{256} * 1024;

  /// Makes or opens `path`; empties it unless `append` (VI_ATTR_FILE_APPEND_EN). error_file_access,
  /// also for a FIFO that nobody has open for reading.
  static Result<TransferFile> for_writing(const char* path, bool append, Call& call);
  static Result<TransferFile> for_reading(const char* path, Call& call);

  /// All of `data`, or error_file_io.
  Status write(std::span<const std::byte> data, Call& call);

  /// As much as fits, less only at the end of the file. A FIFO ends where its last writer closes
  /// it, not before the first has come. error_file_io, also when too little came in time.
  Result<std::size_t> read(std::span<std::byte> into, Call& call);

  /// Closes it, so that an error of a late write is not lost.
  Status finish(Call& call);

 private:
  TransferFile(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  static Result<TransferFile> open(const char* path, int flags, Call& call);
  Status fail(Status status, const char* what, Call& call) const;
  /// `refused`: how often in succession the descriptor had nothing to say (EAGAIN).
  Status wait(short events, int refused, const char* in_vain, Call& call) const;

  UniqueFd fd_;
  std::string path_;
  bool may_wait_ = false;  // no regular file
};

}  // namespace visa::core
