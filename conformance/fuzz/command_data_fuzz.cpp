// SPDX-License-Identifier: MIT
// What the freevisa command does with text from outside. Changing a configuration of any bytes
// either is refused or changes the one value and nothing else; an answer of any bytes is shown
// without control characters, is JSON, and decodes to as many numbers as it has.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/freevisa/json_text.h"
#include "tools/freevisa/plot/series.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/toml_edit.h"

namespace {

using namespace visa::tool;

void demand(bool holds) {
  if (!holds) std::abort();
}

void change(const std::string& text, const std::string& key, const std::string& literal) {
  const TableName tables[] = {{{"aliases"}}, {{"finder", "lan"}}, {{"resource"}, "TCPIP::1"}};
  for (const TableName& table : tables) {
    try {
      const std::string changed = with_value(text, table, key, literal);
      demand(value_in(changed, table, key).has_value());
      demand(with_value(changed, table, key, literal) == changed);
      const std::string removed = without_value(changed, table, key);
      demand(!value_in(removed, table, key));
    } catch (const EditFailure&) {
      continue;
    }
  }
  for (std::size_t line = 1; line < 4; ++line) {
    try {
      without_element(text, line, key);
    } catch (const EditFailure&) {
      continue;
    }
  }
}

void show(std::string_view bytes) {
  for (const char letter : printable(bytes)) {
    const auto value = static_cast<unsigned char>(letter);
    demand(value >= 0x20 && value != 0x7F);
  }
  const std::string json = json_string(bytes);
  demand(json.size() >= 2 && json.front() == '"' && json.back() == '"');
  for (std::string_view rest = json; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    demand(length > 0);
    rest.remove_prefix(length);
  }
}

void decode_all(std::string_view bytes) {
  const auto preamble = parse_preamble(bytes.substr(0, bytes.find('\n')));
  static_cast<void>(guess_type(bytes, true, preamble));
  static_cast<void>(parse_tektronix(bytes));
  for (const char* const name : {"ascii", "int8", "uint16", "int32", "float32", "float64"}) {
    const SampleType type = *sample_type_named(name);
    try {
      const std::size_t count = decode(bytes, type, bytes.size() % 3 == 0).size();
      demand(width_of(type) == 0 || count == bytes.size() / width_of(type));
    } catch (const SeriesFault&) {
      continue;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  show(text);
  decode_all(text);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string word = text.substr(0, end);
  change(text.substr(std::min(end + 1, text.size())), "key", toml_literal(word));
  change(text, word, "\"x\"");
  return 0;
}
