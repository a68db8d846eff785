// SPDX-License-Identifier: MIT
// What an instrument sends is shown on a terminal with its control characters as numbers.
#include "tools/freevisa/answer_text.h"

#include <cstdint>
#include <cstdio>

#include "tools/freevisa/exchange.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

void note_data(std::size_t bytes) {
  std::fprintf(stderr, "(%zu bytes of data: use --output FILE)\n", bytes);
}

std::string without_line_end(std::string text) {
  text.erase(text.find_last_not_of("\r\n") + 1);
  return text;
}

bool has_block(const Answer& answer) {
  return !answer.counted && block_at_start(answer.bytes).header > 0;
}

}  // namespace

AnswerForm answer_form(const CommandLine& line) {
  const bool raw = line.has("--raw");
  const bool binary = line.has("--binary");
  const bool json = line.has("--json");
  if (raw + binary + json > 1) throw UsageError{"--raw, --binary and --json exclude each other"};
  if (raw) return AnswerForm::raw;
  if (binary) return AnswerForm::binary;
  return json ? AnswerForm::json : AnswerForm::line;
}

bool is_text(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const auto first = static_cast<unsigned char>(bytes.front());
    const bool line = first == '\n' || first == '\r' || first == '\t';
    if (length == 0 || first == 0x7F || (first < 0x20 && !line)) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string answer_json(const Answer& answer) {
  JsonObject object;
  if (!answer.command.empty()) object.text("command", answer.command);
  const bool block = has_block(answer);
  const std::string_view data = block ? data_of(answer.bytes) : std::string_view(answer.bytes);
  if (block || !is_text(data)) {
    object.text("data", base64(data));
  } else {
    object.text("answer", answer.counted ? answer.bytes : without_line_end(answer.bytes));
  }
  return object.integer("bytes", static_cast<std::int64_t>(data.size()))
      .number("seconds", answer.seconds)
      .str();
}

void write_answer(AnswerOutput& out, const Answer& answer, AnswerForm form) {
  if (form == AnswerForm::json) return out.write(answer_json(answer) + "\n");
  const bool block = has_block(answer);
  const std::string_view data =
      block && form != AnswerForm::raw ? data_of(answer.bytes) : std::string_view(answer.bytes);
  if (out.is_terminal()) {
    const bool counted_data = answer.counted && form != AnswerForm::raw && !is_text(data);
    if ((block && form != AnswerForm::raw) || form == AnswerForm::binary || counted_data)
      return note_data(data.size());
    out.write(printable(without_line_end(answer.bytes), true) + "\n");
    return;
  }
  out.write(data);
  const bool whole = form != AnswerForm::line || block || answer.counted || data.ends_with('\n');
  if (!whole) out.write("\n");
}

}  // namespace visa::tool
