// SPDX-License-Identifier: MIT
// What viFindRsrc found, to be fetched one by one with viFindNext. Owned by the object table; a
// snapshot that never changes but for its cursor. Thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/thread_annotations.h"
#include "lib/core/object.h"

namespace visa::core {

class FindList final : public Object {
 public:
  /// `names` without the first match, which viFindRsrc hands out itself. `manager` is the session
  /// it was called on.
  FindList(std::vector<std::string> names, Handle manager)
      : Object(model::Kind::find_list), names_(std::move(names)), manager_(manager) {}

  static constexpr bool holds(model::Kind kind) noexcept { return kind == model::Kind::find_list; }

  /// error_rsrc_nfound when none is left; the list stays open then.
  Result<std::string> next() VISA_EXCLUDES(mutex_);

  Handle manager() const noexcept { return manager_; }

  /// Who made it, and nothing else.
  Result<AttributeAnswer> get_attribute(ViAttr id) override;
  Status set_attribute(ViAttr id, ViAttrState value) override;
  Status close() override { return Status::success; }

 private:
  const std::vector<std::string> names_;
  const Handle manager_;
  Mutex mutex_;
  std::size_t at_ VISA_GUARDED_BY(mutex_) = 0;
};

}  // namespace visa::core
