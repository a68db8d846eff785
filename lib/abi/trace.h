// SPDX-License-Identifier: MIT
// What the user mails us: every call by name, with its arguments going in, then coming out, its
// status by name, the reason where one is known, and how long it took. Two records a call, so that
// one that hangs shows. Off it costs one relaxed load. Arguments are described in args.h; data is
// shown by its first bytes only.
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

/// Leaves a line for an exception that should never have come up to the guard.
void report_defect(const char* function, const char* what);

// Out of memory while tracing loses the record, never the call: nothing leaves these functions. Not
// to be alive when the user's code is called, which may leave by longjmp.
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

  /// To be called when the operation is over, before anything of the user's is called.
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
