// SPDX-License-Identifier: MIT
// The handlers a program installed on one session, per event type; the last installed is called
// first (docs/locks-and-events.md B5). A handler is identified by (type, function, user handle);
// the user handle is never dereferenced. Not thread-safe: the hub guards it.
#pragma once

#include <visa.h>

#include <cstddef>
#include <vector>

#include "lib/base/status.h"

namespace visa::events {

struct Handler {
  ViEventType type;
  ViHndlr function;
  ViAddr user_handle;
  friend bool operator==(const Handler&, const Handler&) = default;
};

class HandlerList {
 public:
  /// error_inv_hndlr_ref: VI_ANY_HNDLR or null (3.7.24), or installed already.
  Status add(const Handler& handler);

  /// Removes one handler, or with VI_ANY_HNDLR all of the type with that user handle.
  /// error_hndlr_ninstalled: the type has none; error_inv_hndlr_ref: it has others.
  Status remove(const Handler& handler);

  bool has(ViEventType type) const noexcept;
  bool contains(const Handler& handler) const noexcept;

  /// The handlers of `type`, in the order in which they are called.
  std::vector<Handler> in_calling_order(ViEventType type) const;

  void clear() noexcept { handlers_.clear(); }

 private:
  std::vector<Handler> handlers_;  // in the order of installing
};

}  // namespace visa::events
