// SPDX-License-Identifier: MIT
// Elements are copied by memcpy, because the caller's memory need not be aligned for them.
#include "lib/format/byte_order.h"

#include <cstdint>
#include <cstring>

namespace visa::format {
namespace {

std::uint16_t turned(std::uint16_t value) {
  return __builtin_bswap16(value);
}
std::uint32_t turned(std::uint32_t value) {
  return __builtin_bswap32(value);
}
std::uint64_t turned(std::uint64_t value) {
  return __builtin_bswap64(value);
}

template <class T>
void reverse(const unsigned char* from, unsigned char* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, from + i * sizeof(T), sizeof(T));
    value = turned(value);
    std::memcpy(to + i * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

void reverse_elements(const void* from, void* to, std::size_t count, std::size_t size) {
  const auto* source = static_cast<const unsigned char*>(from);
  auto* target = static_cast<unsigned char*>(to);
  switch (size) {
    case 2:
      return reverse<std::uint16_t>(source, target, count);
    case 4:
      return reverse<std::uint32_t>(source, target, count);
    case 8:
      return reverse<std::uint64_t>(source, target, count);
    default:
      if (source != target) std::memcpy(target, source, count * size);
  }
}

}  // namespace visa::format
