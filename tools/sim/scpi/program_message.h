// SPDX-License-Identifier: MIT
// Takes a program message apart: units separated by ';', headers with SCPI's current path,
// parameters of every IEEE 488.2 kind (7.6, 7.7; SCPI-99 volume 1 chapter 6). Pure: no state beyond
// the message.
//
// All views point into the message given to the parser. Bounds: kMaxNodes, kMaxArguments.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace visa::sim {

inline constexpr std::size_t kMaxNodes = 12;
inline constexpr std::size_t kMaxArguments = 32;

struct Argument {
  enum class Kind : std::uint8_t { number, mnemonic, string, block, expression };
  Kind kind = Kind::number;
  /// number and mnemonic: as sent; string: without its outer quotes, inner ones still doubled;
  /// block: its data; expression: with its parentheses.
  std::string_view text;
};

/// One program message unit.
struct Unit {
  bool common = false;  ///< "*IDN": nodes[0] is the name without the asterisk
  bool query = false;
  std::array<std::string_view, kMaxNodes> nodes;
  std::size_t node_count = 0;
  std::array<Argument, kMaxArguments> arguments;
  std::size_t argument_count = 0;
  std::string_view header;  ///< as sent, for error texts
};

class ProgramMessage {
 public:
  explicit ProgramMessage(std::string_view message) : rest_(message) {}

  enum class Result : std::uint8_t { unit, end, error };
  /// Parses the next unit into `unit`. After an error the rest of the message is not looked at
  /// (488.2 6.1.6.1.1: a parser that has lost its place discards to the terminator).
  Result next(Unit& unit);
  /// The SCPI error code of the last `error`.
  int error() const noexcept { return error_; }

 private:
  Result fail(int code);
  bool header(Unit& unit);
  bool scpi_header(Unit& unit);
  bool arguments(Unit& unit);
  bool argument(Argument& argument);
  bool string_argument(Argument& argument);
  bool hash_argument(Argument& argument);
  void skip_blanks();

  std::string_view rest_;
  int error_ = 0;
  bool first_ = true;
  /// SCPI's current path: the nodes of the last header without its last one.
  std::array<std::string_view, kMaxNodes> path_;
  std::size_t path_count_ = 0;
};

/// A number with an optional unit and SI prefix ("2.5", "-1E3", "100 mV", "1.2MHz", "#HFF").
/// Nothing when `text` is not one. `unit`: the one that may follow; "*": any of SCPI's, empty:
/// none.
std::optional<double> parse_number(std::string_view text, std::string_view unit = "*");

/// Short or long form of `pattern` ("VOLTage": VOLT or VOLTAGE), in any case; nothing in between.
bool matches_mnemonic(std::string_view pattern, std::string_view text) noexcept;

char upper(char c) noexcept;
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

}  // namespace visa::sim
