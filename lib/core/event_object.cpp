// SPDX-License-Identifier: MIT
// The attributes of a context are those its event type has by the table; all of them are read-only.
#include "lib/core/event_object.h"

#include <utility>

#include "lib/core/template_attributes.h"
#include "lib/model/attribute_table.h"
#include "lib/model/event_table.h"

namespace visa::core {
namespace {

using model::AttributeValue;

model::Kind context_kind(ViEventType type) noexcept {
  const auto* info = model::find_event(type);
  return info == nullptr ? model::Kind::event_asrl : info->context;
}

}  // namespace

EventObject::EventObject(events::Occurrence occurrence, Handle session)
    : Object(context_kind(occurrence->type)),
      occurrence_(std::move(occurrence)),
      session_(session) {}

Result<AttributeAnswer> EventObject::get_attribute(ViAttr id) {
  const auto* row = model::find_attribute(id, kind());
  if (row == nullptr) return Status::error_nsup_attr;
  if (id == VI_ATTR_EVENT_TYPE) {
    return AttributeAnswer{row, AttributeValue(std::uint64_t{occurrence_->type})};
  }
  // A 32-bit twin is answered from what its 64-bit row holds.
  for (const auto& [known, value] : occurrence_->attributes) {
    if (known == row->storage) return AttributeAnswer{row, value};
  }
  if (auto value = template_attribute(id)) return AttributeAnswer{row, *std::move(value)};
  return Status::error_nsup_attr;
}

Status EventObject::set_attribute(ViAttr id, ViAttrState) {
  return model::find_attribute(id, kind()) == nullptr ? Status::error_nsup_attr
                                                      : Status::error_attr_readonly;
}

}  // namespace visa::core
