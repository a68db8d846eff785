// SPDX-License-Identifier: MIT
#include "tools/freevisa/command_line.h"

#include <algorithm>
#include <charconv>

namespace visa::tool {

CommandLine::CommandLine(std::span<const char* const> arguments, std::span<const Option> options) {
  bool options_end = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string text = arguments[i];
    if (options_end || text.size() < 2 || text[0] != '-') {
      operands_.push_back(std::move(text));
      continue;
    }
    if (text == "--") {
      options_end = true;
      continue;
    }
    std::optional<std::string> value;
    if (const std::size_t equals = text.find('='); equals != std::string::npos) {
      value = text.substr(equals + 1);
      text.resize(equals);
    }
    const auto known = std::find_if(options.begin(), options.end(),
                                    [&text](const Option& option) { return option.name == text; });
    if (known == options.end()) {
      throw UsageError{"unknown option " + text};
    }
    if (!known->value && value) {
      throw UsageError{"option " + text + " takes no value"};
    }
    if (known->value && !value) {
      if (++i == arguments.size()) {
        throw UsageError{"option " + text + " needs a value"};
      }
      value = arguments[i];
    }
    given_.push_back({std::move(text), value.value_or("")});
  }
}

bool CommandLine::has(std::string_view option) const {
  return value(option).has_value();
}

std::optional<std::string> CommandLine::value(std::string_view option) const {
  std::optional<std::string> last;
  for (const Given& given : given_) {
    if (given.name == option) {
      last = given.value;
    }
  }
  return last;
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
  std::vector<std::string> all;
  for (const Given& given : given_) {
    if (given.name == option) {
      all.push_back(given.value);
    }
  }
  return all;
}

std::uint32_t CommandLine::number(std::string_view option, std::uint32_t preset,
                                  std::uint32_t least, std::uint32_t most) const {
  const std::optional<std::string> text = value(option);
  if (!text) {
    return preset;
  }
  std::uint32_t number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc() || end != text->data() + text->size() || number < least ||
      number > most) {
    throw UsageError{"option " + std::string(option) + " takes a number from " +
                     std::to_string(least) + " to " + std::to_string(most) + ", not '" + *text +
                     "'"};
  }
  return number;
}

void CommandLine::want_operands(std::size_t least, std::size_t most, std::string_view names) const {
  if (operands_.size() < least) {
    throw UsageError{"expected: " + std::string(names)};
  }
  if (operands_.size() > most) {
    throw UsageError{"too many arguments, starting at '" + operands_[most] + "'"};
  }
}

}  // namespace visa::tool
