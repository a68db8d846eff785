// SPDX-License-Identifier: MIT
// Catches what the operation on this thread says about its failure (Object::remember), for the
// trace. An object keeps its last detail for viStatusDesc, but that may be of another call or of
// another thread; the note has exactly what came between its beginning and its end. On the stack of
// the thread that runs the operation, and only while the trace is on; notes may nest.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace visa::core {

class DetailNote {
 public:
  DetailNote() noexcept;
  ~DetailNote();
  DetailNote(const DetailNote&) = delete;
  DetailNote& operator=(const DetailNote&) = delete;

  /// The detail that came with `status`; "" where the last one came with another status.
  std::string_view of(Status status) const noexcept;

  /// To the innermost note of this thread, if there is one. Out of memory loses it.
  static void take(Status status, std::string_view detail) noexcept;

 private:
  DetailNote* const outer_;
  Status status_ = Status::success;
  std::string detail_;
};

}  // namespace visa::core
