// SPDX-License-Identifier: MIT
// The formatted read buffer of a session, and the source that scans from it. The buffer belongs to
// the session and is used by the call that has its lane; its memory is had at the first byte. It
// holds bytes of one message, END at most behind the last of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/format/byte_source.h"
#include "lib/format/wire.h"

namespace visa::format {

class ReadBuffer {
 public:
  void discard() noexcept {
    begin_ = end_ = 0;
    stop_ = spi::StopReason::count;
    open_ = false;
  }
  /// The wire holds nothing of an earlier message either (viClear).
  void start_anew() noexcept {
    discard();
    block_tail_ = false;
  }
  /// Drops what it holds. Memory as with WriteBuffer::set_size.
  void set_size(std::uint32_t size);
  std::uint32_t size() const noexcept { return size_; }

 private:
  friend class WireSource;
  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t size_ = kDefaultBufferSize;
  spi::StopReason stop_ = spi::StopReason::count;  // behind the last byte; count: nothing is there
  bool open_ = false;        // a pause that is no END came behind a part of an answer
  bool block_tail_ = false;  // a block was read to its last byte; what ends its message was not
};

class WireSource final : public ByteSource {
 public:
  /// `new_message`: something was sent since the last read of the session, so what is left of the
  /// answer before is of no use: white space with END, or the newline behind a block.
  WireSource(ReadBuffer& buffer, Wire& wire, bool new_message);
  ~WireSource() override;

  Status more() override;
  Status read(std::span<std::byte> into, Until until, std::size_t& got) override;

  /// One transfer straight into `into`, for a caller that knows the rules of viRead; nothing must
  /// be at hand.
  spi::ReadResult read_from_wire(std::span<std::byte> into, const spi::EndRule& rule);

  /// viFlush(VI_READ_BUF): if there was something of a message, all of that message goes.
  Status drop_message();

  /// What stands behind the last byte at hand.
  spi::StopReason stop() const { return buffer_.stop_; }
  /// What a failed `more` had received.
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
  /// At the end of a block: a termination character that is its last byte ends nothing.
  void end_block();
  void drop_newline();

  ReadBuffer& buffer_;
  Wire& wire_;
  std::size_t transfer_left_ = 0;  // bytes that still belong to the deadline there is
  std::size_t dropped_ = 0;        // in this call
  bool drop_newline_ = false;
  std::string_view lost_;
};

}  // namespace visa::format
