// SPDX-License-Identifier: MIT
// Invariant: begin_ <= data_end_ <= scanned_ <= filled_. Between data_end_ and filled_ stands what
// may turn out to be the mark or the beginning of the closing line, so at most one byte more than
// that line has.
#include "drivers/gpib/prologix_answer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace visa::drivers::gpib {

PrologixAnswer::PrologixAnswer(std::string closing, std::uint8_t end_mark)
    : closing_(std::move(closing)),
      end_mark_(static_cast<std::byte>(end_mark)),
      buffer_(std::make_unique<std::byte[]>(kPiece + closing_.size() + 1)) {}

void PrologixAnswer::begin() noexcept {
  begin_ = data_end_ = scanned_ = filled_ = surplus_ = 0;
  over_ = end_ = false;
}

std::span<std::byte> PrologixAnswer::room() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, filled_ - begin_);
    data_end_ -= begin_;
    scanned_ -= begin_;
    filled_ -= begin_;
    begin_ = 0;
  }
  const std::size_t size = kPiece + closing_.size() + 1;
  return {buffer_.get() + filled_, std::min(kPiece, size - filled_)};
}

void PrologixAnswer::received(std::size_t count) {
  filled_ += count;
  if (over_) {
    surplus_ += count;
    return;
  }
  scan();
}

void PrologixAnswer::scan() {
  const std::byte* const data = buffer_.get();
  for (;;) {
    const void* const found = std::memchr(
        data + scanned_, static_cast<unsigned char>(closing_.front()), filled_ - scanned_);
    scanned_ = found == nullptr
                   ? filled_
                   : static_cast<std::size_t>(static_cast<const std::byte*>(found) - data);
    const std::size_t size = std::min(closing_.size(), filled_ - scanned_);
    if (found != nullptr && std::memcmp(data + scanned_, closing_.data(), size) != 0) {
      ++scanned_;
      continue;
    }
    const bool marked = scanned_ > begin_ && data[scanned_ - 1] == end_mark_;
    data_end_ = scanned_ - (marked ? 1U : 0U);
    if (found == nullptr || size < closing_.size()) return;
    over_ = true;
    end_ = marked;
    surplus_ = filled_ - scanned_ - size;
    return;
  }
}

}  // namespace visa::drivers::gpib
