// SPDX-License-Identifier: MIT
// The search expression of viFindRsrc: a regular expression over canonical names and, in braces, an
// expression over global attributes. Hostile input is refused or stays linear in time. A value
// type; matching is const: any thread.
#pragma once

#include <visa.h>

#include <functional>
#include <optional>
#include <string_view>

#include "lib/base/result.h"
#include "lib/model/attribute_value.h"
#include "lib/model/find_filter.h"
#include "lib/model/find_pattern.h"
#include "lib/model/mistake.h"
#include "lib/model/resource_class.h"

namespace visa::model {

class FindExpression {
 public:
  /// Fails with Status::error_inv_expr; then `mistake`, if given, says which part of `text` is
  /// wrong and what was expected.
  static Result<FindExpression> parse(std::string_view text, Mistake* mistake = nullptr);

  /// True when the regular expression matches the whole of `canonical`, without regard to case.
  bool matches_name(std::string_view canonical) const { return pattern_.matches(canonical); }

  /// True when the expression has a part in braces.
  bool has_attributes() const noexcept { return filter_.has_value(); }

  /// True when the part in braces holds, or there is none. `lookup` returns nothing for an
  /// attribute that the resource lacks; it is called only for global attributes, and only for those
  /// that affect the result.
  bool matches_attributes(const AttributeLookup& lookup) const {
    return !filter_.has_value() || filter_->matches(lookup);
  }

  /// False only when no canonical name of `interface` can match, so that its finders need not run.
  bool could_match(Interface interface) const;

 private:
  FindExpression(FindPattern pattern, std::optional<FindFilter> filter)
      : pattern_(std::move(pattern)), filter_(std::move(filter)) {}

  FindPattern pattern_;
  std::optional<FindFilter> filter_;
};

}  // namespace visa::model
