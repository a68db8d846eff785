// SPDX-License-Identifier: MIT
// Firmware in Intel's hexadecimal format: lines of ":LLAAAATT<data>CC". Only what fits a processor
// with 16 address bits is taken. The file comes from outside: each length, digit and checksum is
// looked at. Pure: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace visa::drivers::gpib::agilent {

/// A line of data, as it goes to the adapter.
struct HexRecord {
  std::uint16_t address = 0;
  std::vector<std::byte> data = {};  // 1 to 255 bytes
};

struct HexFile {
  std::vector<HexRecord> records = {};
  /// What is wrong with the text, and in which line; "" for nothing.
  std::string_view fault = {};
  std::size_t line = 0;

  bool good() const noexcept { return fault.empty(); }
};

/// The most bytes of a file.
inline constexpr std::size_t kMostHexText = std::size_t{256} * 1024;

/// `room`: the addresses go from 0 to below it, at most 65536.
HexFile parse_intel_hex(std::string_view text, std::size_t room);

}  // namespace visa::drivers::gpib::agilent
