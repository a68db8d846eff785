// SPDX-License-Identifier: MIT
// Sends messages on one connection. A message that the peer did not take in time is not cut short:
// its rest is kept and goes out before anything else, so that the peer always sees whole messages.
// One thread at a time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "drivers/common/byte_stream.h"
#include "drivers/hislip/hislip_message.h"
#include "lib/base/call.h"

namespace visa::drivers::hislip {

class MessageWriter {
 public:
  explicit MessageWriter(ByteStream& stream) noexcept : stream_(stream) {}
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  /// What became of a message.
  struct Sent {
    Status status = Status::success;
    bool begun = false;  // the peer gets all of it, now or when it takes more
  };

  /// Sends the rest of an earlier message, then this one; `header.length` is set to the size of the
  /// payload. error_conn_lost, too, if a call was torn out of an earlier message (pthread_cancel,
  /// no memory): nobody knows how much of that one the peer has got.
  Sent send(Header header, std::span<const std::byte> payload, Call& call);

  /// Sends what is left of an earlier message. Success: nothing is left.
  Status finish(Call& call);

  bool unfinished() const noexcept { return begin_ < rest_.size() || stream_.holds_unsent(); }

 private:
  Status begin(Call& call);

  ByteStream& stream_;
  std::vector<std::byte> rest_;  // from begin_ on
  std::size_t begin_ = 0;
  bool torn_ = false;  // set while a message is on its way
};

}  // namespace visa::drivers::hislip
