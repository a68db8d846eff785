// SPDX-License-Identifier: MIT
// Positions are counted in the text as the user wrote it, unprintable characters are shown as \xNN.
#include "lib/model/mistake.h"

#include <cstdio>

namespace visa::model {
namespace {

constexpr std::size_t kMostFound = 24;
constexpr std::string_view kCut = "...";

bool is_printable(char c) noexcept {
  return c >= ' ' && c <= '~';
}

std::size_t width_of(char c) noexcept {
  return is_printable(c) ? 1 : 4;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_printable(c)) {
      out += c;
    } else {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code;
    }
  }
  return out;
}

std::size_t position_of(std::string_view text, std::string_view part) noexcept {
  return static_cast<std::size_t>(part.data() - text.data());
}

/// The part of `text` around `position` that fits into `room` characters.
std::string excerpt(std::string_view text, std::size_t position, std::size_t room) {
  room -= 2 * kCut.size();
  std::size_t begin = position;
  std::size_t end = position;
  std::size_t used = 0;
  const auto back = [&](std::size_t most) {
    while (begin > 0 && used + width_of(text[begin - 1]) <= most) used += width_of(text[--begin]);
  };
  back(room / 2);
  while (end < text.size() && used + width_of(text[end]) <= room) used += width_of(text[end++]);
  back(room);
  std::string out(begin > 0 ? kCut : "");
  out += printable(text.substr(begin, end - begin));
  out += end < text.size() ? kCut : "";
  return out;
}

}  // namespace

std::string explain(std::string_view text, const Mistake& mistake) {
  const std::size_t position = position_of(text, mistake.found);
  std::string out = "expected " + std::string(mistake.expected) + ", found ";
  if (position >= text.size()) return out + "the end";
  if (mistake.found.empty()) {
    out += "nothing";
  } else {
    std::string found = printable(mistake.found.substr(0, kMostFound));
    const bool cut = mistake.found.size() > kMostFound || found.size() > kMostFound;
    out += "'" + found.substr(0, kMostFound) + std::string(cut ? kCut : "") + "'";
  }
  return out + " at character " + std::to_string(position + 1);
}

std::string describe(std::string_view text, const Mistake& mistake) {
  const std::string reason = "\": " + explain(text, mistake);
  constexpr std::size_t kLeastRoom = 20;
  const std::size_t room = reason.size() + 1 + kLeastRoom < kMostMistakeText
                               ? kMostMistakeText - reason.size() - 1
                               : kLeastRoom;
  return '"' + excerpt(text, position_of(text, mistake.found), room) + reason;
}

}  // namespace visa::model
