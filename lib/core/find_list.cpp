// SPDX-License-Identifier: MIT
// Names are handed out in order; the list is never searched again.
#include "lib/core/find_list.h"

#include "lib/core/template_attributes.h"
#include "lib/model/attribute_table.h"

namespace visa::core {

Result<std::string> FindList::next() {
  const MutexLock lock(mutex_);
  if (at_ == names_.size()) return Status::error_rsrc_nfound;
  return names_[at_++];
}

Result<AttributeAnswer> FindList::get_attribute(ViAttr id) {
  const auto* row = model::find_attribute(id, kind());
  auto value = template_attribute(id);
  if (row == nullptr || !value) return Status::error_nsup_attr;
  return AttributeAnswer{row, *std::move(value)};
}

Status FindList::set_attribute(ViAttr id, ViAttrState) {
  return model::find_attribute(id, kind()) == nullptr ? Status::error_nsup_attr
                                                      : Status::error_attr_readonly;
}

}  // namespace visa::core
