// SPDX-License-Identifier: MIT
// The format is that of glibc since 2.2: a header with the numbers of entries and of bytes of text,
// the entries, the text. Older systems put an older table before it, whose end is aligned. Offsets
// of names count from the header.
#include "tools/freevisa/loader_cache.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

namespace visa::tool {
namespace {

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kHeader = 48;
constexpr std::size_t kEntry = 24;

std::optional<std::uint32_t> word_at(std::string_view bytes, std::size_t at) {
  std::uint32_t word = 0;
  if (at > bytes.size() || bytes.size() - at < sizeof word) return std::nullopt;
  std::memcpy(&word, bytes.data() + at,
              sizeof word);  // the cache has the byte order of its computer
  return word;
}

std::string text_at(std::string_view bytes, std::size_t at) {
  if (at >= bytes.size()) return "";
  const std::string_view rest = bytes.substr(at);
  return std::string(rest.substr(0, rest.find('\0')));
}

}  // namespace

std::vector<CachedLibrary> cached_libraries(std::string_view cache, std::string_view beginning) {
  const std::size_t start = cache.find(kMagic);
  if (start == std::string_view::npos) return {};
  cache.remove_prefix(start);
  const std::uint32_t count = word_at(cache, kMagic.size()).value_or(0);
  std::vector<CachedLibrary> found;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t entry = kHeader + std::size_t{i} * kEntry;
    const auto name = word_at(cache, entry + 4);
    const auto path = word_at(cache, entry + 8);
    if (!name || !path) break;
    CachedLibrary library{text_at(cache, *name), text_at(cache, *path)};
    if (library.name.starts_with(beginning)) found.push_back(std::move(library));
  }
  return found;
}

}  // namespace visa::tool
