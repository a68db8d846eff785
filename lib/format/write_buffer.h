// SPDX-License-Identifier: MIT
// The formatted write buffer of a session, and the sink that prints into it. The buffer belongs to
// the session and is used by the call that has its lane; its memory is allocated at the first byte.
// Large data goes to the wire without a copy; only its last byte stays, because it may get END.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "lib/format/byte_sink.h"
#include "lib/format/formatted_device.h"

namespace visa::format {

class WriteBuffer {
 public:
  std::size_t used() const noexcept { return used_; }
  void discard() noexcept { used_ = 0; }
  std::uint32_t size() const noexcept { return size_; }
  /// Requires an empty buffer. A size above the default is allocated at once; std::bad_alloc leaves
  /// the size as before.
  void set_size(std::uint32_t size);

 private:
  friend class WireSink;
  std::unique_ptr<char[]> data_;
  std::size_t used_ = 0;
  std::uint32_t size_ = kDefaultBufferSize;
};

class WireSink final : public ByteSink {
 public:
  WireSink(WriteBuffer& buffer, FormattedDevice& wire);
  ~WireSink() override;

  /// Sends what the buffer holds, with END; an empty buffer sends nothing.
  Status end_message() override;

  /// Keeps what this call has put. Without it (a refused format, an exception, a cancelled thread)
  /// the destructor takes it back; if a part was already sent, it drops the rest.
  void keep() { kept_ = true; }

  /// How many bytes the wire took in this call.
  std::size_t sent() const { return sent_; }

 private:
  Status overflow(std::string_view data) override;
  Status send(std::string_view data, const spi::WriteRule& rule);
  /// Sends all of the buffer, which is empty afterwards, whether or not the transfer succeeds.
  Status send_buffer(const spi::WriteRule& rule);
  char* begin() const { return buffer_.data_.get(); }

  WriteBuffer& buffer_;
  FormattedDevice& wire_;
  const std::size_t used_before_;
  std::size_t sent_ = 0;
  bool transferred_ = false;
  bool kept_ = false;
};

}  // namespace visa::format
