// SPDX-License-Identifier: MIT
// The help of a subcommand, from its table: an option that the parser takes cannot be missing here.
#include <algorithm>
#include <numeric>
#include <utility>

#include "tools/freevisa/command_line.h"

namespace visa::tool {
namespace {

constexpr std::size_t kWidth = 100;

constexpr char kNotes[] =
    R"(All but sim are ordinary VISA programs: they see what every program sees that uses the same library
and configuration. Answers go to standard output, everything else to standard error.

Environment:
  FREEVISA_CONFIG   configuration file, read after the system's and the user's
  FREEVISA_TRACE    "stderr" or a file: every VISA call with arguments, status, reason and duration
  NO_COLOR          if it is not empty: no colours on a terminal

Exit codes:
  0  done      1  failed: a VISA error, or a port or file that cannot be had      2  wrong usage
Ctrl-C ends what waits for an instrument at once, and clears the instrument; in shells that is code 130.
)";

/// Breaks lines of words, with `indent` blanks before each but the first.
class Paragraph {
 public:
  /// `start` is what the first line begins with.
  Paragraph(std::string start, std::size_t indent)
      : text_(std::move(start)), indent_(indent), column_(text_.size()) {}

  /// Something that is never broken.
  void add(std::string_view word) {
    if (column_ > indent_ && column_ + 1 + word.size() > kWidth) {
      text_ += '\n' + std::string(indent_, ' ');
      column_ = indent_;
    } else if (!text_.ends_with(' ')) {
      text_ += ' ';
      ++column_;
    }
    text_ += word;
    column_ += word.size();
  }
  void add_words(std::string_view words) {
    while (!words.empty()) {
      const std::size_t end = std::min(words.find(' '), words.size());
      add(words.substr(0, end));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  std::string text() const { return text_ + "\n"; }

 private:
  std::string text_;
  std::size_t indent_;
  std::size_t column_;
};

/// The usage shows the shorter way to give an option.
std::string usage_label(const Option& option) {
  Option shown = option;
  if (!option.letter.empty()) shown.name = std::exchange(shown.letter, {});
  return label(shown);
}

/// The length of the longest label.
std::size_t label_width(const Command& command) {
  std::size_t width = std::string_view("-h, --help").size();
  for (const Option& option : command.options) width = std::max(width, label(option).size());
  return width;
}

std::string row(const std::string& label, std::size_t width, std::string_view help) {
  Paragraph paragraph("  " + label + std::string(width - label.size() + 2, ' '), width + 4);
  paragraph.add_words(help);
  return paragraph.text();
}

/// How many letters have to be changed, added, left out or swapped with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> now(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] =
          std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = std::exchange(last, std::move(now));
  }
  return last.back();
}

}  // namespace

std::string_view topic_title(Topic topic) noexcept {
  switch (topic) {
    case Topic::find:
      return "Find instruments and faults";
    case Topic::talk:
      return "Talk to an instrument";
    case Topic::measure:
      return "Measure";
    case Topic::programs:
      return "Run programs";
    case Topic::setup:
      return "Set up";
  }
  return "";
}

std::string_view general_notes() noexcept {
  return kNotes;
}

std::string label(const Option& option) {
  std::string text = option.letter.empty() ? "" : std::string(option.letter) + ", ";
  text += option.name;
  if (!option.value.empty()) text += " " + std::string(option.value);
  return text;
}

std::string usage_text(const Command& command) {
  const std::string start = "  freevisa " + std::string(command.name) + " ";
  Paragraph usual(start, start.size());
  std::string others;
  for (const Option& option : command.options) {
    if (option.instead) {
      Paragraph other(start + usage_label(option), start.size());
      other.add_words(*option.instead);
      others += other.text();
    } else {
      usual.add("[" + usage_label(option) + "]" + (option.repeats ? "..." : ""));
    }
  }
  usual.add_words(command.operands);
  return usual.text() + others;
}

std::string help_text(const Command& command) {
  std::string text = "freevisa " + std::string(command.name) + " - " +
                     std::string(command.summary) + "\n\nUsage:\n" + usage_text(command) + "\n" +
                     std::string(command.about) + "\nOptions:\n";
  const std::size_t width = label_width(command);
  for (const Option& option : command.options) text += row(label(option), width, option.help);
  text += row("-h, --help", width, "print this");
  return text + "\n" + std::string(command.closing);
}

std::string hint(std::string_view given, std::span<const std::string_view> names) {
  constexpr std::size_t kMostSlips = 2;
  std::string_view best;
  std::size_t least = kMostSlips + 1;
  for (const std::string_view name : names) {
    // The beginning of one name, or a word with a slip or two; a short word has room for one.
    const bool begins = given.size() > 3 && name.starts_with(given);
    const std::size_t slips = begins ? 0 : distance(given.substr(0, 80), name);
    if (slips < least && slips * 3 <= name.size()) {
      least = slips;
      best = name;
    }
  }
  return best.empty() ? "" : "; did you mean '" + std::string(best) + "'?";
}

}  // namespace visa::tool
