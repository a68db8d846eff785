// SPDX-License-Identifier: MIT
// Where a device or board sits on a GPIB bus, and the command bytes of IEEE 488.1 that address it.
// A value type; pure functions.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace visa::drivers::gpib {

/// The highest primary and secondary address of IEEE 488.1: 31 would be UNL, UNT or "any".
inline constexpr std::uint8_t kMostAddress = 30;

// IEEE 488.1 multiline messages, sent with ATN asserted.
inline constexpr std::uint8_t kGtl = 0x01;  // go to local
inline constexpr std::uint8_t kSdc = 0x04;  // selected device clear
inline constexpr std::uint8_t kGet = 0x08;  // group execute trigger
inline constexpr std::uint8_t kTct = 0x09;  // take control
inline constexpr std::uint8_t kLlo = 0x11;  // local lockout
inline constexpr std::uint8_t kDcl = 0x14;  // device clear, of all devices
inline constexpr std::uint8_t kSpe = 0x18;  // serial poll enable
inline constexpr std::uint8_t kSpd = 0x19;  // serial poll disable
inline constexpr std::uint8_t kLad = 0x20;  // listen address of primary 0
inline constexpr std::uint8_t kUnl = 0x3F;  // unlisten
inline constexpr std::uint8_t kTad = 0x40;  // talk address of primary 0
inline constexpr std::uint8_t kUnt = 0x5F;  // untalk
inline constexpr std::uint8_t kMsa = 0x60;  // my secondary address 0

struct Address {
  std::uint8_t primary = 0;  // 0 to 30
  /// 0 to 30, as VISA counts; nothing: the device has none. 0 is an address, not "none".
  std::optional<std::uint8_t> secondary = std::nullopt;

  friend auto operator<=>(const Address&, const Address&) = default;

  /// "5" or "5::2", as in a resource name.
  std::string text() const;
};

/// Appends what makes the device listen or talk: one byte, or two with a secondary address.
void append_listen(std::vector<std::byte>& bytes, const Address& address);
void append_talk(std::vector<std::byte>& bytes, const Address& address);

}  // namespace visa::drivers::gpib
