// SPDX-License-Identifier: MIT
// Trace files of any bytes: every line is understood or a note, no more bytes come out of a line
// than were in it, and each call is shown once at most.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tools/freevisa/trace/trace_line.h"
#include "tools/freevisa/trace/trace_story.h"

namespace {

using visa::tool::TraceLine;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t begun = 0;
  std::size_t shown = 0;
  visa::tool::TraceStory story({[&](const visa::tool::TracedCall&) { ++shown; },
                                [](const TraceLine&) {}, [](const TraceLine&) {}});
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text.size() < rest.size() ? text.size() + 1 : rest.size());
    const auto line = visa::tool::parse_trace_line(text);
    if (!line) continue;
    demand(line->wire.data.size() <= text.size() && line->note.size() <= text.size());
    demand(line->wire.hidden.size() <= line->wire.data.size());
    demand((line->kind == TraceLine::Kind::note) != line->note.empty() || text.ends_with(' '));
    begun += line->kind == TraceLine::Kind::call ? 1 : 0;
    story.add(*line);
  }
  story.finish();
  demand(shown <= begun);
  return 0;
}
