// SPDX-License-Identifier: MIT
// Where an exception must end because nobody above may see it: on threads of the library, and
// around calls into code of the user. Forced unwinding (pthread_cancel, Python ending its threads)
// is no exception and passes. The one other place is the barrier of the exported functions
// (lib/abi/guard.h).
#pragma once

#include <cxxabi.h>

#include <new>
#include <utility>

namespace visa {

/// What ended the body instead of its return.
enum class Thrown : char { no_memory, other };

/// Runs `body()`; where an exception leaves it, `caught(Thrown)`. True when the body returned. GCC
/// binds the clause's reference of a forced unwinding to null, which UBSan would take for a defect.
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
