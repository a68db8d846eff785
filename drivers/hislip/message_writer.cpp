// SPDX-License-Identifier: MIT
// Header and payload go out in one system call. Invariant: torn_ is reset by the call that set it,
// so that forced unwinding or an exception leaves it set.
#include "drivers/hislip/message_writer.h"

#include <pthread.h>
#include <sys/uio.h>

namespace visa::drivers::hislip {

/// Before the first byte. A thread that is to be cancelled already ends here, where nothing is
/// lost.
Status MessageWriter::begin(Call& call) {
  if (torn_) {
    return call.fail(Status::error_conn_lost,
                     stream_.peer() +
                         ": an earlier call was ended by force in the middle of a message; close "
                         "this session and open it again");
  }
  ::pthread_testcancel();
  torn_ = true;
  return Status::success;
}

Status MessageWriter::finish(Call& call) {
  if (!unfinished()) return Status::success;
  if (const Status status = begin(call); failed(status)) return status;
  const StreamResult sent = stream_.send(std::span<const std::byte>(rest_).subspan(begin_), call);
  begin_ += sent.count;
  if (begin_ == rest_.size()) {
    std::vector<std::byte>().swap(rest_);  // it may be several megabytes
    begin_ = 0;
  }
  torn_ = false;
  return sent.status;
}

MessageWriter::Sent MessageWriter::send(Header header, std::span<const std::byte> payload,
                                        Call& call) {
  if (const Status status = finish(call); failed(status)) return {status};
  if (const Status status = begin(call); failed(status)) return {status};
  header.length = payload.size();
  HeaderBytes bytes = encode(header);
  // sendmsg reads from the pieces only.
  iovec pieces[] = {{bytes.data(), bytes.size()},
                    {const_cast<std::byte*>(payload.data()), payload.size()}};
  const StreamResult sent = stream_.send_gathered(pieces, call);
  if (ok(sent.status) || sent.count == 0) {
    torn_ = false;
    return {sent.status, ok(sent.status)};
  }
  // The peer has seen the begin of the header.
  if (sent.count < kHeaderSize) {
    rest_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(sent.count), bytes.end());
  }
  const std::size_t taken = sent.count < kHeaderSize ? 0 : sent.count - kHeaderSize;
  const auto unsent = payload.subspan(taken);
  rest_.insert(rest_.end(), unsent.begin(), unsent.end());
  begin_ = 0;
  torn_ = false;
  return {sent.status, true};
}

}  // namespace visa::drivers::hislip
