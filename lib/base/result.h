// SPDX-License-Identifier: MIT
// A value, or the status that says why there is none. For expected failures: exceptions are for
// memory and bugs only (style rule 17). A value type; as thread-safe as the value it holds.
#pragma once

#include <cassert>
#include <optional>
#include <utility>

#include "lib/base/status.h"

namespace visa {

template <class T>
class [[nodiscard]] Result {
 public:
  /// A success; `status` may be a completion or warning that travels with the value.
  Result(T value, Status status = Status::success)  // NOLINT(google-explicit-constructor)
      : value_(std::move(value)), status_(status) {
    assert(ok(status));
  }

  /// A failure. `status` must be an error code.
  Result(Status status) : status_(status) {  // NOLINT(google-explicit-constructor)
    assert(failed(status));
  }

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  Status status() const noexcept { return status_; }

  /// Precondition for the accessors: has_value().
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace visa
