// SPDX-License-Identifier: MIT
// PNG is a signature of 8 bytes and chunks: length (big-endian), name, data, checksum; the last is
// IEND. BMP has its length, little-endian, after its first two letters.
#include "tools/freevisa/picture_data.h"

namespace visa::tool {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n";
constexpr std::size_t kAroundChunk = 12;  // length, name and checksum
constexpr std::size_t kBeforeChunk = 8;
constexpr std::size_t kBmpHeader = 14;
constexpr std::size_t kLargest = std::size_t{256} << 20;

std::size_t byte(std::string_view data, std::size_t at) noexcept {
  return static_cast<unsigned char>(data[at]);
}

std::optional<PictureExtent> png_extent(std::string_view data) noexcept {
  std::size_t at = kPng.size();
  for (;;) {
    if (data.size() < at + kBeforeChunk) return PictureExtent{at + kAroundChunk, false};
    const std::size_t length = byte(data, at) << 24 | byte(data, at + 1) << 16 |
                               byte(data, at + 2) << 8 | byte(data, at + 3);
    const bool last = data.substr(at + 4, 4) == "IEND";
    if (length > kLargest || at > kLargest) return std::nullopt;
    at += kAroundChunk + length;
    if (data.size() < at) return PictureExtent{at + (last ? 0 : kAroundChunk), false};
    if (last) return PictureExtent{at, true};
  }
}

std::optional<PictureExtent> bmp_extent(std::string_view data) noexcept {
  if (data.size() < kBmpHeader) return PictureExtent{kBmpHeader, false};
  const std::size_t length =
      byte(data, 2) | byte(data, 3) << 8 | byte(data, 4) << 16 | byte(data, 5) << 24;
  if (length < kBmpHeader || length > kLargest) return std::nullopt;
  return PictureExtent{length, data.size() >= length};
}

}  // namespace

std::string_view picture_ending(std::string_view data) noexcept {
  if (data.starts_with(kPng.substr(0, 6))) return ".png";
  if (data.starts_with("BM")) return ".bmp";
  if (data.starts_with("\xFF\xD8\xFF")) return ".jpg";
  if (data.starts_with("GIF8")) return ".gif";
  if (data.starts_with("II*") || data.starts_with("MM")) return ".tif";
  return "";
}

std::optional<PictureExtent> picture_extent(std::string_view data) noexcept {
  if (data.size() < kPng.size()) return PictureExtent{kPng.size(), false};
  if (data.starts_with(kPng)) return png_extent(data);
  if (data.starts_with("BM")) return bmp_extent(data);
  return std::nullopt;
}

}  // namespace visa::tool
