// SPDX-License-Identifier: MIT
// Runs a program with FreeVISA's trace on and hands over its lines as they come. The trace goes
// through a file, not a pipe: the program never waits for its reader, no line is lost or torn,
// however many processes write, and a program that is killed has written all it did. What has been
// read of the file takes no room any more. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/trace/trace_line.h"

namespace visa::tool {

/// Cuts bytes into lines of at most kLongest; of a longer one the rest is dropped.
class TraceLineCutter {
 public:
  static constexpr std::size_t kLongest = std::size_t{1} << 20;

  void add(std::string_view bytes, const std::function<void(std::string_view)>& on_line);
  /// What came after the last line feed.
  void finish(const std::function<void(std::string_view)>& on_line);

 private:
  std::string rest_;
};

struct TraceRun {
  std::vector<std::string> program;           ///< and its arguments
  std::string level;                          ///< FREEVISA_TRACE_LEVEL
  std::vector<std::string> environment = {};  ///< "NAME=value", beside that
  std::function<void(std::string_view)> on_line;
  /// Several times a second while the program runs; may be empty.
  std::function<void()> on_tick = {};
};

/// Returns the program's exit code, 128 and a number if a signal ended it. Throws
/// std::system_error where it cannot be started or the file for the trace cannot be made.
int run_traced(const TraceRun& run);

/// Reads a trace that was written before. Throws std::system_error.
void read_trace_file(const std::string& file, const std::function<void(std::string_view)>& on_line);

}  // namespace visa::tool
