// SPDX-License-Identifier: MIT
// One line of the trace that FreeVISA writes (docs/debugging.md), taken apart: a call, its return,
// an operation on the wire, a piece of data, or a note. Lines come from a file that a user may have
// edited or cut: what is not understood is a note. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

/// An argument as the trace shows it: "buf", "\"*IDN?\\n\"".
struct TraceArgument {
  std::string name;
  std::string value;
};

/// An operation on the wire.
struct WireOperation {
  std::int64_t time = 0;  ///< of its end, microseconds since 1970
  std::string resource;   ///< "TCPIP0::scope::5025::SOCKET"
  unsigned channel = 0;   ///< tells the sessions of a resource apart; 0: the trace does not
  char direction = ' ';   ///< '>' to the instrument, '<' from it
  std::string name;       ///< "write", "read", "stb", "open", ...
  std::size_t size = 0;   ///< bytes that passed
  std::string data;       ///< the first of them; all where the trace has all
  std::string hidden;  ///< a byte for each of `data`, not 0 where that is a secret; may be shorter
  std::string mark;    ///< "END", "termchar", ...
  std::string status;  ///< "VI_ERROR_TMO"; empty: no error
  std::int64_t began = 0;  ///< when it began, as `time`
  std::int64_t took = 0;   ///< microseconds
};

struct TraceLine {
  enum class Kind : std::uint8_t { call, result, wire, data, note };
  Kind kind = Kind::note;
  std::int64_t time = 0;  ///< microseconds since 1970
  long process = 0;
  long thread = 0;
  std::string function;                  ///< of a call and a result: "viRead"
  std::vector<TraceArgument> arguments;  ///< likewise
  std::string status;                    ///< of a result
  std::string detail;                    ///< of a result: why it failed
  double milliseconds = 0;               ///< that the call took
  WireOperation wire;                    ///< of wire and data; the latter has nothing but the bytes
  std::string note;
};

/// Nothing if it does not begin with a time, a process and a thread.
std::optional<TraceLine> parse_trace_line(std::string_view line);

/// "viRead(vi=2, cnt=100)" has the arguments vi and cnt: `text` is what is between the parentheses.
std::vector<TraceArgument> parse_trace_arguments(std::string_view text);

}  // namespace visa::tool
