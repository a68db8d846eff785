// SPDX-License-Identifier: MIT
// Where a driver delivers what happened on its wire. Implemented above; a driver may post from any
// thread of its own, holding none of its locks.
#pragma once

#include <visa.h>

#include <utility>
#include <vector>

#include "lib/model/attribute_value.h"

namespace visa::spi {

/// One occurrence: its type, and the attributes of its context besides VI_ATTR_EVENT_TYPE.
struct EventRecord {
  ViEventType type = 0;
  std::vector<std::pair<ViAttr, model::AttributeValue>> attributes = {};
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// The event occurred. Never waits for a handler; lost where the event is not enabled.
  virtual void post(EventRecord record) = 0;
};

}  // namespace visa::spi
