// SPDX-License-Identifier: MIT
// The words of a line are split as a shell does it, but for substitutions, which nobody completes.
#include "tools/freevisa/completion.h"

#include <algorithm>

#include "tools/freevisa/configuration_files.h"

namespace visa::tool {
namespace {

constexpr std::string_view kCommon[] = {
    "*CLS",
    "*ESE",
    "*ESE?",
    "*ESR?",
    "*IDN?",
    "*OPC",
    "*OPC?",
    "*OPT?",
    "*RCL",
    "*RST",
    "*SAV",
    "*SRE",
    "*SRE?",
    "*STB?",
    "*TRG",
    "*TST?",
    "*WAI",
    "SYSTem:ERRor?",
    "SYSTem:VERSion?",
    "STATus:PRESet",
    "STATus:OPERation?",
    "STATus:QUEStionable?",
};

struct Split {
  std::vector<std::string> words;  // of the command that the cursor is in; the last is being typed
  bool quoted = false;
};

Split split(std::string_view line) {
  Split result{{""}, false};
  char quote = '\0';
  bool open = false;  // a word has begun
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char letter = line[i];
    if (quote != '\0') {
      if (letter == quote) {
        quote = '\0';
      } else {
        result.words.back() += letter;
      }
    } else if (letter == '\'' || letter == '"') {
      quote = letter;
      open = true;
    } else if (letter == '\\' && i + 1 < line.size()) {
      result.words.back() += line[++i];
      open = true;
    } else if (letter == ';' || letter == '|' || letter == '&') {
      result.words = {""};
      open = false;
    } else if (letter == ' ' || letter == '\t') {
      if (open || !result.words.back().empty()) result.words.emplace_back();
      open = false;
    } else {
      result.words.back() += letter;
      open = true;
    }
  }
  result.quoted = quote != '\0';
  return result;
}

bool is_freevisa(std::string_view word) {
  return word.substr(word.rfind('/') + 1) == "freevisa";
}

const Option* find_option(const Command& command, std::string_view word) {
  for (const Option& option : command.options)
    if (option.name == word || (!option.letter.empty() && option.letter == word)) return &option;
  return nullptr;
}

/// The operands as the usage shows them, of the alternative that `given` has begun.
std::vector<std::string> placeholders(const Command& command,
                                      const std::vector<std::string>& given) {
  std::vector<std::vector<std::string>> alternatives(1);
  std::string word;
  for (const char letter : std::string(command.operands) + " ") {
    if (letter == ' ' || letter == '|') {
      if (!word.empty()) alternatives.back().push_back(word);
      word.clear();
      if (letter == '|') alternatives.emplace_back();
    } else if (letter != '[' && letter != ']') {
      word += letter;
    }
  }
  for (std::vector<std::string>& one : alternatives)
    if (!given.empty() && !one.empty() && one.front() == given.front()) return one;
  return alternatives.front();
}

void complete_placeholder(const std::string& placeholder, Candidates& result) {
  const auto is = [&placeholder](std::string_view name) { return placeholder.starts_with(name); };
  if (is("NAME") || is("RESOURCE")) {
    result.words = configured_instruments();
  } else if (is("FILE") || is("PROGRAM") || is("FOLDER")) {
    result.kind = is("FILE")      ? Candidates::Kind::files
                  : is("PROGRAM") ? Candidates::Kind::programs
                                  : Candidates::Kind::folders;
  } else if (is("COMMAND") || is("QUERY")) {
    for (const std::string_view one : kCommon)
      if (is("COMMAND") || one.ends_with('?')) result.words.emplace_back(one);
  } else if (is("EXPRESSION")) {
    result.words = {"?*", "TCPIP?*", "TCPIP?*SOCKET", "USB?*", "ASRL?*", "GPIB?*", "?*INSTR"};
  }
}

void complete_operand(const Command& command, const std::vector<std::string>& given,
                      Candidates& result) {
  if (!command.actions.empty() && given.empty()) {
    result.words.assign(command.actions.begin(), command.actions.end());
    return;
  }
  const std::vector<std::string> names = placeholders(command, given);
  if (names.empty()) return;
  if (given.size() < names.size()) return complete_placeholder(names[given.size()], result);
  if (names.back().ends_with("...")) complete_placeholder(names.back(), result);
}

void complete_command(const Command& command, std::span<const std::string> words,
                      Candidates& result) {
  std::vector<std::string> given;
  const Option* waiting = nullptr;  // an option whose value comes next
  bool options_end = false;
  for (const std::string& word : words.first(words.size() - 1)) {
    if (waiting != nullptr) {
      waiting = nullptr;
    } else if (word == "--" && !options_end) {
      options_end = true;
    } else if (!options_end && word.size() > 1 && word.front() == '-') {
      const Option* const option = find_option(command, word);
      if (option != nullptr && !option->value.empty()) waiting = option;
    } else {
      given.push_back(word);
    }
  }
  if (waiting != nullptr) {
    for (const std::string_view word : waiting->words) result.words.emplace_back(word);
    if (result.words.empty()) complete_placeholder(std::string(waiting->value), result);
  } else if (options_end && command.starts_program) {
    result.kind = given.empty() || words.size() < 2 || words[words.size() - 2] == "--"
                      ? Candidates::Kind::programs
                      : Candidates::Kind::files;
  } else if (!options_end && words.back().starts_with('-')) {
    for (const Option& option : command.options) result.words.emplace_back(option.name);
    result.words.emplace_back("--help");
  } else {
    complete_operand(command, given, result);
  }
}

constexpr std::string_view kBash =
    R"(# bash completion for freevisa; made by 'freevisa completion bash'
_freevisa() {
    local kind typed quoted prefix word
    local -a found
    COMPREPLY=()
    {
        read -r kind
        read -r quoted
        IFS= read -r typed
        mapfile -t found
    } < <("${COMP_WORDS[0]}" completion candidates -- "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    case $kind in
        files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$typed"); return ;;
        folders) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$typed"); return ;;
        programs) mapfile -t COMPREPLY < <(compgen -c -- "$typed"); return ;;
    esac
    # The shell takes what stands after the last of its separators for the word.
    prefix=
    [[ $quoted = no && $COMP_WORDBREAKS = *:* && $typed = *:* ]] && prefix=${typed%"${typed##*:}"}
    for word in "${found[@]}"; do
        word=${word#"$prefix"}
        [ "$quoted" = no ] && [[ $word = *[!A-Za-z0-9_.:,/+=-]* ]] && printf -v word %q "$word"
        COMPREPLY+=("$word")
    done
}
complete -F _freevisa freevisa
)";

constexpr std::string_view kZsh = R"(#compdef freevisa
# zsh completion for freevisa; made by 'freevisa completion zsh'
_freevisa() {
    local -a lines
    lines=("${(@f)$(freevisa completion candidates -- "$LBUFFER" 2>/dev/null)}")
    case $lines[1] in
        files) _files ;;
        folders) _files -/ ;;
        programs) _command_names -e ;;
        *) compadd -- "${(@)lines[4,-1]}" ;;
    esac
}
if [ "$funcstack[1]" = _freevisa ]; then
    _freevisa "$@"
else
    compdef _freevisa freevisa
fi
)";

}  // namespace

std::span<const std::string_view> common_commands() noexcept {
  return kCommon;
}

bool begins_with(std::string_view word, std::string_view start) noexcept {
  return word.size() >= start.size() && same_alias(word.substr(0, start.size()), start);
}

bool command_begins_with(std::string_view command, std::string_view typed) {
  while (true) {
    const std::size_t colon = typed.find(':');
    const std::size_t end = command.find(':');
    if (colon == std::string_view::npos) return begins_with(command, typed);
    if (end == std::string_view::npos) return false;
    const std::string_view mnemonic = command.substr(0, end);
    std::string capitals;
    for (const char letter : mnemonic)
      if (letter >= 'A' && letter <= 'Z') capitals += letter;
    const std::string_view given = typed.substr(0, colon);
    if (!same_alias(given, mnemonic) && !same_alias(given, capitals)) return false;
    command.remove_prefix(end + 1);
    typed.remove_prefix(colon + 1);
  }
}

std::string common_beginning(const std::vector<std::string>& words) {
  if (words.empty()) return "";
  std::string common = words.front();
  for (const std::string& word : words)
    while (!begins_with(word, common)) common.pop_back();
  return common;
}

std::vector<std::string> configured_instruments() {
  std::vector<std::string> words;
  for (const ConfiguredName& name : configured_names())
    if (!name.alias.empty()) words.push_back(name.alias);
  for (const ConfiguredName& name : configured_names()) words.push_back(name.resource);
  std::vector<std::string> once;
  for (std::string& word : words)
    if (std::find(once.begin(), once.end(), word) == once.end()) once.push_back(std::move(word));
  return once;
}

Candidates candidates(std::string_view line, std::span<const Command* const> commands) {
  const Split typed = split(line);
  Candidates result;
  result.typed = typed.words.back();
  result.quoted = typed.quoted;
  std::span<const std::string> words(typed.words);
  const auto own = std::find_if(words.begin(), words.end() - 1, is_freevisa);
  if (own == words.end() - 1) return result;
  words = words.subspan(static_cast<std::size_t>(own - words.begin()) + 1);
  if (words.size() == 1) {
    for (const Command* const command : commands) result.words.emplace_back(command->name);
    if (result.typed.starts_with('-')) result.words = {"--help", "--version"};
  } else {
    for (const Command* const command : commands)
      if (command->name == words.front()) complete_command(*command, words.subspan(1), result);
  }
  const auto other = [&result](const std::string& word) { return !word.starts_with(result.typed); };
  result.words.erase(std::remove_if(result.words.begin(), result.words.end(), other),
                     result.words.end());
  return result;
}

std::string_view completion_script(std::string_view shell) noexcept {
  return shell == "zsh" ? kZsh : kBash;
}

}  // namespace visa::tool
