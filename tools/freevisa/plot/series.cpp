// SPDX-License-Identifier: MIT
// Bytes are put together by value, so that the order of this machine's bytes does not matter.
#include "tools/freevisa/plot/series.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

namespace visa::tool {
namespace {

struct Named {
  std::string_view name;
  SampleType number;
  std::size_t width;
};
constexpr Named kNumbers[] = {
    {"ascii", SampleType::ascii, 0},     {"int8", SampleType::int8, 1},
    {"uint8", SampleType::uint8, 1},     {"int16", SampleType::int16, 2},
    {"uint16", SampleType::uint16, 2},   {"int32", SampleType::int32, 4},
    {"uint32", SampleType::uint32, 4},   {"float32", SampleType::float32, 4},
    {"float64", SampleType::float64, 8},
};

constexpr std::string_view kSeparators = ",; \t\r\n";

std::vector<double> decode_text(std::string_view text) {
  std::vector<double> numbers;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) return numbers;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(kSeparators));
    const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
    double number = 0;
    const auto [stop, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (code != std::errc() || stop != digits.data() + digits.size())
      throw SeriesFault("'" + std::string(word.substr(0, 40)) + "' is no number");
    numbers.push_back(number);
    text.remove_prefix(word.size());
  }
}

template <class Bits, class Value>
double as(std::uint64_t bits) {
  const auto narrow = static_cast<Bits>(bits);
  Value value{};
  static_assert(sizeof narrow == sizeof value);
  std::memcpy(&value, &narrow, sizeof value);
  return static_cast<double>(value);
}

double value_of(std::uint64_t bits, SampleType number) {
  switch (number) {
    case SampleType::int8:
      return as<std::uint8_t, std::int8_t>(bits);
    case SampleType::int16:
      return as<std::uint16_t, std::int16_t>(bits);
    case SampleType::int32:
      return as<std::uint32_t, std::int32_t>(bits);
    case SampleType::float32:
      return as<std::uint32_t, float>(bits);
    case SampleType::float64:
      return as<std::uint64_t, double>(bits);
    default:
      return static_cast<double>(bits);
  }
}

}  // namespace

std::optional<SampleType> sample_type_named(std::string_view name) {
  for (const Named& one : kNumbers)
    if (one.name == name) return one.number;
  return std::nullopt;
}

std::size_t width_of(SampleType number) noexcept {
  for (const Named& one : kNumbers)
    if (one.number == number) return one.width;
  return 0;
}

std::optional<Preamble> parse_preamble(std::string_view answer) {
  std::vector<double> fields;
  try {
    fields = decode_text(answer);
  } catch (const SeriesFault&) {
    return std::nullopt;
  }
  constexpr double kMostPoints = 1e9;
  if (fields.size() != 10 || !(fields[2] >= 0 && fields[2] <= kMostPoints) ||
      !(std::fabs(fields[0]) < 100))
    return std::nullopt;
  Preamble preamble;
  preamble.format = static_cast<int>(fields[0]);
  preamble.points = static_cast<std::size_t>(fields[2]);
  preamble.x_increment = fields[4];
  preamble.x_origin = fields[5];
  preamble.x_reference = fields[6];
  preamble.y_increment = fields[7];
  preamble.y_origin = fields[8];
  preamble.y_reference = fields[9];
  return preamble;
}

std::optional<Preamble> parse_tektronix(std::string_view answer) {
  std::vector<std::string> fields(1);
  for (const char letter : answer) {
    if (letter == ';') {
      fields.emplace_back();
    } else if (letter == ' ' || letter == '\t') {
      fields.back().clear();  // what came was the header
    } else if (letter != '"' && letter != '\r' && letter != '\n') {
      fields.back() += letter;
    }
  }
  constexpr std::size_t kFields = 11;
  constexpr std::size_t kScale = 6;  // from the fourth on
  if (fields.size() != kFields) return std::nullopt;
  std::array<double, kScale> numbers{};
  for (std::size_t i = 0; i < kScale; ++i) {
    try {
      numbers.at(i) = decode_text(fields[i + 3]).at(0);
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }
  Preamble preamble;
  const std::string kind = fields[1] + fields[0];  // "RI2": signed, two bytes
  constexpr std::pair<std::string_view, SampleType> kKinds[] = {
      {"RI1", SampleType::int8},    {"RI2", SampleType::int16},  {"RI4", SampleType::int32},
      {"RP1", SampleType::uint8},   {"RP2", SampleType::uint16}, {"RP4", SampleType::uint32},
      {"FP4", SampleType::float32}, {"FP8", SampleType::float64}};
  for (const auto& [name, type] : kKinds)
    if (kind == name) preamble.type = type;
  if (!preamble.type) return std::nullopt;
  preamble.little = fields[2] == "LSB";
  preamble.x_increment = numbers[0];
  preamble.x_origin = numbers[1];
  preamble.x_reference = numbers[2];
  preamble.y_increment = numbers[3];
  preamble.y_reference = numbers[4];
  preamble.y_origin = numbers[5];
  preamble.x_unit = fields[9];
  preamble.y_unit = fields[10];
  return preamble;
}

std::vector<double> decode(std::string_view data, SampleType number, bool little) {
  if (number == SampleType::ascii) return decode_text(data);
  const std::size_t width = width_of(number);
  if (data.size() % width != 0)
    throw SeriesFault(std::to_string(data.size()) + " bytes are no whole number of points of " +
                      std::to_string(width) + " bytes");
  std::vector<double> numbers;
  numbers.reserve(data.size() / width);
  for (std::size_t at = 0; at < data.size(); at += width) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t place = little ? width - 1 - i : i;
      bits = bits << 8 | static_cast<unsigned char>(data[at + place]);
    }
    numbers.push_back(value_of(bits, number));
  }
  return numbers;
}

std::optional<SampleType> guess_type(std::string_view data, bool block,
                                     const std::optional<Preamble>& preamble) {
  const bool text =
      data.find_first_not_of("0123456789+-.eEaAnNiIfF,; \t\r\n") == std::string_view::npos;
  if (!block) return text ? std::optional(SampleType::ascii) : std::nullopt;
  if (preamble && preamble->type) return preamble->type;
  if (!preamble || preamble->points == 0) return std::nullopt;
  const bool small = std::fabs(preamble->y_reference) < 64;  // the middle of codes with a sign
  switch (data.size() / preamble->points) {
    case 1:
      return small ? SampleType::int8 : SampleType::uint8;
    case 2:
      return small ? SampleType::int16 : SampleType::uint16;
    case 4:
      if (preamble->format > 1) return SampleType::float32;
      return SampleType::int32;
    case 8:
      if (preamble->format > 1 && !text) return SampleType::float64;
      break;
    default:
      break;
  }
  return text ? std::optional(SampleType::ascii) : std::nullopt;
}

Series make_series(std::vector<double> numbers, SampleType number,
                   const std::optional<Preamble>& preamble) {
  Series series;
  series.y = std::move(numbers);
  if (!preamble) return series;
  series.x_unit = preamble->x_unit;
  series.y_unit = preamble->y_unit;
  series.x_increment = preamble->x_increment;
  series.x_origin = preamble->x_origin - preamble->x_reference * preamble->x_increment;
  const bool scaled =
      preamble->type || (number != SampleType::ascii && number != SampleType::float32 &&
                         number != SampleType::float64);
  if (!scaled) return series;
  for (double& y : series.y)
    y = (y - preamble->y_reference) * preamble->y_increment + preamble->y_origin;
  return series;
}

}  // namespace visa::tool
