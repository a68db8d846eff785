// SPDX-License-Identifier: MIT
// XDR (RFC 4506) as VXI-11 and the portmapper need it: a reader that never looks beyond its bytes,
// and functions that append to a string. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace visa::sim {

/// Takes values off the front. After a value that is not there or longer than allowed, good() is
/// false and all further ones are 0 or empty.
class XdrReader {
 public:
  explicit XdrReader(std::string_view bytes = {}) noexcept : rest_(bytes) {}

  std::uint32_t number() noexcept;
  std::int32_t integer() noexcept { return static_cast<std::int32_t>(number()); }
  bool boolean() noexcept { return number() != 0; }
  /// opaque<most> or string<most>. Clients that leave out the padding of the last one are common,
  /// so a missing one is forgiven.
  std::string_view opaque(std::size_t most) noexcept;

  bool good() const noexcept { return good_; }
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

void put_number(std::string& out, std::uint32_t value);
/// With its length and padding.
void put_opaque(std::string& out, std::string_view bytes);
/// The zero bytes that fill `size` bytes up to a multiple of four.
std::string_view xdr_padding(std::size_t size) noexcept;
/// Overwrites the four bytes at `at`.
void set_number(char* at, std::uint32_t value) noexcept;

}  // namespace visa::sim
