// SPDX-License-Identifier: MIT
// Every event type: its name, the kind of its context object, which objects can raise it and by
// which mechanisms it may be enabled. Constant data: any thread.
#pragma once

#include <visa.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "lib/model/resource_class.h"

namespace visa::model {

struct EventInfo {
  ViEventType id;
  std::string_view name;     // "VI_EVENT_SERVICE_REQ"
  Kind context;              // the kind of the context that a handler or viWaitOnEvent gets
  KindSet raised_by;         // others: VI_ERROR_INV_EVENT
  std::uint16_t mechanisms;  // VI_QUEUE | VI_HNDLR | VI_SUSPEND_HNDLR, as far as allowed
};

/// All event types, sorted by id. VI_ALL_ENABLED_EVENTS is no event type and not in the table.
std::span<const EventInfo> event_table() noexcept;

/// The row of `id`; nullptr for an unknown type.
const EventInfo* find_event(ViEventType id) noexcept;

}  // namespace visa::model
