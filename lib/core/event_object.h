// SPDX-License-Identifier: MIT
// The context of one occurrence (ViEvent): what a handler or viWaitOnEvent gets to look at. Owned
// by the object table: until the handler has returned, until the program closes it, or until its
// session is closed. Constant: any thread.
#pragma once

#include <visa.h>

#include "lib/core/object.h"
#include "lib/events/event_record.h"

namespace visa::core {

class EventObject : public Object {
 public:
  /// `session` is the one that raised it.
  EventObject(events::Occurrence occurrence, Handle session);

  static constexpr bool holds(model::Kind kind) noexcept {
    return model::kEventKinds.contains(kind);
  }

  Handle session() const noexcept { return session_; }
  ViEventType type() const noexcept { return occurrence_->type; }

  Result<AttributeAnswer> get_attribute(ViAttr id) override;

  /// error_nsup_attr, or error_attr_readonly: nothing of an event can be set.
  Status set_attribute(ViAttr id, ViAttrState value) override;

  Status close() override { return Status::success; }

 private:
  const events::Occurrence occurrence_;
  const Handle session_;
};

}  // namespace visa::core
