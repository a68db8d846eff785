// SPDX-License-Identifier: MIT
// The trace: off unless FREEVISA_TRACE names a file or "stderr" (architecture section 8). One write
// per record to a descriptor opened with O_APPEND, so that a crash loses nothing and several
// processes can share the file. A record that cannot be written is lost, and the next one that can
// is preceded by a line that says how many were. Asking whether it is on costs one relaxed load.
// Any thread; usable in a child of fork.
#pragma once

#include <atomic>
#include <string_view>

namespace visa::log {

namespace detail {
// Unknown until the first question: reading the environment at load time would be too early for
// programs that set it themselves.
enum class State : int { unknown, off, on };
extern std::atomic<State> state;
bool start() noexcept;
}  // namespace detail

/// True when somebody wants the trace.
inline bool enabled() noexcept {
  const auto state = detail::state.load(std::memory_order_acquire);
  if (state == detail::State::off) return false;
  return state == detail::State::on || detail::start();
}

/// Writes one record: time, process and thread are added, line breaks and control characters inside
/// `text` are escaped. Does nothing when the trace is off; throws nothing, never fails the caller,
/// raises no signal, is no cancellation point. A reader that does not keep up stops the caller for
/// 50 ms once, not again until it has read.
void line(std::string_view text);

/// Opens the trace anew at `target` (a path, "stderr", or "" for off), whatever the environment
/// says.
void redirect(std::string_view target) noexcept;

}  // namespace visa::log
