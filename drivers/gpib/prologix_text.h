// SPDX-License-Identifier: MIT
// The text protocol of Prologix and its relatives: lines that begin with "++" are for the adapter,
// all others go to the instrument, with CR, LF, ESC and + escaped in them. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "drivers/gpib/gpib_address.h"

namespace visa::drivers::gpib {

/// The families that differ in more than words.
enum class AdapterKind : std::uint8_t { prologix, ar488, galvant };

struct AdapterDialect {
  AdapterKind kind = AdapterKind::prologix;
  /// For texts: "Prologix", "AR488", "Galvant GPIBUSB".
  std::string_view label = "Prologix";
  /// What the adapter adds to an answer when it has seen EOI.
  std::uint8_t end_mark = 0x04;
  /// A line that arrives while the adapter reads ends the reading: the question that closes an
  /// answer has to wait until the answer seems to be over. Firmware of the AR488 before 0.50, and
  /// its early forks.
  bool reads_alone = false;
};

/// By the answer to ++ver. Anything unknown counts as a Prologix.
AdapterDialect dialect_of(std::string_view version) noexcept;

/// What puts an adapter of this dialect into a known state. Each line ends with LF.
std::string setup_lines(const AdapterDialect& dialect);

/// Appends `data` as the adapter has to get it so that the instrument gets `data`.
void append_escaped(std::string& line, std::span<const std::byte> data);

/// " 5" or " 5 98": secondary addresses go as 96 to 126.
std::string address_arguments(const Address& address);

/// The number that an answer consists of ("80\r\n"), blanks around it apart; nothing for anything
/// else, also for a number above 65535.
std::optional<unsigned> number_in(std::string_view answer) noexcept;

}  // namespace visa::drivers::gpib
