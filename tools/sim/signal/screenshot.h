// SPDX-License-Identifier: MIT
// Draws an instrument's screen: grid, traces, settings. Made for one HCOPy:SDUMp:DATA?, a value.
#pragma once

#include <cstddef>
#include <string>

#include "tools/sim/signal/picture.h"
#include "tools/sim/signal/waveform.h"

namespace visa::sim {

class Screenshot {
 public:
  static constexpr int kWidth = 800;
  static constexpr int kHeight = 480;
  static constexpr std::size_t kMostTraces = 4;
  static constexpr std::size_t kPoints = std::size_t{760} * 8;  ///< samples a trace is drawn from

  Screenshot(const std::string& title, double time_scale);

  /// Draws a channel; `offset` is the voltage at the middle of the screen, `scale` volts a
  /// division.
  void trace(std::size_t channel, const Signal& signal, const Sampling& sampling, double offset,
             double scale);

  std::string png() const;
  const Picture& picture() const noexcept { return picture_; }

 private:
  Picture picture_;
};

/// "500 mV", "2 us": a value with SI prefix, for labels.
std::string engineering(double value, std::string_view unit);

}  // namespace visa::sim
