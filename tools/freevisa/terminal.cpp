// SPDX-License-Identifier: MIT
// Colours are the eight of ECMA-48 (SGR), which every terminal of today shows.
#include "tools/freevisa/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "tools/freevisa/environment.h"

namespace visa::tool {
namespace {

std::string_view code_of(Color color) noexcept {
  switch (color) {
    case Color::plain:
      return "";
    case Color::bold:
      return "\x1b[1m";
    case Color::dim:
      return "\x1b[2m";
    case Color::red:
      return "\x1b[31m";
    case Color::green:
      return "\x1b[32m";
    case Color::yellow:
      return "\x1b[33m";
    case Color::blue:
      return "\x1b[34m";
    case Color::magenta:
      return "\x1b[35m";
    case Color::cyan:
      return "\x1b[36m";
  }
  return "";
}

bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  // C1, which some terminals take for control sequences.
  return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

bool is_terminal(std::FILE* stream) {
  return ::isatty(::fileno(stream)) != 0;
}

bool shows_colors(std::FILE* stream) {
  return is_terminal(stream) && !environment("NO_COLOR") &&
         environment("TERM").value_or("dumb") != "dumb";
}

int terminal_width(std::FILE* stream) {
  winsize size{};
  const bool known = ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string colored(std::FILE* stream, Color color, std::string_view text) {
  if (color == Color::plain || !shows_colors(stream)) return std::string(text);
  return std::string(code_of(color)) + std::string(text) + "\x1b[0m";
}

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const unsigned char second = byte(1);
  // Longer than needed, halves of UTF-16, and what lies beyond Unicode.
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

std::string printable(std::string_view text, bool lines) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length > 0 ? length : 1);
    const bool kept = lines && (character == "\n" || character == "\t");
    if (length > 0 && (kept || !is_control(character))) {
      result += character;
    } else {
      for (const char one : character) {
        std::array<char, 8> code{};
        std::snprintf(code.data(), code.size(), "\\x%02X",
                      static_cast<unsigned>(static_cast<unsigned char>(one)));
        result += code.data();
      }
    }
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace visa::tool
