// SPDX-License-Identifier: MIT
// A section that cannot be parsed is overwritten with spaces and the whole is parsed again, so that
// all places stay those of the user's file.
#include "lib/config/salvage.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace visa::config {
namespace {

constexpr int kMostSections = 20;

/// "[[resource]]", "[settings]" and "[finder.lan]", but not "[resource.transport]", which belongs
/// to the section above it.
bool begins_section(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  if (!line.starts_with('[')) return false;
  const auto header = line.substr(0, line.find(']'));
  if (header.find('.') == std::string_view::npos) return true;
  const auto first = header.substr(std::min(header.find_first_not_of("[ \t"), header.size()));
  return first.starts_with("finder");
}

/// Overwrites the section that holds `line`. False when nothing was left of it.
bool blank_section(std::string& text, std::uint32_t line) {
  std::size_t begin = 0;  // what stands before the first header is a section, too
  std::size_t end = text.size();
  std::size_t at = 0;
  for (std::uint32_t number = 1; at < text.size(); ++number) {
    const auto after = std::min(text.find('\n', at), text.size() - 1) + 1;
    if (begins_section(std::string_view(text).substr(at, after - at))) {
      if (number > line) {
        end = at;
        break;
      }
      begin = at;
    }
    at = after;
  }
  bool any = false;
  for (; begin < end; ++begin) {
    char& c = text[begin];
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    c = ' ';
    any = true;
  }
  return any;
}

}  // namespace

Salvaged salvage(std::string_view text, const tomlio::TomlDocument& failed) {
  Salvaged result;
  std::string rest(text);
  result.losses.push_back({failed.error_place, failed.error});
  for (int i = 0; i < kMostSections; ++i) {
    const auto place = result.losses.back().place;
    if (place.line == 0 || !blank_section(rest, place.line)) break;
    auto document = tomlio::parse_toml(rest);
    if (document.good) {
      result.root = std::move(document.root);
      break;
    }
    result.losses.push_back({document.error_place, std::move(document.error)});
  }
  return result;
}

}  // namespace visa::config
