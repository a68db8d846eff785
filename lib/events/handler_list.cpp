// SPDX-License-Identifier: MIT
// Kept in the order of installing; the calling order is the reverse (docs/locks-and-events.md B5).
#include "lib/events/handler_list.h"

#include <algorithm>
#include <iterator>

namespace visa::events {

Status HandlerList::add(const Handler& handler) {
  if (handler.function == nullptr) return Status::error_inv_hndlr_ref;
  if (contains(handler)) return Status::error_inv_hndlr_ref;
  handlers_.push_back(handler);
  return Status::success;
}

Status HandlerList::remove(const Handler& handler) {
  if (!has(handler.type)) return Status::error_hndlr_ninstalled;
  const auto removed = std::erase_if(handlers_, [&](const Handler& entry) {
    return entry.type == handler.type && entry.user_handle == handler.user_handle &&
           (handler.function == nullptr || entry.function == handler.function);
  });
  return removed == 0 ? Status::error_inv_hndlr_ref : Status::success;
}

bool HandlerList::has(ViEventType type) const noexcept {
  return std::any_of(handlers_.begin(), handlers_.end(),
                     [type](const Handler& entry) { return entry.type == type; });
}

bool HandlerList::contains(const Handler& handler) const noexcept {
  return std::find(handlers_.begin(), handlers_.end(), handler) != handlers_.end();
}

std::vector<Handler> HandlerList::in_calling_order(ViEventType type) const {
  std::vector<Handler> found;
  std::copy_if(handlers_.rbegin(), handlers_.rend(), std::back_inserter(found),
               [type](const Handler& entry) { return entry.type == type; });
  return found;
}

}  // namespace visa::events
