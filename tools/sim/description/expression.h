// SPDX-License-Identifier: MIT
// A formula of an instrument description: "output ? min(voltage, current * load) : 0". Compiled
// when the description is read, so that a mistake has its place in the file; evaluated without
// allocating.
//
// Names are those of properties; `name[formula]` takes the property of a channel, counted from 1,
// and inside a channel a bare name is that channel's own. A choice counts from 0 and may be
// compared with one of its words in quotes: format == 'WORD'. Values; evaluation belongs to the
// bench's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

class PropertyStore;

/// What a name in a formula stands for.
struct NameInfo {
  std::size_t property = 0;
  std::size_t count = 1;     ///< channels
  bool own_channel = false;  ///< a bare name is good though there are several
  bool text = false;         ///< a string: has no number
  const std::vector<std::string>* choices = nullptr;
};
using NameLookup = std::function<std::optional<NameInfo>(std::string_view)>;

class Expression {
 public:
  Expression() : Expression(0.0) {}
  explicit Expression(double constant) : steps_{{Code::constant, constant, 0}} {}

  struct Fault {
    std::size_t at = 0;  ///< offset in the text
    std::string reason;
  };
  /// Nothing, with `fault` filled in, when `text` is no formula. `channel`: the word may be used.
  static std::optional<Expression> parse(std::string_view text, const NameLookup& names,
                                         bool channel, Fault& fault);

  /// `channel` counts from 1; 0 where there is none.
  double evaluate(PropertyStore& store, std::size_t channel = 0) const;

 private:
  friend class ExpressionParser;
  enum class Code : std::uint8_t {
    constant,
    property,          ///< of the only or the own channel
    indexed_property,  ///< channel on the stack
    channel,
    negate,
    invert,
    add,
    subtract,
    multiply,
    divide,
    remainder,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    unequal,
    both,
    either,
    select,
    minimum,
    maximum,
    power,
    absolute,
    square_root,
    exponential,
    logarithm,
    down,
    nearest,
    sine,
    noise,
  };
  struct Step {
    Code code = Code::constant;
    double value = 0;
    std::size_t property = 0;
  };
  static constexpr std::size_t kMostSteps = 200;

  std::vector<Step> steps_;
};

}  // namespace visa::sim
