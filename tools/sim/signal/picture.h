// SPDX-License-Identifier: MIT
// A small picture in 16 colours with lines and text, written as PNG without any library: the
// oscilloscope's screenshot. A value; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};
using Palette = std::array<Color, 16>;

class Picture {
 public:
  Picture(int width, int height);

  /// Outside the picture nothing happens.
  void point(int x, int y, std::uint8_t color);
  void vertical(int x, int top, int bottom, std::uint8_t color);
  void horizontal(int y, int left, int right, std::uint8_t color);
  /// 5 x 7 dots a letter, each dot `scale` points wide; letters without a small form use the
  /// capital.
  void text(int x, int y, std::string_view text, std::uint8_t color, int scale);

  std::uint8_t at(int x, int y) const;
  int width() const noexcept { return width_; }
  int height() const noexcept { return height_; }

  /// The file: 4 bits a point, deflate blocks without compression.
  std::string png(const Palette& palette) const;

 private:
  int width_;
  int height_;
  std::vector<std::uint8_t> points_;
};

/// Checksums of PNG (ISO 3309) and zlib (RFC 1950).
std::uint32_t crc32(std::string_view bytes) noexcept;
std::uint32_t adler32(std::string_view bytes) noexcept;

}  // namespace visa::sim
