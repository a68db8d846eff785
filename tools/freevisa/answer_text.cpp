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
  const std::string_view data = data_of(answer.bytes);
  const bool block = block_at_start(answer.bytes).header > 0;
  if (block || !is_text(data)) {
    object.text("data", base64(data));
  } else {
    object.text("answer", without_line_end(answer.bytes));
  }
  return object.integer("bytes", static_cast<std::int64_t>(data.size()))
      .number("seconds", answer.seconds)
      .str();
}

void write_answer(AnswerOutput& out, const Answer& answer, AnswerForm form) {
  if (form == AnswerForm::json) return out.write(answer_json(answer) + "\n");
  const bool block = block_at_start(answer.bytes).header > 0;
  const std::string_view data =
      form == AnswerForm::raw ? std::string_view(answer.bytes) : data_of(answer.bytes);
  if (out.is_terminal()) {
    if ((block && form != AnswerForm::raw) || form == AnswerForm::binary)
      return note_data(data.size());
    out.write(printable(without_line_end(answer.bytes), true) + "\n");
    return;
  }
  out.write(data);
  const bool whole = form != AnswerForm::line || block || data.ends_with('\n');
  if (!whole) out.write("\n");
}

}  // namespace visa::tool
