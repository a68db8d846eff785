// SPDX-License-Identifier: MIT
// Parameter conversion with the errors SCPI-99 volume 2 21.8.9 and 21.8.10 name for each failure.
#include "tools/sim/scpi/command.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "tools/sim/engine/link.h"
#include "tools/sim/scpi/block.h"

namespace visa::sim {

void Command::error(int code, std::string_view detail) {
  host_.report(code, detail.empty() ? unit_.header : detail);
}

std::optional<std::size_t> Command::suffix(std::size_t index, std::size_t highest) {
  const int value = suffixes_[index];
  if (value < 1 || static_cast<std::size_t>(value) > highest) {
    error(-114);
    return std::nullopt;
  }
  return static_cast<std::size_t>(value);
}

const Argument* Command::argument(std::size_t index) {
  if (index >= unit_.argument_count) {
    error(-109);
    return nullptr;
  }
  return &unit_.arguments[index];
}

std::optional<double> Command::number(std::size_t index, const NumberSetting& range) {
  const Argument* const given = argument(index);
  if (given == nullptr) return std::nullopt;
  if (given->kind == Argument::Kind::mnemonic) {
    if (matches_mnemonic("MINimum", given->text)) return range.minimum;
    if (matches_mnemonic("MAXimum", given->text)) return range.maximum;
    if (matches_mnemonic("DEFault", given->text)) return range.preset;
    error(range.choice_error);
    return std::nullopt;
  }
  if (given->kind != Argument::Kind::number) {
    error(range.type_error);
    return std::nullopt;
  }
  const std::optional<double> value = parse_number(given->text, range.unit);
  if (!value) {
    if (!parse_number(given->text)) {
      error(-121);
    } else {
      error(range.unit.empty() ? -138 : -131);
    }
    return std::nullopt;
  }
  if (*value < range.minimum || *value > range.maximum) {
    error(range.range_error);
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> Command::integer(std::size_t index, std::uint32_t least,
                                              std::uint32_t most) {
  const std::optional<double> value = number(
      index,
      {0, static_cast<double>(least), static_cast<double>(most), static_cast<double>(least)});
  if (!value) return std::nullopt;
  return static_cast<std::uint32_t>(std::lround(*value));
}

std::optional<bool> Command::boolean(std::size_t index) {
  const Argument* const given = argument(index);
  if (given == nullptr) return std::nullopt;
  if (equal_ignoring_case(given->text, "ON")) return true;
  if (equal_ignoring_case(given->text, "OFF")) return false;
  if (given->kind == Argument::Kind::number) {
    if (const std::optional<double> value = parse_number(given->text)) {
      return std::round(*value) != 0;
    }
  }
  error(given->kind == Argument::Kind::mnemonic ? -224 : -104);
  return std::nullopt;
}

std::optional<std::string> Command::string(std::size_t index) {
  const Argument* const given = argument(index);
  if (given == nullptr) return std::nullopt;
  if (given->kind != Argument::Kind::string) {
    error(-104);
    return std::nullopt;
  }
  // The parser left doubled quotes as they came; which quote it was is the byte before the text.
  const char quote = *(given->text.data() - 1);
  std::string text;
  for (std::size_t i = 0; i < given->text.size(); ++i) {
    text += given->text[i];
    if (given->text[i] == quote) ++i;
  }
  return text;
}

template <typename List>
std::optional<std::size_t> Command::choice_of(std::size_t index, const List& patterns,
                                              int choice_error, int type_error) {
  const Argument* const given = argument(index);
  if (given == nullptr) return std::nullopt;
  if (given->kind != Argument::Kind::mnemonic) {
    error(type_error);
    return std::nullopt;
  }
  std::size_t place = 0;
  for (const std::string_view pattern : patterns) {
    if (matches_mnemonic(pattern, given->text)) return place;
    ++place;
  }
  error(choice_error);
  return std::nullopt;
}

std::optional<std::size_t> Command::choice(std::size_t index,
                                           std::initializer_list<std::string_view> patterns) {
  return choice_of(index, patterns, -224, -104);
}

std::optional<std::size_t> Command::choice(std::size_t index,
                                           const std::vector<std::string>& patterns,
                                           int choice_error, int type_error) {
  return choice_of(index, patterns, choice_error, type_error);
}

bool Command::is_mnemonic(std::size_t index, std::string_view pattern) const noexcept {
  return index < unit_.argument_count && unit_.arguments[index].kind == Argument::Kind::mnemonic &&
         matches_mnemonic(pattern, unit_.arguments[index].text);
}

std::optional<double> Command::asked_value(const NumberSetting& setting) {
  return count() == 0 ? std::optional(setting.value) : number(0, setting);
}

void Command::answer(std::string_view text) {
  host_.separate_answer(link_);
  link_.answer(text);
}

void Command::answer_integer(std::int64_t value) {
  answer((host_.signed_integers() && value >= 0 ? "+" : "") + std::to_string(value));
}

void Command::answer_number(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), "%+.8E", value);
  answer({text.data(), static_cast<std::size_t>(length)});
}

void Command::answer_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  answer(quoted + "\"");
}

void Command::answer_shared(const SharedBytes& data) {
  host_.separate_answer(link_);
  link_.answer(data);
}

void Command::answer_block(const SharedBytes& data, std::size_t digits) {
  answer(block_header(data->size(), digits));
  link_.answer(data);
}

}  // namespace visa::sim
