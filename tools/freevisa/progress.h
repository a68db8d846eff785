// SPDX-License-Identifier: MIT
// The bar of a long transfer, on standard error when that is a terminal: how much came, of how
// much, how fast, how long it still takes. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace visa::tool {

/// "12.3 MB": three digits and a unit of 1000.
std::string size_text(double bytes);
/// The line that is shown. `total` is 0 where nobody knows it.
std::string progress_line(std::size_t done, std::size_t total, double seconds, int width);

class Progress {
 public:
  /// Shows nothing before the transfer has taken half a second.
  Progress();
  /// Takes the bar away.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Whether advance() can show anything.
  bool shown() const noexcept { return shown_; }
  void advance(std::size_t done, std::size_t total);

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  bool drawn_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

}  // namespace visa::tool
