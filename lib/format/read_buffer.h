// SPDX-License-Identifier: MIT
// The formatted read buffer of a session, and the source that scans from it. The buffer belongs to
// the session and is used by the call that has its lane; its memory is allocated at the first byte.
// It holds bytes of one message; only the last of them may carry END.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/format/byte_source.h"
#include "lib/format/formatted_device.h"

namespace visa::format {

class ReadBuffer {
 public:
  void discard() noexcept {
    begin_ = end_ = 0;
    stop_ = spi::StopReason::count;
    open_ = false;
  }
  /// For viClear: neither the buffer nor the wire holds anything of an earlier message.
  void start_anew() noexcept {
    discard();
    block_tail_ = false;
  }
  /// Drops what the buffer holds. Memory as with WriteBuffer::set_size.
  void set_size(std::uint32_t size);
  std::uint32_t size() const noexcept { return size_; }
  bool empty() const noexcept { return begin_ == end_; }

 private:
  friend class WireSource;
  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t size_ = kDefaultBufferSize;
  spi::StopReason stop_ = spi::StopReason::count;  // what ended the last byte; count: nothing did
  bool open_ = false;        // part of an answer came, then a pause that is not END
  bool block_tail_ = false;  // a block was read, but not yet what ends its message
};

class WireSource final : public ByteSource {
 public:
  /// `new_message`: the session has sent something since its last read, so the rest of the previous
  /// answer is dropped: white space with END, or the newline after a block.
  WireSource(ReadBuffer& buffer, FormattedDevice& wire, bool new_message);
  ~WireSource() override;

  Status more() override;
  Status read(std::span<std::byte> into, Until until, std::size_t& got) override;

  /// Makes one transfer straight into `into`, for a caller that follows the rules of viRead.
  /// Requires that nothing is at hand.
  spi::ReadResult read_from_wire(std::span<std::byte> into, const spi::EndRule& rule);

  /// viFlush(VI_READ_BUF): if the buffer holds part of a message, drops all of that message.
  Status drop_message();

  /// What ended the last byte at hand.
  spi::StopReason stop() const { return buffer_.stop_; }
  /// The bytes that a failed `more` had received.
  std::string_view lost() const { return lost_; }
  /// The size of a transfer into the buffer.
  std::size_t transfer_size() const { return buffer_.size_ == 0 ? 1 : buffer_.size_; }

 private:
  struct Fetched {
    Status status = Status::success;
    std::size_t count = 0;
    bool ended = false;
  };
  Fetched fetch(std::span<std::byte> into, const spi::EndRule& rule);
  Status open_transfer();
  void next_deadline() override { transfer_left_ = 0; }
  spi::EndRule asked() const;
  bool never_ends() const;
  void nothing_at_hand(bool ended);
  /// Called at the end of a block: a termination character as its last byte does not end the
  /// message.
  void end_block();
  void drop_newline();

  ReadBuffer& buffer_;
  FormattedDevice& wire_;
  std::size_t transfer_left_ = 0;  // bytes that still belong to the present deadline
  std::size_t dropped_ = 0;        // in this call
  bool drop_newline_ = false;
  std::string_view lost_;
};

}  // namespace visa::format
