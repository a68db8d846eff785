// SPDX-License-Identifier: MIT
// Puts the lines of a trace together: a call with its return, the operations on the wire that
// happened inside it on its thread, and the session it is about by the name it was opened with.
// Bounded, whatever the trace holds. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tools/freevisa/trace/trace_line.h"

namespace visa::tool {

struct TracedCall {
  std::int64_t begin = 0;  ///< microseconds since 1970
  long process = 0;
  long thread = 0;
  std::string session;   ///< as it was opened, "dmm"; empty: of no session that is known
  std::string function;  ///< "viRead"
  std::vector<TraceArgument> in;
  std::vector<TraceArgument> out;
  std::string status;               ///< empty: it has not returned
  std::string detail;               ///< why it failed
  double milliseconds = 0;          ///< that it took
  std::vector<WireOperation> wire;  ///< at most kMostWire
  std::size_t more_wire = 0;        ///< operations beyond those
  bool shown_waiting = false;       ///< that it has not returned yet was told

  bool failed() const { return status.starts_with("VI_ERROR") || status.starts_with("0x"); }
  bool warned() const { return status.starts_with("VI_WARN"); }
};

/// The value of the argument `name`, empty if there is none.
std::string_view argument(const std::vector<TraceArgument>& arguments, std::string_view name);

class TraceStory {
 public:
  static constexpr std::size_t kMostWire = 1000;   ///< operations of one call that are kept
  static constexpr std::size_t kMostOpen = 10000;  ///< calls that have not returned

  struct Listener {
    std::function<void(const TracedCall&)> on_call;
    /// An operation outside of any call: of an asynchronous transfer, an event.
    std::function<void(const TraceLine&)> on_wire;
    std::function<void(const TraceLine&)> on_note;
  };
  explicit TraceStory(Listener listener) : listener_(std::move(listener)) {}

  void add(const TraceLine& line);
  /// Calls that have not returned `age` microseconds after they began, at `now` in the clock of the
  /// trace, each once.
  void tell_waiting(std::int64_t now, std::int64_t age,
                    const std::function<void(const TracedCall&)>& tell);
  bool waits() const noexcept { return !open_.empty(); }
  /// The trace has ended: what has not returned is shown without a status.
  void finish();

 private:
  using Thread = std::pair<long, long>;
  void end_call(const TraceLine& line);
  std::string session_of(long process, const TracedCall& call) const;
  void note_session(const TracedCall& call);

  Listener listener_;
  std::map<Thread, std::vector<TracedCall>> open_;
  std::size_t open_count_ = 0;
  std::map<std::pair<long, std::string>, std::string> sessions_;  ///< by process and handle
};

}  // namespace visa::tool
