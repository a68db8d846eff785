// SPDX-License-Identifier: MIT
// Ticks are multiples of 1, 2 or 5 times a power of ten.
#include "tools/freevisa/plot/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace visa::tool {
namespace {

double round_step(double range, int wanted) {
  const double rough = range / std::max(wanted, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  const double share = rough / power;
  return (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10) * power;
}

}  // namespace

Axis::Axis(double least, double most, int wanted, std::string unit)
    : least_(least), most_(most), unit_(std::move(unit)) {
  if (!(most_ > least_)) {
    const double around = std::max(std::fabs(least_) * 0.1, least_ == 0 ? 1.0 : 1e-12);
    least_ -= around;
    most_ = least_ + 2 * around;
  }
  constexpr std::array<const char*, 11> kPrefixes = {"f", "p", "n", "u", "m", "",
                                                     "k", "M", "G", "T", "P"};
  constexpr int kNone = 5;
  const double largest = std::max(std::fabs(least_), std::fabs(most_));
  int prefix = static_cast<int>(std::floor(std::log10(largest) / 3 + 1e-9));
  prefix = unit_.empty() ? 0 : std::clamp(prefix, -kNone, kNone);
  const double scale = std::pow(1000, prefix);
  if (!unit_.empty()) unit_ = kPrefixes.at(static_cast<std::size_t>(prefix + kNone)) + unit_;
  const double step = round_step(most_ - least_, wanted);
  const int digits =
      std::clamp(static_cast<int>(std::ceil(-std::log10(step / scale) - 1e-9)), 0, 12);
  const bool plain = !unit_.empty() || (largest < 1e7 && digits < 7);
  for (double at = std::ceil(least_ / step - 1e-9); at * step <= most_ + step * 1e-9; ++at) {
    std::array<char, 48> text{};
    const double shown = at == 0 ? 0 : at * step / scale;
    std::snprintf(text.data(), text.size(), plain ? "%.*f" : "%.*g", plain ? digits : 6, shown);
    ticks_.push_back({at * step, text.data()});
  }
}

}  // namespace visa::tool
