// SPDX-License-Identifier: MIT
// Mean and deviation are updated with each value (Welford), so that no reading has to be kept.
#include "tools/freevisa/reading.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace visa::tool {
namespace {

constexpr double kOverload = 9.9e37;  // SCPI 1999, 7.2.1.4 and 7.2.1.5
constexpr std::array<const char*, 8> kBlocks = {"\xE2\x96\x81", "\xE2\x96\x82", "\xE2\x96\x83",
                                                "\xE2\x96\x84", "\xE2\x96\x85", "\xE2\x96\x86",
                                                "\xE2\x96\x87", "\xE2\x96\x88"};
constexpr std::array<const char*, 8> kLetters = {"_", ".", "-", "~", "=", "+", "*", "#"};

}  // namespace

std::optional<double> number_of(std::string_view answer) {
  const std::size_t begin = answer.find_first_not_of(" \t\"");
  if (begin == std::string_view::npos) return std::nullopt;
  answer.remove_prefix(begin);
  if (answer.starts_with('+')) answer.remove_prefix(1);
  double number = 0;
  const auto [stop, code] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
  if (code != std::errc() || !std::isfinite(number) || std::fabs(number) >= kOverload)
    return std::nullopt;
  return number;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

void Statistics::add(double value) {
  ++count_;
  least_ = count_ == 1 ? value : std::min(least_, value);
  most_ = count_ == 1 ? value : std::max(most_, value);
  const double distance = value - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (value - mean_);
}

double Statistics::deviation() const {
  return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
}

std::string sparkline(const std::deque<double>& values, std::size_t width, bool unicode) {
  const std::size_t first = values.size() > width ? values.size() - width : 0;
  if (first == values.size()) return "";
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
  const auto [least, most] = std::minmax_element(begin, values.end());
  const double range = *most - *least;
  std::string line;
  for (auto value = begin; value != values.end(); ++value) {
    const double share = range > 0 ? (*value - *least) / range : 0.5;
    const auto level = static_cast<std::size_t>(std::clamp(share * 8, 0.0, 7.0));
    line += unicode ? kBlocks.at(level) : kLetters.at(level);
  }
  return line;
}

}  // namespace visa::tool
