// SPDX-License-Identifier: MIT
// The regular expression of viFindRsrc: ? [list] [^list] * + | ( ) and \, matched against whole
// canonical names without regard to case. A Thompson automaton simulated on sets of states: the
// time is length of the name times length of the pattern whatever the pattern, the memory linear in
// it. A value type; matching is const and uses no shared state: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/model/mistake.h"

namespace visa::model {

class FindPattern {
 public:
  /// The most states a pattern may need, about one a character; larger ones are refused.
  static constexpr std::size_t kMaxStates = 4096;
  /// The deepest nesting of groups.
  static constexpr std::size_t kMaxDepth = 200;

  /// Nothing when `text` is not a well-formed pattern; `mistake`, where given, says why.
  static std::optional<FindPattern> parse(std::string_view text, Mistake* mistake = nullptr);

  /// True when the whole of `name` matches. `steps`, where given, is raised by the number of states
  /// visited: the measure the tests hold against hostile patterns.
  bool matches(std::string_view name, std::uint64_t* steps = nullptr) const;

  /// True when some string that begins with `prefix` followed by one of `next` can match.
  bool could_begin_with(std::string_view prefix, std::string_view next) const;

  std::size_t state_count() const noexcept { return states_.size(); }

 private:
  friend class FindPatternParser;
  using State = std::uint16_t;
  using CharSet = std::array<std::uint64_t, 4>;

  enum class Action : std::uint8_t { character, set, any, jump, split, accept };
  struct Node {
    Action action;
    unsigned char character = 0;  // lower case
    std::uint16_t set = 0;        // index into sets_
    State next = 0;
    State other = 0;  // second way out of a split
  };
  class Run;

  std::vector<Node> states_;
  std::vector<CharSet> sets_;
  State start_ = 0;
};

}  // namespace visa::model
