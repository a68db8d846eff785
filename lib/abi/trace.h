// SPDX-License-Identifier: MIT
// The trace that a user can send with a bug report: every call by name, with its arguments, then
// its results, its status by name, the reason if known, and the time it took. Two records per call,
// so that a call that hangs shows. When the trace is off it costs one relaxed load. Arguments are
// described in args.h; data is shown by its first bytes only.
#pragma once

#include <visa.h>

#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/core/detail_note.h"

namespace visa::abi {

/// The name of a status ("VI_ERROR_TMO"), or its number in hexadecimal.
std::string status_name(Status status);

/// Writes a trace line for an exception that should never have reached the guard.
void report_defect(const char* function, const char* what);

// Lack of memory while tracing loses the record, never the call: no C++ exception leaves these
// functions. A scope must not be alive when the program's code is called, which may leave by
// longjmp.
class TraceScope {
 public:
  /// `args` is an Args of args.h (see there for `in` and `out`).
  template <class A>
  TraceScope(const char* function, const A& args) : function_(function), on_(log::enabled()) {
    if (!on_) return;
    note_.emplace();
    try {
      begin(args.in());
    } catch (const std::exception&) {
    }
  }

  /// Call it when the operation is over, before any code of the program is called.
  template <class A>
  void end(Status status, const A& args) {
    if (!on_) return;
    try {
      finish(status, args.out(status));
    } catch (const std::exception&) {
    }
  }

 private:
  void begin(const std::string& arguments);
  void finish(Status status, const std::string& results) const;

  const char* const function_;
  const bool on_;
  std::optional<core::DetailNote> note_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace visa::abi
