// SPDX-License-Identifier: MIT
// Decimal numbers with SI prefix and unit (IEEE 488.2 7.7.2, 7.7.3; SCPI-99 volume 1 7.7.3) and the
// non-decimal #H, #Q, #B (488.2 7.7.4).
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>

#include "tools/sim/scpi/program_message.h"

namespace visa::sim {
namespace {

constexpr std::array<std::string_view, 9> kUnits = {"V", "A", "OHM", "HZ", "S",
                                                    "W", "F", "PCT", "PTS"};

struct Prefix {
  std::string_view name;
  double factor;
};
constexpr std::array kPrefixes = std::to_array<Prefix>({{"EX", 1e18},
                                                        {"PE", 1e15},
                                                        {"T", 1e12},
                                                        {"G", 1e9},
                                                        {"MA", 1e6},
                                                        {"K", 1e3},
                                                        {"M", 1e-3},
                                                        {"U", 1e-6},
                                                        {"N", 1e-9},
                                                        {"P", 1e-12}});

// Factor of "MV", "KHZ", "MAHZ"...; an M before HZ or OHM is mega by tradition (SCPI-99 7.7.3.1).
std::optional<double> suffix_factor(std::string_view suffix, std::string_view allowed) {
  if (suffix.empty()) return 1.0;
  const std::span<const std::string_view> one(&allowed, allowed.empty() ? 0 : 1);
  for (const std::string_view unit : allowed == "*" ? std::span(kUnits) : one) {
    if (suffix.size() < unit.size() ||
        !equal_ignoring_case(suffix.substr(suffix.size() - unit.size()), unit)) {
      continue;
    }
    const std::string_view name = suffix.substr(0, suffix.size() - unit.size());
    if (name.empty()) return 1.0;
    if (equal_ignoring_case(name, "M") &&
        (equal_ignoring_case(unit, "HZ") || equal_ignoring_case(unit, "OHM"))) {
      return 1e6;
    }
    for (const Prefix& prefix : kPrefixes) {
      if (equal_ignoring_case(name, prefix.name)) return prefix.factor;
    }
  }
  return std::nullopt;
}

std::optional<double> parse_non_decimal(std::string_view text) {
  int base = 0;
  switch (upper(text[1])) {
    case 'H':
      base = 16;
      break;
    case 'Q':
      base = 8;
      break;
    case 'B':
      base = 2;
      break;
    default:
      return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data() + 2, text.data() + text.size(), value, base);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<double>(value);
}

}  // namespace

std::optional<double> parse_number(std::string_view text, std::string_view unit) {
  if (text.size() > 2 && text.front() == '#') return parse_non_decimal(text);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return std::nullopt;
  }
  const std::string_view digits = !text.empty() && text.front() == '-' ? text.substr(1) : text;
  // from_chars would also take "inf" and "nan".
  if (digits.empty() ||
      !((digits.front() >= '0' && digits.front() <= '9') || digits.front() == '.')) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc()) return std::nullopt;
  std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!suffix.empty() && suffix.front() == ' ') suffix.remove_prefix(1);
  const std::optional<double> factor = suffix_factor(suffix, unit);
  if (!factor || !std::isfinite(value * *factor)) return std::nullopt;
  return value * *factor;
}

}  // namespace visa::sim
