// SPDX-License-Identifier: MIT
// The formatted write buffer of a session, and the sink that prints into it. The buffer belongs to
// the session and is used by the call that has its lane; its memory is had at the first byte. What
// is large goes to the wire from where it is: only the last byte stays, because END may come yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/format/byte_sink.h"
#include "lib/format/wire.h"

namespace visa::format {

class WriteBuffer {
 public:
  std::size_t used() const noexcept { return used_; }
  void discard() noexcept { used_ = 0; }
  std::uint32_t size() const noexcept { return size_; }
  /// Needs an empty buffer. What is larger than usual is had at once: std::bad_alloc, and the size
  /// is as before.
  void set_size(std::uint32_t size);

 private:
  friend class WireSink;
  std::unique_ptr<char[]> data_;
  std::size_t used_ = 0;
  std::uint32_t size_ = kDefaultBufferSize;
};

class WireSink final : public ByteSink {
 public:
  WireSink(WriteBuffer& buffer, Wire& wire);
  ~WireSink() override;

  /// Sends what there is, END behind it; nothing where there is nothing.
  Status end_message() override;

  /// What was put in this call stays. Without it (a refused format, an exception, a thread ended by
  /// force) it is taken back, and where some of it has left, the rest is dropped.
  void keep() { kept_ = true; }

  /// How many bytes the wire took in this call.
  std::size_t sent() const { return sent_; }

 private:
  Status overflow(std::string_view data) override;
  Status send(std::string_view data, const spi::WriteRule& rule);
  /// All of the buffer. It is empty afterwards whatever happens.
  Status send_buffer(const spi::WriteRule& rule);
  char* begin() const { return buffer_.data_.get(); }

  WriteBuffer& buffer_;
  Wire& wire_;
  const std::size_t used_before_;
  std::size_t sent_ = 0;
  bool transferred_ = false;
  bool kept_ = false;
};

}  // namespace visa::format
