// SPDX-License-Identifier: MIT
// The one barrier between C and C++ (docs/architecture.md, A call from top to bottom). Every
// exported function is one call of `on` (it has a handle) or `on_library` (it has none): trace,
// fork stamp, look-up, body, exceptions to status codes. C++ exceptions end here; forced unwinding
// (pthread_cancel, Python ending its threads) passes, so no frame on the way may be noexcept. The
// program's handlers of VI_EVENT_EXCEPTION run after the body has returned, outside the try, with
// no object of the library alive on the stack: they may throw or longjmp.
#pragma once

#include <cxxabi.h>
#include <visa.h>

#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "lib/abi/args.h"
#include "lib/abi/trace.h"
#include "lib/base/status.h"
#include "lib/core/library.h"
#include "lib/core/object.h"
#include "lib/core/resource_manager.h"
#include "lib/core/thread_failure.h"

namespace visa::abi {

// The headers of GCC and clang define it in the global namespace `abi`, which visa::abi must not
// hide.
using forced_unwind = ::abi::__forced_unwind;

/// Runs `body` and turns what it throws into a status. A forced unwinding is no C++ object: GCC
/// binds the clause's reference to null, which UBSan would take for a defect.
template <class Body>
__attribute__((no_sanitize("null"))) Status barrier(const char* function, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (forced_unwind&) {
    throw;
  } catch (const std::bad_alloc&) {
    return Status::error_alloc;
  } catch (const std::exception& error) {
    report_defect(function, error.what());
    return Status::error_system_error;
  } catch (...) {
    report_defect(function, "unknown exception");
    return Status::error_system_error;
  }
}

namespace detail {

struct Outcome {
  Status status = Status::error_inv_object;
  core::ExceptionHook hook;
};

template <class T, class Body>
Outcome run_on(const char* function, ViObject vi, Body&& body) {
  Outcome outcome;
  std::shared_ptr<T> object;
  outcome.status = barrier(function, [&]() -> Status {
    auto* library = core::ResourceManager::library_of(vi);
    if (library == nullptr) return Status::error_inv_object;
    object = library->objects.find<T>(vi);
    return object == nullptr ? Status::error_inv_object : body(*object);
  });
  if (failed(outcome.status) && object != nullptr) outcome.hook = object->exception_hook();
  // viStatusDesc(VI_NULL, ...) must not explain this failure by that of an earlier viOpen.
  const bool manager = object != nullptr && core::ResourceManager::holds(object->kind());
  if (failed(outcome.status) && !manager) core::forget_thread_failure();
  return outcome;
}

// A function of its own, because the trace must be gone from the stack before `on` calls the hook.
template <class T, class A, class Body>
Outcome traced_on(const char* function, ViObject vi, const A& args, Body&& body) {
  TraceScope trace(function, args);
  auto outcome = run_on<T>(function, vi, std::forward<Body>(body));
  trace.end(outcome.status, args);
  return outcome;
}

}  // namespace detail

/// Runs `body(T&)` on the object of handle `vi`; VI_ERROR_INV_OBJECT when `vi` is no handle of a T.
template <class T, class A, class Body>
ViStatus on(const char* function, ViObject vi, const A& args, Body&& body) {
  const auto outcome = detail::traced_on<T>(function, vi, args, std::forward<Body>(body));
  if (outcome.hook.call != nullptr) {
    outcome.hook.call(outcome.hook.context, vi, function, outcome.status);
  }
  return code(outcome.status);
}

/// Runs `body()`, for functions that need no object or do their own look-up.
template <class A, class Body>
ViStatus on_library(const char* function, const A& args, Body&& body) {
  TraceScope trace(function, args);
  const Status status = barrier(function, std::forward<Body>(body));
  trace.end(status, args);
  return code(status);
}

}  // namespace visa::abi
