// SPDX-License-Identifier: MIT
// Stops an exception where no caller may see it: at the bottom of the library's threads, and around
// calls into the program's code. Forced unwinding (pthread_cancel, Python ending its threads) is no
// exception and passes. Only one other place catches everything, the barrier of the exported
// functions (lib/abi/guard.h).
#pragma once

#include <cxxabi.h>

#include <new>
#include <utility>

namespace visa {

/// What ended the body instead of its return.
enum class Thrown : char { no_memory, other };

/// Runs `body()`; if an exception leaves it, runs `caught(Thrown)`. True when the body returned. On
/// a forced unwinding GCC binds the clause's reference to null, which UBSan would take for a
/// defect.
template <class Body, class Caught>
__attribute__((no_sanitize("null"))) bool run_guarded(Body&& body, Caught&& caught) {
  try {
    std::forward<Body>(body)();
    return true;
  } catch (::abi::__forced_unwind&) {
    throw;
  } catch (const std::bad_alloc&) {
    caught(Thrown::no_memory);
  } catch (...) {
    caught(Thrown::other);
  }
  return false;
}

}  // namespace visa
