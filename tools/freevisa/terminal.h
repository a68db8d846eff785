// SPDX-License-Identifier: MIT
// What the command may do on a terminal and must not do in a pipe: colours, lines that are written
// over. Free functions and values; one thread.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace visa::tool {

bool is_terminal(std::FILE* stream);
/// On a terminal that has colours, unless the user's NO_COLOR forbids them.
bool shows_colors(std::FILE* stream);
/// How many columns it has, 80 where it does not tell.
int terminal_width(std::FILE* stream);

enum class Color { plain, bold, dim, red, green, yellow, blue, magenta, cyan };

/// `text` in `color` where `stream` shows colours, else `text` as it is.
std::string colored(std::FILE* stream, Color color, std::string_view text);

/// `text` for a terminal: what is not printable ASCII or valid UTF-8 becomes \xNN, so that an
/// instrument cannot send control sequences to the terminal. Line feeds and tabs stay if `lines`.
std::string printable(std::string_view text, bool lines = false);

/// How many bytes the character that `text` begins with has as UTF-8; 0 if it is none.
std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace visa::tool
