// SPDX-License-Identifier: MIT
// XDR (RFC 4506) as ONC RPC needs it: every item is a multiple of four bytes, big endian. Writer
// and reader work on the caller's memory and never go beyond it: when the writer has no room left,
// or the reader no bytes, it notes that and does nothing more. Value types; one thread each.
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

/// Converts a word to and from its four bytes on the wire.
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

  /// The bytes written so far.
  std::span<const std::byte> written() const noexcept { return room_.first(size_); }

 private:
  std::span<std::byte> room_;
  std::size_t size_ = 0;
  bool good_ = true;
};

class XdrReader {
 public:
  explicit XdrReader(std::span<const std::byte> data) noexcept : data_(data) {}

  /// The next word; 0 after the bytes have run out.
  std::uint32_t word() noexcept;

  /// The bytes of an opaque<> or string<> of at most `most` bytes, pointing into the data. If it is
  /// longer, or claims more than the data hold, good() becomes false. Missing padding at the very
  /// end is accepted, because instruments leave it out.
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
