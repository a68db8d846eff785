// SPDX-License-Identifier: MIT
// A column of dots shows at most four points of the curve, which look the same as all of them.
#include <algorithm>
#include <cmath>

#include "tools/freevisa/plot/picture.h"

namespace visa::tool {
namespace {

constexpr double kMargin = 0.05;

/// The points of one column, in the order they came.
class Column {
 public:
  void add(Dot dot) {
    if (count_++ == 0) {
      first_ = least_ = most_ = dot;
    } else {
      if (dot.y < least_.y) least_ = dot;
      if (dot.y > most_.y) most_ = dot;
    }
    last_ = dot;
  }
  void move_to(std::vector<Dot>& piece) {
    if (count_ == 0) return;
    piece.push_back(first_);
    const bool up = least_.x > most_.x;
    if (count_ > 2) piece.push_back(up ? most_ : least_);
    if (count_ > 3) piece.push_back(up ? least_ : most_);
    if (count_ > 1) piece.push_back(last_);
    count_ = 0;
  }

 private:
  std::size_t count_ = 0;
  Dot first_;
  Dot least_;
  Dot most_;
  Dot last_;
};

}  // namespace

Frame frame_in(PictureSize size) noexcept {
  return {90, 50, size.width - 30, size.height - 60};
}

Axis x_axis(const Series& series) {
  const double last = static_cast<double>(series.y.size() - 1) * series.x_increment;
  const double from = series.x_origin;
  return {std::min(from, from + last), std::max(from, from + last), 10, series.x_unit};
}

Axis y_axis(const Series& series) {
  double least = 0;
  double most = 0;
  bool any = false;
  for (const double y : series.y) {
    if (!std::isfinite(y)) continue;
    least = any ? std::min(least, y) : y;
    most = any ? std::max(most, y) : y;
    any = true;
  }
  const double margin = (most - least) * kMargin;
  return {least - margin, most + margin, 8, series.y_unit};
}

std::vector<std::vector<Dot>> curve_of(const Series& series, const Axis& x, const Axis& y,
                                       const Frame& frame) {
  std::vector<std::vector<Dot>> pieces(1);
  Column column;
  double column_x = 0;
  for (std::size_t i = 0; i < series.y.size(); ++i) {
    const double at = series.x_origin + static_cast<double>(i) * series.x_increment;
    const Dot dot{frame.left + x.share(at) * (frame.right - frame.left),
                  frame.bottom - y.share(series.y[i]) * (frame.bottom - frame.top)};
    const bool broken = !std::isfinite(series.y[i]);
    if (broken || std::floor(dot.x) != column_x) column.move_to(pieces.back());
    if (broken) {
      if (!pieces.back().empty()) pieces.emplace_back();
      continue;
    }
    column_x = std::floor(dot.x);
    column.add(dot);
  }
  column.move_to(pieces.back());
  if (pieces.back().empty()) pieces.pop_back();
  return pieces;
}

}  // namespace visa::tool
