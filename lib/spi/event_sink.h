// SPDX-License-Identifier: MIT
// Where a driver delivers the events of its wire. lib/events implements it. A driver may post from
// any of its own threads, and must hold none of its locks then.
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
  /// Reports one occurrence. Never waits for a handler; drops the occurrence when the event is not
  /// enabled.
  virtual void post(EventRecord record) = 0;
};

}  // namespace visa::spi
