// SPDX-License-Identifier: MIT
// CLI11 splits the arguments and checks what options are given. Its own texts name neither the
// value that is missing nor the option that was meant, so the errors of a user are worded here.
#include "tools/freevisa/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

namespace visa::tool {
namespace {

const Option* find_option(const Command& command, std::string_view name) {
  const auto found =
      std::find_if(command.options.begin(), command.options.end(), [name](const Option& option) {
        return option.name == name || (!option.letter.empty() && option.letter == name);
      });
  return found != command.options.end() ? &*found : nullptr;
}

std::optional<std::uint32_t> number_in(const Number& range, std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, number);
  if (code != std::errc() || stop != end || number < range.least || number > range.most)
    return std::nullopt;
  return number;
}

/// Throws UsageError unless `option` takes `text`.
void check_value(const Option& option, const std::string& text) {
  if (!option.number || number_in(*option.number, text)) return;
  std::string wanted = "a number from " + std::to_string(option.number->least) + " to " +
                       std::to_string(option.number->most);
  for (const std::string_view word : option.words) {
    if (word == text) return;
    wanted += " or '" + std::string(word) + "'";
  }
  throw UsageError{"option " + std::string(option.name) + " takes " + wanted + ", not '" + text +
                   "'"};
}

void declare(CLI::App& app, const Command& command) {
  app.set_help_flag();  // wants_help() sees it whatever else is wrong
  app.allow_extras();   // the operands: as positionals of CLI11 "[a,b]" would be two
  for (const Option& option : command.options) {
    const std::string name(option.name);
    if (option.value.empty()) {
      app.add_flag(name)->disable_flag_override()->multi_option_policy(
          CLI::MultiOptionPolicy::TakeLast);
      continue;
    }
    app.add_option(name)->expected(1)->allow_extra_args(false)->multi_option_policy(
        CLI::MultiOptionPolicy::TakeAll);
  }
}

bool wants_help(std::span<const char* const> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--") return false;
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

/// The option that "-oFILE" gives with its value; nullptr if it is none.
const Option* find_joined(const Command& command, std::string_view argument) {
  const Option* const option =
      argument.size() > 2 ? find_option(command, argument.substr(0, 2)) : nullptr;
  return option != nullptr && !option->value.empty() ? option : nullptr;
}

/// In CLI11's order, the last first, and letters by the names of their options. For "--name=" CLI11
/// would take the next argument as the value, so the empty value becomes an argument of its own.
std::vector<std::string> reversed(const Command& command, std::span<const char* const> arguments) {
  std::vector<std::string> result;
  bool options_end = false;
  bool is_value = false;  // of the option before it
  for (const std::string_view argument : arguments) {
    const bool opens = !options_end && !is_value;
    if (const Option* const joined = opens ? find_joined(command, argument) : nullptr) {
      result.emplace_back(joined->name);
      result.emplace_back(argument.substr(2));
      continue;
    }
    options_end = options_end || (opens && argument == "--");
    const bool empty_value = opens && argument.ends_with('=');
    const Option* const option =
        opens ? find_option(command, argument.substr(0, argument.size() - (empty_value ? 1 : 0)))
              : nullptr;
    if (option != nullptr && empty_value && option->value.empty())
      throw UsageError{"option " + std::string(option->name) + " takes no value"};
    result.emplace_back(option != nullptr ? option->name : argument);
    if (option != nullptr && empty_value) result.emplace_back();
    is_value = option != nullptr && !option->value.empty() && !empty_value;
  }
  std::reverse(result.begin(), result.end());
  return result;
}

/// Where "--" stands among `arguments`, and is no value of an option; their number if it does not.
std::size_t find_end(const Command& command, std::span<const char* const> arguments) {
  std::size_t at = 0;
  for (; at < arguments.size() && std::string_view(arguments[at]) != "--"; ++at) {
    const Option* const option = find_option(command, arguments[at]);
    if (option != nullptr && !option->value.empty() && at + 1 < arguments.size()) ++at;
  }
  return at;
}

/// From CLI11's message, which begins with the option's name, with or without the dashes.
std::string mismatch_text(const Command& command, std::string_view message) {
  const std::string_view start = message.substr(0, message.find_first_of(": "));
  for (const Option& option : command.options)
    if (option.name == start || option.name.substr(2) == start)
      return "option " + std::string(option.name) +
             (option.value.empty() ? " takes no value" : " needs a value");
  return std::string(message);
}

void check_action(const Command& command, const std::string& action) {
  std::string wanted;
  for (const std::string_view one : command.actions) {
    if (one == action) return;
    wanted += (wanted.empty() ? "'" : ", '") + std::string(one) + "'";
  }
  const std::string meant = hint(action, command.actions);
  throw UsageError{"'" + action + "' is none of " + wanted + meant};
}

/// The first operand is an instrument.
bool names_instrument(const Command& command) {
  return command.operands.starts_with("NAME") || command.operands.starts_with("[NAME");
}

[[noreturn]] void refuse_unknown(const Command& command, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string_view> names = {"--help"};
  for (const Option& option : command.options) names.push_back(option.name);
  const std::string meant = hint(name, names);
  throw UsageError{
      "unknown option " + name +
      (meant.empty() ? "; what begins with '-' and is no option comes after '--'" : meant)};
}

}  // namespace

CommandLine::CommandLine(const Command& command, std::span<const char* const> arguments)
    : command_(command) {
  if (wants_help(arguments)) {
    asks_for_help_ = true;
    return;
  }
  if (command.starts_program) {
    const auto end = find_end(command, arguments);
    for (std::size_t i = end + 1; i < arguments.size(); ++i) program_.emplace_back(arguments[i]);
    if (end + 1 == arguments.size()) throw UsageError{"expected a program after '--'"};
    arguments = arguments.first(std::min(end, arguments.size()));
  }
  CLI::App app;
  declare(app, command);
  try {
    app.parse(reversed(command, arguments));
  } catch (const CLI::ArgumentMismatch& error) {
    throw UsageError{mismatch_text(command, error.what())};
  } catch (const CLI::ParseError& error) {
    throw UsageError{error.what()};
  }
  bool options_end = false;
  for (std::string& argument : app.remaining()) {
    if (!options_end && argument.size() > 1 && argument.front() == '-') {
      if (argument != "--") refuse_unknown(command, argument);
      options_end = true;
    } else {
      operands_.push_back(std::move(argument));
    }
  }
  for (const Option& option : command.options)
    for (const std::string& value : app.get_option(std::string(option.name))->results()) {
      check_value(option, value);
      given_.push_back({option.name, option.value.empty() ? "" : value});
    }
  want_operands(command.least, command.most, command.operands);
  if (!command.actions.empty() && !operands_.empty()) check_action(command, operands_.front());
  if (names_instrument(command) && !operands_.empty() && operands_.front().empty()) {
    throw UsageError{
        "NAME is empty: is a variable of the shell not set? 'freevisa list' shows the names"};
  }
}

std::optional<std::string> CommandLine::value(std::string_view option) const {
  const std::vector<std::string> all = values(option);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
  std::vector<std::string> all;
  for (const Given& given : given_)
    if (given.option == option) all.push_back(given.value);
  return all;
}

std::uint32_t CommandLine::number(std::string_view option) const {
  const Number range = find_option(command_, option)->number.value();
  return number_in(range, value(option).value_or("")).value_or(range.preset);
}

void CommandLine::want_operands(std::size_t least, std::size_t most, std::string_view names) const {
  if (operands_.size() < least) throw UsageError{"expected: " + std::string(names)};
  if (operands_.size() > most)
    throw UsageError{"too many arguments, starting at '" + operands_[most] + "'"};
}

}  // namespace visa::tool
