// SPDX-License-Identifier: MIT
// What the first bytes of a picture say of it. Oscilloscopes send pictures as they are, without a
// block around them, and where the wire has no END only the picture tells its end. Values.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace visa::tool {

/// ".png", ".bmp", ".jpg", ".gif" or ".tif" by the first bytes; "" if it is no picture.
std::string_view picture_ending(std::string_view data) noexcept;

struct PictureExtent {
  std::size_t bytes = 0;  ///< of the picture, or what it has at least
  bool whole = false;     ///< all of them are there
};
/// How far the PNG or BMP reaches that `data` begins with. Nothing for other data, and where it
/// says that it is larger than 256 MiB.
std::optional<PictureExtent> picture_extent(std::string_view data) noexcept;

}  // namespace visa::tool
