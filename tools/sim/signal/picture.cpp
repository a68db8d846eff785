// SPDX-License-Identifier: MIT
// PNG (RFC 2083): signature, IHDR, PLTE, IDAT, IEND; the zlib stream inside IDAT (RFC 1950) holds
// stored deflate blocks (RFC 1951 3.2.4), which every reader must accept.
#include "tools/sim/signal/picture.h"

#include <algorithm>

#include "tools/sim/signal/font.h"

namespace visa::sim {
namespace {

constexpr std::size_t kStoredBlock = 65535;

void put_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
}

void put_chunk(std::string& out, std::string_view type, std::string_view data) {
  put_u32(out, static_cast<std::uint32_t>(data.size()));
  std::string body(type);
  body += data;
  out += body;
  put_u32(out, crc32(body));
}

std::string zlib_stored(std::string_view data) {
  std::string out = "\x78\x01";
  std::size_t at = 0;
  do {
    const std::size_t length = std::min(kStoredBlock, data.size() - at);
    out += at + length == data.size() ? '\x01' : '\x00';
    for (const std::size_t word : {length, ~length}) {
      out += static_cast<char>(word & 0xFFU);
      out += static_cast<char>(word >> 8 & 0xFFU);
    }
    out += data.substr(at, length);
    at += length;
  } while (at < data.size());
  put_u32(out, adler32(data));
  return out;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) noexcept {
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) {
        value = (value & 1U) != 0 ? 0xEDB88320U ^ value >> 1 : value >> 1;
      }
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ crc >> 8;
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view bytes) noexcept {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

Picture::Picture(int width, int height)
    : width_(width),
      height_(height),
      points_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}

void Picture::point(int x, int y, std::uint8_t color) {
  if (x >= 0 && x < width_ && y >= 0 && y < height_) {
    points_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
            static_cast<std::size_t>(x)] = color;
  }
}

std::uint8_t Picture::at(int x, int y) const {
  return points_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                 static_cast<std::size_t>(x)];
}

void Picture::vertical(int x, int top, int bottom, std::uint8_t color) {
  for (int y = std::max(top, 0); y <= std::min(bottom, height_ - 1); ++y) point(x, y, color);
}

void Picture::horizontal(int y, int left, int right, std::uint8_t color) {
  for (int x = std::max(left, 0); x <= std::min(right, width_ - 1); ++x) point(x, y, color);
}

void Picture::text(int x, int y, std::string_view text, std::uint8_t color, int scale) {
  for (const char letter : text) {
    const Glyph& glyph = glyph_of(letter);
    for (int row = 0; row < 7; ++row) {
      for (int column = 0; column < 5; ++column) {
        if ((glyph[static_cast<std::size_t>(row)] >> (4 - column) & 1) == 0) continue;
        for (int dot = 0; dot < scale; ++dot) {
          horizontal(y + row * scale + dot, x + column * scale, x + (column + 1) * scale - 1,
                     color);
        }
      }
    }
    x += 6 * scale;
  }
}

std::string Picture::png(const Palette& palette) const {
  std::string rows;
  for (int y = 0; y < height_; ++y) {
    rows += '\0';  // filter: none
    for (int x = 0; x < width_; x += 2) {
      const unsigned right = x + 1 < width_ ? at(x + 1, y) : 0U;
      rows += static_cast<char>((at(x, y) & 0x0FU) << 4 | (right & 0x0FU));
    }
  }
  std::string header;
  put_u32(header, static_cast<std::uint32_t>(width_));
  put_u32(header, static_cast<std::uint32_t>(height_));
  header += std::string_view("\x04\x03\x00\x00\x00", 5);  // 4 bits, palette
  std::string colors;
  for (const Color& color : palette) {
    colors += static_cast<char>(color.red);
    colors += static_cast<char>(color.green);
    colors += static_cast<char>(color.blue);
  }
  std::string out("\x89PNG\r\n\x1A\n", 8);
  put_chunk(out, "IHDR", header);
  put_chunk(out, "PLTE", colors);
  put_chunk(out, "IDAT", zlib_stored(rows));
  put_chunk(out, "IEND", {});
  return out;
}

}  // namespace visa::sim
