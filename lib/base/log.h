// SPDX-License-Identifier: MIT
// The trace: off unless FREEVISA_TRACE names a file or "stderr" (docs/debugging.md). One write per
// record to a descriptor opened with O_APPEND, so that a crash loses nothing and several processes
// can share the file. A record that cannot be written is lost; a line before the next record that
// can be written says how many were lost. Asking whether the trace is on costs one load.
// Any thread; usable in a child of fork.
#pragma once

#include <atomic>
#include <string_view>

namespace visa::log {

namespace detail {
// Unknown until first asked. The environment is not read at load time, because a program may set
// the variable after that.
enum class State : int { unknown, off, on };
extern std::atomic<State> state;
bool start() noexcept;
}  // namespace detail

/// True when the trace is on.
inline bool enabled() noexcept {
  const auto state = detail::state.load(std::memory_order_acquire);
  if (state == detail::State::off) return false;
  return state == detail::State::on || detail::start();
}

/// Writes one record: adds time, process and thread, and escapes line breaks and control characters
/// inside `text`. Does nothing when the trace is off. It throws nothing, never fails the caller,
/// raises no signal and is no cancellation point. A slow reader stops the caller for 50 ms once,
/// and not again until it has read.
void line(std::string_view text);

/// Reopens the trace at `target` (a path, "stderr", or "" for off), regardless of the environment.
void redirect(std::string_view target) noexcept;

}  // namespace visa::log
