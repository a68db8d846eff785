// SPDX-License-Identifier: MIT
// RFC 4506. A reader that has met an error answers zeros from then on.
#include "tools/sim/rpc/xdr.h"

#include <algorithm>

namespace visa::sim {

std::uint32_t XdrReader::number() noexcept {
  if (!good_ || rest_.size() < 4) {
    good_ = false;
    return 0;
  }
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(rest_[i]);
  rest_.remove_prefix(4);
  return value;
}

std::string_view XdrReader::opaque(std::size_t most) noexcept {
  const std::size_t length = number();
  if (!good_ || length > most || length > rest_.size()) {
    good_ = false;
    return {};
  }
  const std::string_view bytes = rest_.substr(0, length);
  rest_.remove_prefix(std::min(rest_.size(), (length + 3) / 4 * 4));
  return bytes;
}

void set_number(char* at, std::uint32_t value) noexcept {
  for (int shift = 24; shift >= 0; shift -= 8) {
    *at++ = static_cast<char>(static_cast<unsigned char>(value >> static_cast<unsigned>(shift)));
  }
}

void put_number(std::string& out, std::uint32_t value) {
  char bytes[4];
  set_number(bytes, value);
  out.append(bytes, sizeof bytes);
}

std::string_view xdr_padding(std::size_t size) noexcept {
  return std::string_view("\0\0\0", (4 - size % 4) % 4);
}

void put_opaque(std::string& out, std::string_view bytes) {
  put_number(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes).append(xdr_padding(bytes.size()));
}

}  // namespace visa::sim
