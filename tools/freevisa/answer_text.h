// SPDX-License-Identifier: MIT
// How answers are printed: as a line, as data, as they came, or as JSON. Free functions; one
// thread.
#pragma once

#include <string>
#include <string_view>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"

namespace visa::tool {

enum class AnswerForm { line, binary, raw, json };

/// From --raw, --binary and --json. Throws UsageError if more than one is given.
AnswerForm answer_form(const CommandLine& line);

struct Answer {
  std::string command;  ///< empty for a message that nobody asked for here
  std::string bytes;    ///< as they came
  double seconds = 0;
  /// A number of bytes that the user asked for, not a message: a block in them is no block.
  bool counted = false;
};

/// The data of a block without its header, of counted bytes all; data does not go to a terminal,
/// where a note on standard error takes its place.
void write_answer(AnswerOutput& out, const Answer& answer, AnswerForm form);
/// The JSON of `answer`: with "answer" if it is a text, else with "data" in base64.
std::string answer_json(const Answer& answer);
/// Whether `bytes` is text: UTF-8 without control characters but those of lines.
bool is_text(std::string_view bytes);

}  // namespace visa::tool
