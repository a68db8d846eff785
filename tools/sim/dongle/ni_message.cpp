// SPDX-License-Identifier: MIT
// Counts are two's complements of the length. A message tells its own length, so that data that
// looks like a terminator is data.
#include "tools/sim/dongle/ni_message.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::string_view kTerminator("\x04\0\0\0", 4);
constexpr std::size_t kShortBlock = 15;
constexpr std::size_t kLongBlock = 30;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::optional<std::size_t> header_size(std::uint8_t operation) {
  switch (static_cast<NiOperation>(operation)) {
    case NiOperation::read_registers:
      return 2;
    case NiOperation::write_registers:
      return 3;
    case NiOperation::take_control:
    case NiOperation::standby:
    case NiOperation::parallel_poll:
    case NiOperation::command:
    case NiOperation::interface_clear:
      return 4;
    case NiOperation::read:
    case NiOperation::write:
      return 8;
  }
  return std::nullopt;
}

std::size_t negated(std::string_view bytes, std::size_t at) {
  return (0x10000U - (byte_at(bytes, at) | static_cast<unsigned>(byte_at(bytes, at + 1)) << 8U)) &
         0xFFFFU;
}

/// Reads the header and says how many bytes follow it.
std::size_t read_header(std::string_view bytes, NiMessage& message) {
  switch (message.operation) {
    case NiOperation::read_registers:
      message.count = byte_at(bytes, 1);
      return 2 * message.count;
    case NiOperation::write_registers:
      message.count = byte_at(bytes, 1);
      return 3 * message.count;
    case NiOperation::command:
      message.count = (0x100U - byte_at(bytes, 1)) & 0xFFU;
      message.timeout = byte_at(bytes, 3);
      return message.count;
    case NiOperation::write:
      message.count = negated(bytes, 1);
      message.timeout = byte_at(bytes, 3);
      message.argument = byte_at(bytes, 6);
      return message.count;
    case NiOperation::read:
      message.argument = byte_at(bytes, 1);
      message.end_byte = byte_at(bytes, 2);
      message.timeout = byte_at(bytes, 3);
      message.count = negated(bytes, 4);
      return 0;
    default:
      message.argument = byte_at(bytes, 1);
      return 0;
  }
}

void read_registers(std::string_view bytes, bool with_values, NiMessage& message) {
  const std::size_t each = with_values ? 3 : 2;
  for (std::size_t at = 0; at + each <= bytes.size(); at += each) {
    message.registers.push_back({byte_at(bytes, at), byte_at(bytes, at + 1),
                                 with_values ? byte_at(bytes, at + 2) : std::uint8_t{0}});
  }
}

NiParsed mistake(std::string_view what) {
  return {.kind = NiParsed::Kind::mistake, .mistake = what};
}

}  // namespace

NiParsed parse_ni_message(std::string_view bytes) {
  if (bytes.empty()) return {};
  const auto header = header_size(byte_at(bytes, 0));
  if (!header) return mistake("a block that there is not");
  if (bytes.size() < *header) return {};
  NiParsed parsed;
  NiMessage& message = parsed.message;
  message.operation = static_cast<NiOperation>(byte_at(bytes, 0));
  std::size_t size = *header;
  const std::size_t rest = read_header(bytes, message);
  if (bytes.size() < size + rest) return {};
  const std::string_view body = bytes.substr(size, rest);
  size += rest;
  const bool registers = message.operation == NiOperation::read_registers ||
                         message.operation == NiOperation::write_registers;
  if (registers) {
    read_registers(body, message.operation == NiOperation::write_registers, message);
  } else {
    message.data = body;
  }
  if (message.operation == NiOperation::read) {
    // The register writes that go with it.
    constexpr std::size_t kEmbedded = 3;
    if (bytes.size() < size + kEmbedded) return {};
    if (byte_at(bytes, size) != static_cast<std::uint8_t>(NiOperation::write_registers)) {
      return mistake("a read without its register writes");
    }
    const std::size_t count = std::size_t{3} * byte_at(bytes, size + 1);
    if (bytes.size() < size + kEmbedded + count) return {};
    read_registers(bytes.substr(size + kEmbedded, count), true, message);
    size += kEmbedded + count;
  }
  const std::size_t padded = (size + 3) / 4 * 4;
  if (bytes.size() < padded + kTerminator.size()) return {};
  const std::string_view padding = bytes.substr(size, padded - size);
  parsed.padded = std::all_of(padding.begin(), padding.end(), [](char c) { return c == 0; });
  if (bytes.substr(padded, kTerminator.size()) != kTerminator) {
    return mistake("a message without a terminator");
  }
  parsed.kind = NiParsed::Kind::message;
  parsed.size = padded + kTerminator.size();
  return parsed;
}

std::string ni_status_block(std::uint8_t id, std::uint16_t ibsta, NiError error, std::size_t rest) {
  const std::size_t negative = (0x10000U - rest) & 0xFFFFU;
  std::string block(8, '\0');
  block[0] = static_cast<char>(id);
  block[1] = static_cast<char>(ibsta >> 8U);
  block[2] = static_cast<char>(ibsta & 0xFFU);
  block[3] = static_cast<char>(error);
  block[4] = static_cast<char>(negative & 0xFFU);
  block[5] = static_cast<char>(negative >> 8U);
  return block;
}

std::string ni_closed(std::string bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4);
  bytes += kTerminator;
  return bytes;
}

std::string ni_data_blocks(std::string_view data, bool short_blocks) {
  const std::string_view id =
      short_blocks ? std::string_view("\x36") : std::string_view("\x37\0", 2);
  const std::size_t size = short_blocks ? kShortBlock : kLongBlock;
  std::string result;
  for (std::size_t from = 0; from < data.size(); from += size) {
    const std::string_view part = data.substr(from, size);
    result += id;
    result += part;
    result.append(size - part.size(), '\0');
  }
  return result;
}

std::uint8_t ni_last_block(std::size_t size, bool short_blocks) {
  const std::size_t block = short_blocks ? kShortBlock : kLongBlock;
  return static_cast<std::uint8_t>(size == 0 ? 0 : (size - 1) % block + 1);
}

}  // namespace visa::sim
