// SPDX-License-Identifier: MIT
// The text kept for a status is that of the last failure on the object, whichever thread it came
// from.
#include "lib/core/object.h"

#include <string_view>
#include <utility>

#include "lib/core/detail_note.h"
#include "lib/model/status_table.h"

namespace visa::core {
namespace {

// A completion needs no explanation: what a step that failed on the way noted is past.
bool needs_detail(Status status) {
  if (failed(status)) return true;
  const auto* info = model::find_status(status);
  return info != nullptr && std::string_view(info->name).starts_with("VI_WARN_");
}

}  // namespace

Status Object::remember(Status status, std::string&& detail) {
  if (needs_detail(status)) explain(status, std::move(detail));
  return status;
}

void Object::explain(Status status, std::string&& detail) {
  if (detail.empty()) return;
  DetailNote::take(status, detail);
  keep(status, std::move(detail));
}

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
