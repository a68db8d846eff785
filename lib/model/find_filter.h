// SPDX-License-Identifier: MIT
// The attribute expression of viFindRsrc (the part in braces): comparisons of global attributes
// joined by ! && || and parentheses. Parsed once, then evaluated for each resource whose name
// matched. A value type; evaluation is const: any thread.
#pragma once

#include <visa.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/model/attribute_value.h"
#include "lib/model/mistake.h"

namespace visa::model {

/// Returns the resource's value of an attribute; nothing when the resource lacks it or the value is
/// not known.
using AttributeLookup = std::function<std::optional<AttributeValue>(ViAttr)>;

class FindFilter {
 public:
  static constexpr std::size_t kMaxLength = 4096;
  static constexpr std::size_t kMaxDepth = 64;

  /// Parses `text`, the characters between the braces. Returns nothing when it is malformed, names
  /// an unknown or a local attribute, or compares a string by size; then `mistake`, if given, says
  /// which.
  static std::optional<FindFilter> parse(std::string_view text, Mistake* mistake = nullptr);

  /// True when the expression holds. A comparison with an attribute the resource lacks is neither
  /// true nor false, so that `!` does not turn it into a match.
  bool matches(const AttributeLookup& lookup) const;

 private:
  friend class FindFilterParser;
  enum class Operation : std::uint8_t {
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal
  };
  enum class Kind : std::uint8_t { comparison, negation, conjunction, disjunction };
  enum class Truth : std::uint8_t { no, unknown, yes };
  struct Node {
    Kind kind;
    std::uint16_t left = 0;  // left operand; the only one of `!`
    std::uint16_t right = 0;
    Operation operation = Operation::equal;
    bool is_signed = false;
    bool is_string = false;
    ViAttr attribute = 0;
    std::uint64_t number = 0;
    std::string text = {};  // lower case
  };

  Truth evaluate(std::size_t index, const AttributeLookup& lookup) const;
  static Truth compare(const Node& node, const AttributeValue& value);

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
};

}  // namespace visa::model
