// SPDX-License-Identifier: MIT
// An axis with round numbers at its ticks and a unit with the prefix that keeps them short. Values;
// any thread.
#pragma once

#include <string>
#include <vector>

namespace visa::tool {

struct Tick {
  double value = 0;
  std::string text;
};

class Axis {
 public:
  /// From `least` to `most`, which may be equal, with about `wanted` ticks.
  Axis(double least, double most, int wanted, std::string unit);

  double least() const noexcept { return least_; }
  double most() const noexcept { return most_; }
  /// 0 at the least, 1 at the most value.
  double share(double value) const noexcept { return (value - least_) / (most_ - least_); }
  const std::vector<Tick>& ticks() const noexcept { return ticks_; }
  /// "ms"; empty without a unit.
  const std::string& unit() const noexcept { return unit_; }

 private:
  double least_;
  double most_;
  std::string unit_;
  std::vector<Tick> ticks_;
};

}  // namespace visa::tool
