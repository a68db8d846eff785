// SPDX-License-Identifier: MIT
// Numbers of several bytes are little endian; reserved bytes are zero on the way out and not looked
// at on the way in.
#include "drivers/usb/tmc_header.h"

namespace visa::drivers::usb {
namespace {

constexpr std::size_t kSizeAt = 4;
constexpr std::size_t kAttributesAt = 8;
constexpr std::size_t kTermcharAt = 9;

constexpr std::uint8_t kEom = 0x01;
constexpr std::uint8_t kTermcharBit = 0x02;  // enabled in a request, met in an answer

Header start(MessageId id, std::uint8_t tag) noexcept {
  Header header{};
  header[0] = static_cast<std::byte>(id);
  header[1] = std::byte{tag};
  header[2] = ~std::byte{tag};
  return header;
}

void put_size(Header& header, std::uint32_t size) noexcept {
  for (std::size_t i = 0; i < sizeof size; ++i) {
    header[kSizeAt + i] = static_cast<std::byte>(size >> (8 * i));
  }
}

}  // namespace

Header message_header(MessageId id, std::uint8_t tag, std::uint32_t size, bool end) noexcept {
  Header header = start(id, tag);
  put_size(header, size);
  if (end && id == MessageId::dev_dep_out) header[kAttributesAt] = std::byte{kEom};
  return header;
}

Header request_header(MessageId id, std::uint8_t tag, std::uint32_t most,
                      std::optional<std::uint8_t> termchar) noexcept {
  Header header = start(id, tag);
  put_size(header, most);
  if (termchar && id == MessageId::dev_dep_in) {
    header[kAttributesAt] = std::byte{kTermcharBit};
    header[kTermcharAt] = std::byte{*termchar};
  }
  return header;
}

Header trigger_header(std::uint8_t tag) noexcept {
  return start(MessageId::trigger, tag);
}

AnswerHeader read_answer_header(std::span<const std::byte, kHeaderSize> bytes) noexcept {
  AnswerHeader header;
  header.id = static_cast<std::uint8_t>(bytes[0]);
  header.tag = static_cast<std::uint8_t>(bytes[1]);
  header.inverse_tag = static_cast<std::uint8_t>(bytes[2]);
  for (std::size_t i = 0; i < sizeof header.size; ++i) {
    header.size |= static_cast<std::uint32_t>(bytes[kSizeAt + i]) << (8 * i);
  }
  // A vendor specific answer has no such bits; it ends with its transfer.
  const bool vendor = header.id == static_cast<std::uint8_t>(MessageId::vendor_in);
  const auto attributes = static_cast<std::uint8_t>(bytes[kAttributesAt]);
  header.end = vendor || (attributes & kEom) != 0;
  header.termchar = !vendor && (attributes & kTermcharBit) != 0;
  return header;
}

}  // namespace visa::drivers::usb
