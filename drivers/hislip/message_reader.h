// SPDX-License-Identifier: MIT
// Divides what arrives on one connection into messages. The payload of a message goes from the wire
// into the caller's memory; only bytes that belong to a later read are kept, at most kMostAhead of
// them. A call that ends at its deadline loses nothing: the next one continues in the middle of a
// header or a payload. One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/byte_stream.h"
#include "drivers/hislip/hislip_message.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::hislip {

class MessageReader {
 public:
  /// The most that one receive takes without knowing how much of it belongs to the message, or
  /// while it searches for a termination character.
  static constexpr std::size_t kMostAhead = std::size_t{256} * 1024;

  explicit MessageReader(ByteStream& stream) noexcept : stream_(stream) {}
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// Waits for the header of the next message; the payload of the one before must be over. What of
  /// the payload came in the same receive is in `direct`, and `placed` says how much that is.
  /// Bytes after `stop` are kept for later. error_io: the peer does not speak HiSLIP, and every
  /// later call says so too.
  Status next(std::span<std::byte> direct, std::optional<std::byte> stop, std::size_t& placed,
              Call& call);

  /// The message whose payload is under way, until the `next` after it.
  const Header& header() const noexcept { return header_; }
  /// Bytes of its payload that are still to come.
  std::uint64_t left() const noexcept { return left_; }
  /// Nothing was received beyond the last message.
  bool idle() const noexcept {
    return left_ == 0 && have_ == 0 && ahead_begin_ == ahead_.size() && !poor_;
  }
  /// The message id of the last Data or DataEND that was received; kNoId before the first.
  std::uint32_t last_data() const noexcept { return last_data_; }
  void forget_last_data() noexcept { last_data_ = kNoId; }

  /// Takes payload, at least one byte, at most `left`, nothing after `stop`; `into` is not empty.
  StreamResult payload(std::span<std::byte> into, std::optional<std::byte> stop, Call& call);

  /// Takes the whole payload and throws it away.
  Status skip(Call& call);
  /// Takes the whole payload, adds it to `kept` up to `most` (kMostText) bytes in all, and throws
  /// the rest away. After a failure the next call continues.
  Status collect(std::string& kept, Call& call) { return collect(kept, kMostText, call); }
  Status collect(std::string& kept, std::size_t most, Call& call);

  /// Throws away the answers (Data and DataEND) that have arrived, without waiting. True: stopped
  /// at another message, whose `header` the caller has to handle.
  Result<bool> discard_arrived(Call& call);

 private:
  StreamResult take_now(std::span<std::byte> into, Call& call);
  bool take_ahead(std::span<std::byte> into, std::size_t& count) noexcept;
  void keep(std::span<const std::byte> bytes, bool in_front);
  Status accept_header(Call& call);
  std::size_t keep_behind(std::span<const std::byte> bytes, std::optional<std::byte> stop);

  ByteStream& stream_;
  HeaderBytes bytes_{};
  std::size_t have_ = 0;  // bytes of the next header in bytes_
  Header header_{};
  std::uint64_t left_ = 0;
  std::uint32_t last_data_ = kNoId;
  bool poor_ = false;             // the peer sent something that is no header
  std::vector<std::byte> ahead_;  // received, not taken; from ahead_begin_ on
  std::size_t ahead_begin_ = 0;
};

}  // namespace visa::drivers::hislip
