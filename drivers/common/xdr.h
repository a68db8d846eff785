// SPDX-License-Identifier: MIT
// XDR (RFC 4506) as ONC RPC needs it: everything is a multiple of four bytes, big endian. Both ends
// work on memory of the caller and never go beyond it: a writer without room and a reader without
// bytes note that and do nothing more. Values; one thread each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace visa::drivers {

inline constexpr std::size_t kXdrWord = 4;

/// How many zero bytes follow opaque data of `size` bytes.
constexpr std::size_t xdr_padding(std::size_t size) noexcept {
  return (kXdrWord - size % kXdrWord) % kXdrWord;
}

/// A word as it is on the wire.
void put_word(std::byte* at, std::uint32_t value) noexcept;
std::uint32_t get_word(const std::byte* at) noexcept;

class XdrWriter {
 public:
  explicit XdrWriter(std::span<std::byte> room) noexcept : room_(room) {}

  /// int, unsigned int, enum, bool, char and short: all of them are four bytes.
  XdrWriter& word(std::uint32_t value) noexcept;
  XdrWriter& boolean(bool value) noexcept { return word(value ? 1 : 0); }

  /// opaque<> and string<>: length, bytes, padding.
  XdrWriter& opaque(std::span<const std::byte> data) noexcept;
  XdrWriter& text(std::string_view value) noexcept;

  /// False once something did not fit.
  bool good() const noexcept { return good_; }

  /// What was written so far.
  std::span<const std::byte> written() const noexcept { return room_.first(size_); }

 private:
  std::span<std::byte> room_;
  std::size_t size_ = 0;
  bool good_ = true;
};

class XdrReader {
 public:
  explicit XdrReader(std::span<const std::byte> data) noexcept : data_(data) {}

  /// 0 once the bytes have run out.
  std::uint32_t word() noexcept;

  /// The bytes of an opaque<> or string<> of at most `most`, pointing into the data. A longer one,
  /// or one that claims more than there is, spoils the reader. Missing padding at the very end does
  /// not: instruments leave it out.
  std::span<const std::byte> opaque(std::size_t most) noexcept;

  /// False once something was missing.
  bool good() const noexcept { return good_; }

  /// How many bytes were read, and what follows them.
  std::size_t offset() const noexcept { return offset_; }
  std::span<const std::byte> rest() const noexcept { return data_.subspan(offset_); }

 private:
  std::span<const std::byte> data_;
  std::size_t offset_ = 0;
  bool good_ = true;
};

}  // namespace visa::drivers
