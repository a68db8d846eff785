// SPDX-License-Identifier: MIT
// USBTMC 1.0 section 3.2: tables 1 to 4.
#include "tools/sim/usb/usbtmc_header.h"

namespace visa::sim {
namespace {

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool all_zero(std::string_view bytes, std::size_t from, std::size_t to) noexcept {
  return bytes.substr(from, to - from).find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

std::variant<UsbtmcHeader, UsbtmcMistake> parse_usbtmc_header(std::string_view bytes) noexcept {
  if (bytes.size() < kUsbtmcHeader) return UsbtmcMistake::too_short;
  UsbtmcHeader header;
  header.tag = byte_at(bytes, 1);
  if (header.tag == 0 || header.tag != static_cast<std::uint8_t>(~byte_at(bytes, 2))) {
    return UsbtmcMistake::tag;
  }
  const std::uint8_t id = byte_at(bytes, 0);
  header.id = static_cast<UsbtmcId>(id);
  if (usbtmc_operation(header.id) == nullptr) return UsbtmcMistake::message_id;
  header.reserved_is_zero = byte_at(bytes, 3) == 0;
  if (header.id == UsbtmcId::trigger) {
    header.reserved_is_zero = header.reserved_is_zero && all_zero(bytes, 4, kUsbtmcHeader);
    return header;
  }
  for (std::size_t i = 0; i < 4; ++i) {
    header.size |= static_cast<std::uint32_t>(byte_at(bytes, 4 + i)) << (8 * i);
  }
  if (header.size == 0 && !header.has_data()) return UsbtmcMistake::size;
  header.attributes = byte_at(bytes, 8);
  header.termchar = byte_at(bytes, 9);
  // Which bits and bytes have a meaning depends on the message.
  unsigned known = 0;
  if (header.id == UsbtmcId::dev_dep_msg_out) known = 1;
  if (header.id == UsbtmcId::dev_dep_msg_in) known = 2;
  if ((header.attributes & ~known) != 0 || !all_zero(bytes, 10, kUsbtmcHeader) ||
      (known != 2 && header.termchar != 0)) {
    header.reserved_is_zero = false;
  }
  return header;
}

std::string_view usbtmc_text(UsbtmcMistake mistake) noexcept {
  switch (mistake) {
    case UsbtmcMistake::too_short:
      return "fewer bytes than a header has";
    case UsbtmcMistake::tag:
      return "a bTag that is 0 or not the inverse of its copy";
    case UsbtmcMistake::message_id:
      return "a MsgID that is not known";
    case UsbtmcMistake::size:
      return "a request for 0 bytes";
  }
  return {};
}

std::string usbtmc_header_bytes(std::uint8_t id, std::uint8_t tag, std::uint32_t size,
                                std::uint8_t attributes) {
  std::string result(kUsbtmcHeader, '\0');
  result[0] = static_cast<char>(id);
  result[1] = static_cast<char>(tag);
  result[2] = static_cast<char>(~tag);
  for (std::size_t i = 0; i < 4; ++i) result[4 + i] = static_cast<char>(size >> (8 * i));
  result[8] = static_cast<char>(attributes);
  return result;
}

const WireOperation* find_usbtmc_operation(std::string_view name) noexcept {
  for (const WireOperation* const one : {&kUsbtmcAnswer, &kUsbtmcInterrupt}) {
    if (one->name == name) return one;
  }
  for (const UsbtmcOperation& one : kUsbtmcMessages) {
    if (one.operation.name == name) return &one.operation;
  }
  for (const UsbtmcOperation& one : kUsbtmcRequests) {
    if (one.operation.name == name) return &one.operation;
  }
  return nullptr;
}

}  // namespace visa::sim
