// SPDX-License-Identifier: MIT
// Invariant: a record is kept only after its whole line was found right.
#include "drivers/gpib/agilent_usb/intel_hex.h"

#include <array>
#include <optional>
#include <utility>

namespace visa::drivers::gpib::agilent {
namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kEndOfFile = 1;
constexpr std::uint8_t kSegment = 2;
constexpr std::uint8_t kStartSegment = 3;
constexpr std::uint8_t kUpperAddress = 4;
constexpr std::uint8_t kStartAddress = 5;
/// Length, address (2), type, checksum.
constexpr std::size_t kAround = 5;
constexpr std::size_t kMostLine = 255 + kAround;

std::optional<unsigned> digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

/// The bytes of one line without its colon, and why they are none.
struct Line {
  std::array<std::uint8_t, kMostLine> bytes{};
  std::size_t size = 0;
  std::string_view fault = {};

  std::size_t data_size() const noexcept { return size - kAround; }
};

Line read_line(std::string_view digits) noexcept {
  Line line;
  if (digits.size() % 2 != 0 || digits.size() / 2 < kAround || digits.size() / 2 > kMostLine) {
    line.fault = "the line has a wrong length";
    return line;
  }
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = digit(digits[i]);
    const auto low = digit(digits[i + 1]);
    if (!high || !low) {
      line.fault = "a character is no hexadecimal digit";
      return line;
    }
    const unsigned value = *high * 16 + *low;
    line.bytes[line.size++] = static_cast<std::uint8_t>(value);
    sum += value;
  }
  if (line.bytes[0] != line.data_size()) line.fault = "the line has a wrong length";
  if (line.fault.empty() && (sum & 0xFFU) != 0) line.fault = "the checksum is wrong";
  return line;
}

/// True for a type that says where the data belong, and says 0: that is where they are anyway.
bool changes_nothing(const Line& line) noexcept {
  const std::uint8_t type = line.bytes[3];
  if (type == kStartSegment || type == kStartAddress) return true;
  if (type != kSegment && type != kUpperAddress) return false;
  return line.data_size() == 2 && line.bytes[4] == 0 && line.bytes[5] == 0;
}

std::string_view take(const Line& line, std::size_t room, std::vector<HexRecord>& records) {
  const std::size_t size = line.data_size();
  const std::size_t address = line.bytes[1] * std::size_t{256} + line.bytes[2];
  if (changes_nothing(line) || (line.bytes[3] == kData && size == 0)) return {};
  if (line.bytes[3] != kData) return "the record is of a kind that this adapter cannot have";
  if (address + size > room) return "the address is beyond the memory of this adapter";
  HexRecord record;
  record.address = static_cast<std::uint16_t>(address);
  record.data.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    record.data.push_back(static_cast<std::byte>(line.bytes[4 + i]));
  }
  records.push_back(std::move(record));
  return {};
}

std::string_view without_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

HexFile parse_intel_hex(std::string_view text, std::size_t room) {
  HexFile file;
  if (text.size() > kMostHexText) {
    file.fault = "the file is too long";
    return file;
  }
  bool ended = false;
  while (!text.empty() && file.good()) {
    ++file.line;
    const std::size_t end = text.find('\n');
    const std::string_view written = without_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (written.empty()) continue;
    if (ended) {
      file.fault = "something follows the end record";
    } else if (written.front() != ':') {
      file.fault = "the line does not begin with a colon";
    } else {
      const Line line = read_line(written.substr(1));
      file.fault = line.fault;
      if (!file.good()) break;
      ended = line.bytes[3] == kEndOfFile;
      if (!ended) file.fault = take(line, room, file.records);
    }
  }
  if (file.good() && !ended) file.fault = "the end record is missing";
  if (file.good() && file.records.empty()) file.fault = "there is no data in it";
  if (!file.good()) file.records.clear();
  return file;
}

}  // namespace visa::drivers::gpib::agilent
