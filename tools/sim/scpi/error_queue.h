// SPDX-License-Identifier: MIT
// The SCPI error/event queue (SCPI-99 21.8): first in, first out, bounded; when it is full its last
// entry becomes -350. One per instrument, shared by all its clients, on the bench's thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace visa::sim {

struct ScpiError {
  int code = 0;
  std::string text;  ///< "Undefined header;FOO"
};

/// The text SCPI-99 gives a code, or "Device-specific error".
std::string_view error_text(int code) noexcept;

class ErrorQueue {
 public:
  static constexpr std::size_t kDepth = 20;

  /// Adds an error; `detail` follows the standard text after a semicolon. False: the queue was
  /// full.
  bool push(int code, std::string_view detail = {});
  /// Takes the oldest; code 0 "No error" when there is none.
  ScpiError pop();
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  void clear() noexcept { entries_.clear(); }

 private:
  std::deque<ScpiError> entries_;
};

}  // namespace visa::sim
