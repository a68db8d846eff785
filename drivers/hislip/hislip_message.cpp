// SPDX-License-Identifier: MIT
// All integers are big endian.
#include "drivers/hislip/hislip_message.h"

namespace visa::drivers::hislip {
namespace {

constexpr std::byte kPrologue[] = {std::byte{'H'}, std::byte{'S'}};

template <class Integer>
void put(std::span<std::byte> into, Integer value) noexcept {
  for (std::size_t i = into.size(); i-- > 0;) {
    into[i] = static_cast<std::byte>(value & 0xFFU);
    value = static_cast<Integer>(value >> 8U);
  }
}

std::uint64_t take(std::span<const std::byte> from) noexcept {
  std::uint64_t value = 0;
  for (const std::byte byte : from) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

}  // namespace

HeaderBytes encode(const Header& header) noexcept {
  HeaderBytes bytes{kPrologue[0], kPrologue[1], static_cast<std::byte>(header.type),
                    std::byte{header.control}};
  put(std::span(bytes).subspan(4, 4), header.parameter);
  put(std::span(bytes).subspan(8, 8), header.length);
  return bytes;
}

std::optional<Header> decode(std::span<const std::byte, kHeaderSize> bytes) noexcept {
  if (bytes[0] != kPrologue[0] || bytes[1] != kPrologue[1]) return std::nullopt;
  return Header{static_cast<MessageType>(bytes[2]), std::to_integer<std::uint8_t>(bytes[3]),
                static_cast<std::uint32_t>(take(bytes.subspan(4, 4))), take(bytes.subspan(8, 8))};
}

std::array<std::byte, 8> encode_size(std::uint64_t size) noexcept {
  std::array<std::byte, 8> bytes;
  put(std::span(bytes), size);
  return bytes;
}

std::uint64_t decode_size(std::span<const std::byte, 8> bytes) noexcept {
  return take(bytes);
}

}  // namespace visa::drivers::hislip
