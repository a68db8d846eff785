// SPDX-License-Identifier: MIT
// A series as a picture, SVG or PNG. Free functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "tools/freevisa/plot/axis.h"
#include "tools/freevisa/plot/series.h"

namespace visa::tool {

struct PictureSize {
  int width = 1000;
  int height = 600;
};

/// Where the curve is, in dots from the upper left corner.
struct Frame {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};
Frame frame_in(PictureSize size) noexcept;

/// A vertex of the curve, in dots.
struct Dot {
  double x = 0;
  double y = 0;
};
/// The curve in the frame. Of more points than dots the first, least, greatest and last in each
/// column, so that no peak is lost. What is no number interrupts it: each element is a piece.
std::vector<std::vector<Dot>> curve_of(const Series& series, const Axis& x, const Axis& y,
                                       const Frame& frame);

/// The axes of a series; `y` has a margin above and below the curve.
Axis x_axis(const Series& series);
Axis y_axis(const Series& series);

std::string svg_picture(const Series& series, PictureSize size);
std::string png_picture(const Series& series, PictureSize size);

}  // namespace visa::tool
