// SPDX-License-Identifier: MIT
// Invariant: size_ and offset_ never pass the end, because every step compares with the bytes left
// before it adds (lengths come from outside and may be anything up to 2^32-1).
#include "drivers/common/xdr.h"

#include <algorithm>
#include <cstring>

namespace visa::drivers {

void put_word(std::byte* at, std::uint32_t value) noexcept {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::byte>(value >> (24 - 8 * i));
}

std::uint32_t get_word(const std::byte* at) noexcept {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(at[i]);
  return value;
}

XdrWriter& XdrWriter::word(std::uint32_t value) noexcept {
  if (!good_ || room_.size() - size_ < kXdrWord) {
    good_ = false;
    return *this;
  }
  put_word(room_.data() + size_, value);
  size_ += kXdrWord;
  return *this;
}

XdrWriter& XdrWriter::opaque(std::span<const std::byte> data) noexcept {
  word(static_cast<std::uint32_t>(data.size()));
  const std::size_t padding = xdr_padding(data.size());
  const std::size_t left = room_.size() - size_;
  if (!good_ || left < data.size() || left - data.size() < padding) {
    good_ = false;
    return *this;
  }
  if (!data.empty()) std::memcpy(room_.data() + size_, data.data(), data.size());
  size_ += data.size();
  std::fill_n(room_.data() + size_, padding, std::byte{0});
  size_ += padding;
  return *this;
}

XdrWriter& XdrWriter::text(std::string_view value) noexcept {
  return opaque(std::as_bytes(std::span(value.data(), value.size())));
}

std::uint32_t XdrReader::word() noexcept {
  if (!good_ || data_.size() - offset_ < kXdrWord) {
    good_ = false;
    return 0;
  }
  const std::uint32_t value = get_word(data_.data() + offset_);
  offset_ += kXdrWord;
  return value;
}

std::span<const std::byte> XdrReader::opaque(std::size_t most) noexcept {
  const std::size_t size = word();
  const std::size_t left = data_.size() - offset_;
  if (!good_ || size > most || size > left) {
    good_ = false;
    return {};
  }
  const auto found = data_.subspan(offset_, size);
  offset_ += std::min(left, size + xdr_padding(size));
  return found;
}

}  // namespace visa::drivers
