// SPDX-License-Identifier: MIT
// Bytes of an answer that were received and not read yet, at the end of which the message may be
// over. It owns the buffer into which answers are received, so that nothing is copied twice. Used
// inside the gate of the device.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "lib/spi/transfer_rules.h"

namespace visa::drivers::usb {

class KeptBytes {
 public:
  /// A buffer of at least `size` bytes to receive into. Its first `used` bytes stay. Nothing may be
  /// kept.
  std::span<std::byte> room(std::size_t size, std::size_t used = 0);

  /// From now on `size` bytes of the buffer, from `from` on, are kept. `end`: the message ends with
  /// them; `termchar`: the instrument says that it ended them with the termination character.
  void keep(std::size_t from, std::size_t size, bool end, bool termchar) noexcept;

  /// The received bytes ended likewise, but went to the caller already.
  void note_end(bool end, bool termchar) noexcept {
    drop();
    end_ = end;
    termchar_ = termchar;
  }

  /// Moves bytes to `into`, after the `result.count` bytes that are there. True when the read is
  /// over, with its reason in `result`.
  bool deliver(std::span<std::byte> into, const spi::EndRule& rule, spi::ReadResult& result);

  /// Forgets everything.
  void drop() noexcept { keep(0, 0, false, false); }

  bool empty() const noexcept { return size_ == 0; }
  /// The message has ended, and no read has reported it yet.
  bool ended() const noexcept { return end_ || termchar_; }

 private:
  std::vector<std::byte> buffer_;
  std::size_t from_ = 0;
  std::size_t size_ = 0;
  bool end_ = false;
  bool termchar_ = false;
};

}  // namespace visa::drivers::usb
