// SPDX-License-Identifier: MIT
// The points of a waveform, from what an oscilloscope answers: numbers as text, or a block of
// integers or floats with a preamble that says what they mean. Values; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

/// Thrown for data that is not what the user or the preamble says; the text is for the user.
struct SeriesFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class SampleType { ascii, int8, uint8, int16, uint16, int32, uint32, float32, float64 };

/// "format, type, points, count, x increment, x origin, x reference, y increment, y origin, y
/// reference", as the WAVeform:PREamble? of Keysight, Rigol and Siglent has them.
struct Preamble {
  int format = 0;  ///< 0 bytes, 1 words, otherwise text or floats
  std::size_t points = 0;
  double x_increment = 1;
  double x_origin = 0;
  double x_reference = 0;
  double y_increment = 1;
  double y_origin = 0;
  double y_reference = 0;
  std::string x_unit = "s";
  std::string y_unit = "V";
  // Of Tektronix, whose text and floats are codes, too:
  std::optional<SampleType> type = {};
  std::optional<bool> little = {};
};
/// Nothing if `answer` is no such list.
std::optional<Preamble> parse_preamble(std::string_view answer);

/// What asks oscilloscopes of Tektronix for the same.
inline constexpr std::string_view kTektronixPreamble =
    "WFMOutpre:BYT_Nr?;BN_Fmt?;BYT_Or?;XINcr?;XZEro?;PT_Off?;YMUlt?;YOFf?;YZEro?;XUNit?;YUNit?";
/// Its eleven answers, with or without their headers. Nothing if `answer` is something else.
std::optional<Preamble> parse_tektronix(std::string_view answer);

std::optional<SampleType> sample_type_named(std::string_view name);
std::size_t width_of(SampleType number) noexcept;  ///< in bytes; 0 of ascii

/// The numbers of `data`, an answer without the header of its block. Throws SeriesFault.
std::vector<double> decode(std::string_view data, SampleType number, bool little);
/// What `data` is made of, as far as that can be told; nothing for a block without preamble.
std::optional<SampleType> guess_type(std::string_view data, bool block,
                                     const std::optional<Preamble>& preamble);

struct Series {
  std::vector<double> y;
  double x_origin = 0;
  double x_increment = 1;
  std::string title;
  std::string x_unit;
  std::string y_unit;
};
/// Integers are scaled as the preamble says; text and floats are volts already, but Tektronix's.
Series make_series(std::vector<double> numbers, SampleType number,
                   const std::optional<Preamble>& preamble);

}  // namespace visa::tool
