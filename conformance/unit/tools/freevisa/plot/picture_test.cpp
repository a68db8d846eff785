// SPDX-License-Identifier: MIT
#include "tools/freevisa/plot/picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace visa::tool {
namespace {

Series wave(std::size_t count) {
  Series series;
  for (std::size_t i = 0; i < count; ++i)
    series.y.push_back(std::sin(static_cast<double>(i) * 0.1));
  series.x_increment = 1e-6;
  series.x_unit = "s";
  series.y_unit = "V";
  series.title = "a < b & c";
  return series;
}

TEST(Picture, TicksAreRoundAndUnitsHaveAPrefix) {
  const Axis axis(-2e-3, 8e-3, 10, "s");
  EXPECT_EQ(axis.unit(), "ms");
  ASSERT_EQ(axis.ticks().size(), 11U);
  EXPECT_EQ(axis.ticks()[0].text, "-2");
  EXPECT_EQ(axis.ticks()[2].text, "0");
  EXPECT_EQ(Axis(0, 0.3, 5, "").ticks()[1].text, "0.05");
}

TEST(Picture, AConstantHasAnAxis) {
  for (const double value : {0.0, 5.0, -1e-9, 1e20}) {
    const Axis axis(value, value, 8, "V");
    EXPECT_LT(axis.least(), value);
    EXPECT_GT(axis.most(), value);
    EXPECT_FALSE(axis.ticks().empty());
    EXPECT_LT(axis.ticks().size(), 30U);
  }
}

TEST(Picture, ManyPointsAreFewDotsAndNoPeakIsLost) {
  Series series = wave(1000000);
  series.y[500123] = 7;
  const Frame frame = frame_in({1000, 600});
  const auto pieces = curve_of(series, x_axis(series), y_axis(series), frame);
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_LE(pieces[0].size(), 4U * 1000U);
  double highest = 1e9;
  for (const Dot& dot : pieces[0]) highest = std::min(highest, dot.y);
  EXPECT_NEAR(highest, frame.top + (frame.bottom - frame.top) * 0.05 / 1.1, 1);
}

TEST(Picture, WhatIsNoNumberInterruptsTheCurve) {
  Series series = wave(10);
  series.y[4] = std::numeric_limits<double>::quiet_NaN();
  const auto pieces = curve_of(series, x_axis(series), y_axis(series), frame_in({1000, 600}));
  EXPECT_EQ(pieces.size(), 2U);
  series.y.assign(3, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(curve_of(series, x_axis(series), y_axis(series), frame_in({1000, 600})).empty());
}

TEST(Picture, SvgIsOneElementWithItsTextsEscaped) {
  const std::string svg = svg_picture(wave(100), {800, 400});
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find(">a &lt; b &amp; c</text>"), std::string::npos);
  EXPECT_NE(svg.find(">us</text>"), std::string::npos);
}

TEST(Picture, PngShowsTheCurve) {
  const std::string png = png_picture(wave(100), {400, 300});
  EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1A\n"));
  EXPECT_NE(png, png_picture(wave(50), {400, 300}));
  EXPECT_FALSE(png_picture(wave(1), {400, 300}).empty()) << "one point";
}

}  // namespace
}  // namespace visa::tool
