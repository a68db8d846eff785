// SPDX-License-Identifier: MIT
// Paragraphs of the help are filled by troff; lines that the help indents stay lines.
#include "tools/freevisa/manual_page.h"

#include "tools/freevisa/registry.h"

namespace visa::tool {
namespace {

std::string capitals(std::string_view text) {
  std::string result;
  for (const char letter : text)
    result += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  return result;
}

std::string header(std::string_view name, std::string_view version) {
  return ".\\\" SPDX-License-Identifier: MIT\n.TH " + capitals(name) + " 1 \"\" \"FreeVISA " +
         std::string(version) + "\" \"FreeVISA\"\n";
}

/// Lines of the help: what is indented is shown as it stands, a word with a colon alone on its line
/// ("Examples:") begins a section.
std::string body(std::string_view text) {
  std::string result;
  bool lines = false;
  bool gap = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      gap = !result.empty();
      continue;
    }
    const bool indented = line.starts_with("  ");
    const std::size_t colon = line.find(':');
    const bool title = !indented && colon != std::string_view::npos && line.find(' ') > colon &&
                       (colon + 1 == line.size() || line.substr(0, 4) == "Exit");
    const bool exits = line.starts_with("Exit codes:");
    if (lines && !indented) result += ".fi\n.RE\n";
    if (title || exits) {
      result += ".SH " + (exits ? "EXIT STATUS" : capitals(line.substr(0, colon))) + "\n";
    } else if (gap || (lines && !indented)) {
      result += ".PP\n";
    }
    if (indented && !lines) result += ".RS 2\n.nf\n";
    lines = indented;
    gap = false;
    std::string_view shown = line;
    if (exits) shown.remove_prefix(std::min(line.size(), colon + 2));
    if (indented) shown.remove_prefix(2);
    if ((title && !exits) || shown.empty()) continue;
    result += troff_text(shown) + "\n";
  }
  return result + (lines ? ".fi\n.RE\n" : "");
}

std::string synopsis(std::string_view usage) {
  return ".SH SYNOPSIS\n" + body(usage);
}

std::string options_text(const Command& command) {
  std::string text = ".SH OPTIONS\n";
  for (const Option& option : command.options)
    text += ".TP\n.B " + troff_text(label(option)) + "\n" + troff_text(option.help) + "\n";
  return text + ".TP\n.B " + troff_text("-h, --help") + "\nprint a help\n";
}

std::string see_also(std::string_view text) {
  return ".SH SEE ALSO\n" + std::string(text) + "\n";
}

}  // namespace

std::string troff_text(std::string_view text) {
  std::string result;
  bool start = true;  // of a line, where a point or an apostrophe would begin a request
  for (const char letter : text) {
    if (start && letter == '.') result += "\\&";
    start = letter == '\n';
    switch (letter) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '^':
        result += "\\(ha";
        break;
      case '~':
        result += "\\(ti";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string manual_page(const Command& command, std::string_view version) {
  const std::string name = "freevisa-" + std::string(command.name);
  return header(name, version) + ".SH NAME\n" + troff_text(name) + " \\- " +
         troff_text(command.summary) + "\n" + synopsis(usage_text(command)) + ".SH DESCRIPTION\n" +
         body(command.about) + options_text(command) + body(command.closing) +
         see_also("freevisa(1)");
}

std::string manual_page(std::span<const Command* const> commands, std::string_view version) {
  std::string text = header("freevisa", version) +
                     ".SH NAME\nfreevisa \\- look at and talk to instruments, or simulate some\n" +
                     synopsis(
                         "  freevisa COMMAND [OPTION...] [ARGUMENT...]\n"
                         "  freevisa COMMAND --help\n  freevisa --version\n") +
                     ".SH COMMANDS\n";
  std::string others;
  const Command* last = nullptr;
  for (const Command* const command : commands) {
    if (last == nullptr || last->topic != command->topic)
      text += ".SS " + std::string(topic_title(command->topic)) + "\n";
    last = command;
    text += ".TP\n.B " + troff_text(command->name) + "\n" + troff_text(command->summary) + "\n";
    others += (others.empty() ? "" : ",\n") + troff_text("freevisa-" + std::string(command->name)) +
              "(1)";
  }
  return text + ".SH NOTES\n" + body(general_notes()) + see_also(others);
}

}  // namespace visa::tool
