// SPDX-License-Identifier: MIT
#include "lib/core/object.h"

#include <utility>

namespace visa::core {

void Object::keep(Status status, std::string&& detail) {
  const MutexLock lock(detail_mutex_);
  detail_status_ = status;
  detail_ = std::move(detail);
}

std::string Object::detail_of(Status status) const {
  const MutexLock lock(detail_mutex_);
  return detail_status_ == status ? detail_ : std::string();
}

ExceptionHook Object::exception_hook() const noexcept {
  const auto call = hook_call_.load(std::memory_order_acquire);
  if (call == nullptr) return {};
  return {call, hook_context_.load(std::memory_order_relaxed)};
}

void Object::set_exception_hook(ExceptionHook hook) noexcept {
  hook_context_.store(hook.context, std::memory_order_relaxed);
  hook_call_.store(hook.call, std::memory_order_release);
}

}  // namespace visa::core
