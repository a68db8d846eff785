// SPDX-License-Identifier: MIT
// How a traced call is shown: as text for people, as a JSON object, and which calls are shown at
// all. Values; one thread.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/freevisa/terminal.h"
#include "tools/freevisa/trace/trace_story.h"

namespace visa::tool {

/// Whether `text` is `pattern`, in which '*' stands for anything. Capitals count as small letters.
bool matches_pattern(std::string_view pattern, std::string_view text);

struct TraceFilter {
  std::vector<std::string> functions;  ///< patterns; empty: all
  std::vector<std::string> sessions;   ///< patterns of the name a session was opened with
  bool failed = false;                 ///< only those that failed
  double slow = 0;                     ///< only those that took at least so many milliseconds

  bool wants(const TracedCall& call) const;
  /// An operation outside of any call.
  bool wants(const WireOperation& wire) const;
};

/// Bytes as text in quotation marks where most of them are text, else as hexadecimal figures; the
/// first of them, as many as fit a line.
std::string shown_bytes(std::string_view data, std::size_t size);
/// "34 us", "1.204 ms", "2.000 s".
std::string shown_duration(double milliseconds);

/// Lines for people, without the line feed of the last. The first call shown is at time 0.
class TraceText {
 public:
  /// Colours are those `stream` has; null: none.
  explicit TraceText(std::FILE* stream) : stream_(stream) {}

  std::string call(const TracedCall& call);
  /// A call that has not returned yet.
  std::string waiting(const TracedCall& call);
  std::string wire(const TraceLine& line);
  std::string note(const TraceLine& line);

 private:
  std::string begin(std::int64_t time, long process, long thread, std::string_view session);
  std::string wire_line(const WireOperation& wire);
  std::string paint(Color color, std::string_view text) const {
    return stream_ != nullptr ? colored(stream_, color, text) : std::string(text);
  }

  std::FILE* stream_;
  std::int64_t start_ = 0;
  std::map<std::pair<long, long>, std::size_t> threads_;  ///< numbered as they appear
};

/// One object, without a line feed. `start`: what the times in it count from.
std::string trace_json(const TracedCall& call, std::int64_t start);
std::string trace_json(const TraceLine& line, std::int64_t start);

}  // namespace visa::tool
