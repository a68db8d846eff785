// SPDX-License-Identifier: MIT
// What every handle stands for: a session to the resource manager, an I/O session, a find
// list, the context of an event. Owned by the object table and by the calls inside it (shared_ptr),
// never by a raw pointer. Methods may be called from any thread.
#pragma once

#include <visa.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/model/attribute.h"
#include "lib/model/attribute_value.h"
#include "lib/model/resource_class.h"

namespace visa::core {

using Handle = std::uint32_t;

/// An attribute's value with the row that says how wide it is.
struct AttributeAnswer {
  const model::Attribute* row;
  model::AttributeValue value;
};

/// Called by the guard for a failed operation when VI_EVENT_EXCEPTION is enabled on the object.
/// Plain data on purpose: when it runs, no object of this library is on the stack that a throw or
/// longjmp out of the user's handler would leave undestroyed.
struct ExceptionHook {
  void (*call)(void* context, Handle object, const char* operation, Status status) = nullptr;
  void* context = nullptr;
};

class SessionEvents;

class Object {
 public:
  explicit Object(model::Kind kind) noexcept : kind_(kind) {}
  virtual ~Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  model::Kind kind() const noexcept { return kind_; }
  Handle handle() const noexcept { return handle_; }

  /// Set once by the table, before any other thread can see the object.
  void set_handle(Handle handle) noexcept { handle_ = handle; }

  /// For ObjectTable::find<Object>.
  static constexpr bool holds(model::Kind) noexcept { return true; }

  /// viGetAttribute: error_nsup_attr where this kind has no such attribute. Never asks for a lock.
  virtual Result<AttributeAnswer> get_attribute(ViAttr id) = 0;

  /// viSetAttribute, the value already in the form the caller passed.
  virtual Status set_attribute(ViAttr id, ViAttrState value) = 0;

  /// viClose, after the handle was taken out of the table: ends what is inside, closes what hangs
  /// on it. Called once.
  virtual Status close() = 0;

  /// Keeps what `call.detail` says about `status`, an error or a warning, for viStatusDesc and the
  /// trace; returns `status`.
  Status remember(Status status, std::string&& detail) VISA_EXCLUDES(detail_mutex_);

  /// The same for a success that has a reservation (a lock that other processes cannot see).
  void explain(Status status, std::string&& detail) VISA_EXCLUDES(detail_mutex_);

  /// The text kept for `status`, "" when the last noted failure was another one.
  virtual std::string detail_of(Status status) const VISA_EXCLUDES(detail_mutex_);

  /// The events of a session; null for objects that raise none.
  virtual SessionEvents* session_events() noexcept { return nullptr; }

  /// Where VI_EVENT_EXCEPTION hangs itself in; empty while it is not enabled.
  ExceptionHook exception_hook() const noexcept;
  void set_exception_hook(ExceptionHook hook) noexcept;

 protected:
  /// `detail` is not empty. Called by remember, on the thread of the operation.
  virtual void keep(Status status, std::string&& detail) VISA_EXCLUDES(detail_mutex_);

 private:
  const model::Kind kind_;
  Handle handle_ = 0;
  mutable Mutex detail_mutex_;
  Status detail_status_ VISA_GUARDED_BY(detail_mutex_) = Status::success;
  std::string detail_ VISA_GUARDED_BY(detail_mutex_);
  std::atomic<decltype(ExceptionHook::call)> hook_call_{nullptr};
  std::atomic<void*> hook_context_{nullptr};
};

}  // namespace visa::core
