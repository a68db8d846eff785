// SPDX-License-Identifier: MIT
// Grammar by IEEE 488.2 7.3 to 7.7: white space is every byte up to blank except LF; a unit is a
// header, then white space, then parameters separated by commas.
#include "tools/sim/scpi/program_message.h"

#include <algorithm>
#include <cctype>

namespace visa::sim {
namespace {

bool is_blank(char c) noexcept {
  return static_cast<unsigned char>(c) <= ' ' && c != '\n';
}
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_word(char c) noexcept {
  return is_letter(c) || is_digit(c) || c == '_';
}

}  // namespace

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return upper(x) == upper(y); });
}

bool matches_mnemonic(std::string_view pattern, std::string_view text) noexcept {
  // "CHANnel2": a number at the end belongs to both forms.
  const std::size_t letters = pattern.find_last_not_of("0123456789") + 1;
  const std::string_view number = pattern.substr(letters);
  if (!text.ends_with(number)) return false;
  pattern = pattern.substr(0, letters);
  text.remove_suffix(number.size());
  std::size_t short_length = 0;
  while (short_length < pattern.size() && upper(pattern[short_length]) == pattern[short_length]) {
    ++short_length;
  }
  return equal_ignoring_case(pattern, text) ||
         equal_ignoring_case(pattern.substr(0, short_length), text);
}

void ProgramMessage::skip_blanks() {
  while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
}

ProgramMessage::Result ProgramMessage::fail(int code) {
  error_ = code;
  rest_ = {};
  return Result::error;
}

ProgramMessage::Result ProgramMessage::next(Unit& unit) {
  unit.common = false;
  unit.query = false;
  unit.node_count = 0;
  unit.argument_count = 0;
  unit.header = {};
  skip_blanks();
  // An empty unit ("*CLS;" before the LF, or an empty line) is no error.
  while (!rest_.empty() && rest_.front() == ';') {
    rest_.remove_prefix(1);
    skip_blanks();
  }
  if (rest_.empty() || rest_.front() == '\n') return Result::end;
  if (!header(unit) || !arguments(unit)) return fail(error_);
  first_ = false;
  return Result::unit;
}

bool ProgramMessage::header(Unit& unit) {
  const char* const begin = rest_.data();
  if (rest_.front() == '*') {
    rest_.remove_prefix(1);
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    unit.common = true;
    unit.nodes[0] = rest_.substr(0, length);
    unit.node_count = 1;
    rest_.remove_prefix(length);
    if (length == 0) {
      error_ = -102;
      return false;
    }
  } else if (!scpi_header(unit)) {
    return false;
  }
  if (!rest_.empty() && rest_.front() == '?') {
    unit.query = true;
    rest_.remove_prefix(1);
  }
  unit.header = {begin, static_cast<std::size_t>(rest_.data() - begin)};
  if (!rest_.empty() && !is_blank(rest_.front()) && rest_.front() != ';' && rest_.front() != '\n') {
    error_ = is_word(rest_.front()) ? -102 : -101;
    return false;
  }
  return true;
}

bool ProgramMessage::scpi_header(Unit& unit) {
  if (rest_.front() == ':') {
    rest_.remove_prefix(1);
  } else if (!first_) {
    std::copy_n(path_.begin(), path_count_, unit.nodes.begin());
    unit.node_count = path_count_;
  }
  while (true) {
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    if (length == 0 || !is_letter(rest_.front())) {
      error_ = rest_.empty() || is_word(rest_.front()) ? -102 : -101;
      return false;
    }
    if (unit.node_count == kMaxNodes) {
      error_ = -113;
      return false;
    }
    unit.nodes[unit.node_count++] = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (rest_.empty() || rest_.front() != ':') break;
    rest_.remove_prefix(1);
  }
  path_count_ = unit.node_count - 1;
  std::copy_n(unit.nodes.begin(), path_count_, path_.begin());
  return true;
}

bool ProgramMessage::arguments(Unit& unit) {
  skip_blanks();
  if (rest_.empty() || rest_.front() == '\n' || rest_.front() == ';') return true;
  while (true) {
    skip_blanks();
    if (unit.argument_count == kMaxArguments) {
      error_ = -108;
      return false;
    }
    if (!argument(unit.arguments[unit.argument_count])) return false;
    ++unit.argument_count;
    skip_blanks();
    if (rest_.empty() || rest_.front() == '\n' || rest_.front() == ';') return true;
    if (rest_.front() != ',') {
      error_ = -102;
      return false;
    }
    rest_.remove_prefix(1);
  }
}

bool ProgramMessage::argument(Argument& argument) {
  if (rest_.empty()) {
    error_ = -102;
    return false;
  }
  const char first = rest_.front();
  if (first == '\'' || first == '"') return string_argument(argument);
  if (first == '#') return hash_argument(argument);
  std::size_t length = 0;
  if (first == '(') {
    length = rest_.substr(0, rest_.find('\n')).find(')');
    if (length == std::string_view::npos) {
      error_ = -102;
      return false;
    }
    argument = {Argument::Kind::expression, rest_.substr(0, length + 1)};
    rest_.remove_prefix(length + 1);
    return true;
  }
  while (length < rest_.size() && rest_[length] != ',' && rest_[length] != ';' &&
         rest_[length] != '\n') {
    ++length;
  }
  std::string_view text = rest_.substr(0, length);
  rest_.remove_prefix(length);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.empty()) {
    error_ = -102;
    return false;
  }
  argument = {is_letter(first) ? Argument::Kind::mnemonic : Argument::Kind::number, text};
  return true;
}

bool ProgramMessage::string_argument(Argument& argument) {
  const char quote = rest_.front();
  std::size_t at = 1;
  while (at < rest_.size() && rest_[at] != '\n') {
    if (rest_[at] == quote) {
      if (at + 1 >= rest_.size() || rest_[at + 1] != quote) {
        argument = {Argument::Kind::string, rest_.substr(1, at - 1)};
        rest_.remove_prefix(at + 1);
        return true;
      }
      ++at;  // a doubled quote stands for one
    }
    ++at;
  }
  error_ = -151;
  return false;
}

bool ProgramMessage::hash_argument(Argument& argument) {
  if (rest_.size() < 2) {
    error_ = -102;
    return false;
  }
  if (is_letter(rest_[1])) {
    std::size_t length = 2;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    argument = {Argument::Kind::number, rest_.substr(0, length)};
    rest_.remove_prefix(length);
    return true;
  }
  error_ = -161;
  if (rest_[1] == '0') {  // indefinite length: up to the LF that ends the message
    std::string_view data = rest_.substr(2);
    if (!data.empty() && data.back() == '\n') data.remove_suffix(1);
    argument = {Argument::Kind::block, data};
    rest_ = {};
    return true;
  }
  const std::size_t digits = static_cast<std::size_t>(rest_[1] - '0');
  if (!is_digit(rest_[1]) || rest_.size() < 2 + digits) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(rest_[2 + i])) return false;
    length = length * 10 + static_cast<std::size_t>(rest_[2 + i] - '0');
  }
  if (length > rest_.size() - 2 - digits) return false;
  argument = {Argument::Kind::block, rest_.substr(2 + digits, length)};
  rest_.remove_prefix(2 + digits + length);
  return true;
}

}  // namespace visa::sim
