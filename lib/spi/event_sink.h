// SPDX-License-Identifier: MIT
// Where a driver delivers what happened on its wire. Implemented above; a driver may post from any
// thread of its own, holding none of its locks.
#pragma once

#include <visa.h>

namespace visa::spi {

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// `type` occurred. Never blocks on a handler.
  virtual void post(ViEventType type) = 0;
};

}  // namespace visa::spi
