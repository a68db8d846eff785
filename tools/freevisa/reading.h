// SPDX-License-Identifier: MIT
// Readings of a meter: the number in an answer, what a series of them was, and how a series looks
// in one line. Values; any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace visa::tool {

/// The first number of an answer; nothing if it begins with none, or with SCPI's stand-ins for
/// overload (9.9E37) and "not a number" (9.91E37).
std::optional<double> number_of(std::string_view answer);
/// The shortest text that is read back as the same number.
std::string number_text(double number);

/// Of all readings so far.
class Statistics {
 public:
  void add(double value);
  std::size_t count() const noexcept { return count_; }
  double least() const noexcept { return least_; }
  double most() const noexcept { return most_; }
  double mean() const noexcept { return mean_; }
  /// The standard deviation of the sample; 0 of fewer than two.
  double deviation() const;

 private:
  std::size_t count_ = 0;
  double least_ = 0;
  double most_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of the distances from the mean (Welford)
};

/// A character for each value, the last `width` of them, between the least and the most of these.
/// Without `unicode` in ASCII.
std::string sparkline(const std::deque<double>& values, std::size_t width, bool unicode);

}  // namespace visa::tool
