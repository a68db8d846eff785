// SPDX-License-Identifier: MIT
// SVG 1.1, self-contained: no style sheet, no font file, no script.
#include <array>
#include <cstdio>
#include <string_view>

#include "tools/freevisa/plot/picture.h"

namespace visa::tool {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '<') {
      result += "&lt;";
    } else if (letter == '&') {
      result += "&amp;";
    } else {
      result += letter;
    }
  }
  return result;
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  std::string result = text.data();
  result.erase(result.find_last_not_of('0') + 1);
  if (result.ends_with('.')) result.pop_back();
  return result == "-0" ? "0" : result;
}

std::string line(double x1, double y1, double x2, double y2) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" +
         std::string(anchor) + "\">" + escaped(text) + "</text>\n";
}

}  // namespace

std::string svg_picture(const Series& series, PictureSize size) {
  const Frame frame = frame_in(size);
  const Axis x = x_axis(series);
  const Axis y = y_axis(series);
  const double width = frame.right - frame.left;
  const double height = frame.bottom - frame.top;
  const std::string wide = std::to_string(size.width);
  const std::string high = std::to_string(size.height);
  std::string grid;
  std::string texts;
  for (const Tick& tick : x.ticks()) {
    const double at = frame.left + x.share(tick.value) * width;
    grid += line(at, frame.top, at, frame.bottom);
    texts += text_at(at, frame.bottom + 20, "middle", tick.text);
  }
  for (const Tick& tick : y.ticks()) {
    const double at = frame.bottom - y.share(tick.value) * height;
    grid += line(frame.left, at, frame.right, at);
    texts += text_at(frame.left - 8, at + 5, "end", tick.text);
  }
  texts += text_at(frame.right, frame.bottom + 44, "end", x.unit());
  texts += text_at(frame.left, frame.top - 12, "end", y.unit());
  texts += text_at(frame.left + width / 2, frame.top - 18, "middle", series.title);
  std::string curve;
  for (const auto& piece : curve_of(series, x, y, frame)) {
    curve += "<polyline points=\"";
    for (const Dot& dot : piece) curve += number(dot.x) + "," + number(dot.y) + " ";
    curve.back() = '"';
    curve += "/>\n";
  }
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + wide + "\" height=\"" + high +
         "\" viewBox=\"0 0 " + wide + " " + high +
         "\" font-family=\"sans-serif\" font-size=\"14\">\n<rect width=\"" + wide + "\" height=\"" +
         high + "\" fill=\"white\"/>\n<g stroke=\"#d0d0d0\">\n" + grid + "</g>\n<rect x=\"" +
         std::to_string(frame.left) + "\" y=\"" + std::to_string(frame.top) + "\" width=\"" +
         number(width) + "\" height=\"" + number(height) +
         "\" fill=\"none\" stroke=\"#404040\"/>\n<g fill=\"#202020\">\n" + texts +
         "</g>\n<g fill=\"none\" stroke=\"#1060c0\" stroke-width=\"1.5\" "
         "stroke-linejoin=\"round\" stroke-linecap=\"round\">\n" +
         curve + "</g>\n</svg>\n";
}

}  // namespace visa::tool
