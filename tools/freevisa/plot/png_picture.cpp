// SPDX-License-Identifier: MIT
// The picture of 16 colours and the letters are those of the bench's oscilloscope. The curve is
// drawn three times as fine and shown in shades, so that it has no steps.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/freevisa/plot/picture.h"
#include "tools/sim/signal/picture.h"

namespace visa::tool {
namespace {

constexpr int kFine = 3;
constexpr int kLetter = 6;  // width of a letter at scale 1, with the gap
constexpr int kScale = 2;

// From the paper to the curve's colour, over paper and over the grid, then grid, frame and text.
enum : std::uint8_t { kPaper = 0, kShades = 1, kGrid = 10, kInk = 11 };
constexpr int kShadeCount = 9;

sim::Palette palette() {
  sim::Palette colors{};
  colors.fill({255, 255, 255});
  const auto mix = [](int from, int to, int share) {
    return static_cast<std::uint8_t>(from + (to - from) * share / kShadeCount);
  };
  for (int i = 1; i <= kShadeCount; ++i)
    colors.at(static_cast<std::size_t>(kShades + i - 1)) = {mix(255, 16, i), mix(255, 96, i),
                                                            mix(255, 192, i)};
  colors.at(kGrid) = {208, 208, 208};
  colors.at(kInk) = {32, 32, 32};
  return colors;
}

/// Bits of the curve, kFine times as many in each direction.
class Stencil {
 public:
  explicit Stencil(PictureSize size)
      : width_(size.width * kFine),
        height_(size.height * kFine),
        bits_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

  void line(Dot from, Dot to) {
    const double x = from.x * kFine;
    const double y = from.y * kFine;
    const double dx = to.x * kFine - x;
    const double dy = to.y * kFine - y;
    const int steps =
        std::max(1, static_cast<int>(std::ceil(std::max(std::fabs(dx), std::fabs(dy)))));
    for (int i = 0; i <= steps; ++i)
      spot(static_cast<int>(std::lround(x + dx * i / steps)),
           static_cast<int>(std::lround(y + dy * i / steps)));
  }
  /// How many bits of the dot are set.
  int cover(int x, int y) const {
    int count = 0;
    for (int row = y * kFine; row < (y + 1) * kFine; ++row)
      for (int column = x * kFine; column < (x + 1) * kFine; ++column)
        count += bits_[at(column, row)] ? 1 : 0;
    return count;
  }

 private:
  std::size_t at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
           static_cast<std::size_t>(x);
  }
  void spot(int x, int y) {
    constexpr int kHalf = 2;
    for (int row = std::max(y - kHalf, 0); row <= std::min(y + kHalf, height_ - 1); ++row)
      for (int column = std::max(x - kHalf, 0); column <= std::min(x + kHalf, width_ - 1); ++column)
        if (std::abs(row - y) + std::abs(column - x) <= kHalf + 1) bits_[at(column, row)] = true;
  }

  int width_;
  int height_;
  std::vector<bool> bits_;
};

int width_of_text(std::string_view text) {
  return static_cast<int>(text.size()) * kLetter * kScale;
}

void draw_axes(sim::Picture& picture, const Series& series, const Axis& x, const Axis& y,
               const Frame& frame) {
  for (const Tick& tick : x.ticks()) {
    const int at = frame.left +
                   static_cast<int>(std::lround(x.share(tick.value) * (frame.right - frame.left)));
    picture.vertical(at, frame.top, frame.bottom, kGrid);
    picture.text(at - width_of_text(tick.text) / 2, frame.bottom + 8, tick.text, kInk, kScale);
  }
  for (const Tick& tick : y.ticks()) {
    const int at = frame.bottom -
                   static_cast<int>(std::lround(y.share(tick.value) * (frame.bottom - frame.top)));
    picture.horizontal(at, frame.left, frame.right, kGrid);
    picture.text(frame.left - 8 - width_of_text(tick.text), at - 7, tick.text, kInk, kScale);
  }
  for (const int at : {frame.left, frame.right})
    picture.vertical(at, frame.top, frame.bottom, kInk);
  for (const int at : {frame.top, frame.bottom})
    picture.horizontal(at, frame.left, frame.right, kInk);
  picture.text(frame.right - width_of_text(x.unit()), frame.bottom + 32, x.unit(), kInk, kScale);
  picture.text(frame.left - width_of_text(y.unit()), frame.top - 24, y.unit(), kInk, kScale);
  picture.text((frame.left + frame.right - width_of_text(series.title)) / 2, frame.top - 36,
               series.title, kInk, kScale);
}

}  // namespace

std::string png_picture(const Series& series, PictureSize size) {
  const Frame frame = frame_in(size);
  const Axis x = x_axis(series);
  const Axis y = y_axis(series);
  sim::Picture picture(size.width, size.height);
  for (int row = 0; row < size.height; ++row) picture.horizontal(row, 0, size.width - 1, kPaper);
  draw_axes(picture, series, x, y, frame);
  Stencil stencil(size);
  for (const auto& piece : curve_of(series, x, y, frame)) {
    for (std::size_t i = 0; i < piece.size(); ++i)
      stencil.line(piece[i], piece[std::min(i + 1, piece.size() - 1)]);
  }
  for (int row = 0; row < size.height; ++row) {
    for (int column = 0; column < size.width; ++column) {
      const int cover = stencil.cover(column, row);
      if (cover > 0) picture.point(column, row, static_cast<std::uint8_t>(kShades + cover - 1));
    }
  }
  return picture.png(palette());
}

}  // namespace visa::tool
