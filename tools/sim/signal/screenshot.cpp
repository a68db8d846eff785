// SPDX-License-Identifier: MIT
// A grid of ten by eight divisions, as oscilloscopes have it.
#include "tools/sim/signal/screenshot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>

namespace visa::sim {
namespace {

constexpr int kLeft = 20;
constexpr int kTop = 36;
constexpr int kGridWidth = 760;   // 10 divisions of 76
constexpr int kGridHeight = 400;  // 8 divisions of 50
constexpr int kMiddle = kTop + kGridHeight / 2;

enum : std::uint8_t { kBackground, kScreen, kGrid, kAxis, kText, kFirstTrace };

constexpr Palette kPalette = {{{24, 26, 32},
                               {8, 10, 14},
                               {48, 54, 62},
                               {84, 92, 104},
                               {214, 220, 228},
                               {255, 212, 64},
                               {72, 208, 255},
                               {255, 128, 176},
                               {128, 232, 128}}};

}  // namespace

std::string engineering(double value, std::string_view unit) {
  struct Prefix {
    double factor;
    const char* name;
  };
  constexpr std::array<Prefix, 5> kPrefixes = {
      {{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"}}};
  const Prefix* chosen = &kPrefixes.back();
  for (const Prefix& prefix : kPrefixes) {
    if (std::abs(value) >= prefix.factor * 0.9999999) {
      chosen = &prefix;
      break;
    }
  }
  if (value == 0) chosen = &kPrefixes.front();
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.4g %s", value / chosen->factor, chosen->name);
  return text.data() + std::string(unit);
}

Screenshot::Screenshot(const std::string& title, double time_scale) : picture_(kWidth, kHeight) {
  for (int y = kTop; y <= kTop + kGridHeight; ++y) {
    picture_.horizontal(y, kLeft, kLeft + kGridWidth, kScreen);
  }
  for (int division = 0; division <= 10; ++division) {
    picture_.vertical(kLeft + division * kGridWidth / 10, kTop, kTop + kGridHeight,
                      division == 2 ? kAxis : kGrid);
  }
  for (int division = 0; division <= 8; ++division) {
    picture_.horizontal(kTop + division * kGridHeight / 8, kLeft, kLeft + kGridWidth,
                        division == 4 ? kAxis : kGrid);
  }
  picture_.text(kLeft, 12, title.substr(0, 40), kText, 2);
  const std::string label = engineering(time_scale, "s/div");
  picture_.text(kLeft + kGridWidth - static_cast<int>(label.size()) * 12, 12, label, kText, 2);
}

void Screenshot::trace(std::size_t channel, const Signal& signal, const Sampling& sampling,
                       double offset, double scale) {
  const auto color = static_cast<std::uint8_t>(kFirstTrace + channel);
  const std::size_t per_column = std::max<std::size_t>(1, sampling.points / kGridWidth);
  int low = kMiddle;
  int high = kMiddle;
  int last = 0;
  bool first_of_all = true;
  sample(signal, sampling, [&](std::size_t first, std::span<const float> volts) {
    for (std::size_t i = 0; i < volts.size(); ++i) {
      const double divisions = (static_cast<double>(volts[i]) - offset) / scale;
      const double clipped = std::clamp(divisions, -4.0, 4.0);
      const int y = kMiddle - static_cast<int>(std::lround(clipped * kGridHeight / 8));
      const bool column_begins = (first + i) % per_column == 0;
      if (first_of_all) {
        low = high = last = y;
        first_of_all = false;
      } else if (column_begins) {  // starts where the last column ended, so that the line is closed
        low = high = last;
      }
      low = std::min(low, y);
      high = std::max(high, y);
      last = y;
      const int x = kLeft + static_cast<int>((first + i) / per_column);
      if (x <= kLeft + kGridWidth) picture_.vertical(x, low, high, color);
    }
  });
  const std::string label = "CH" + std::to_string(channel + 1) + " " + engineering(scale, "V/div");
  picture_.text(kLeft + static_cast<int>(channel) * 190, kHeight - 30, label, color, 2);
}

std::string Screenshot::png() const {
  return picture_.png(kPalette);
}

}  // namespace visa::sim
