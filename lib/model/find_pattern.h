// SPDX-License-Identifier: MIT
// The regular expression of viFindRsrc: ? [list] [^list] * + | ( ) and \, matched against whole
// canonical names without regard to case. A Thompson automaton simulated on sets of states: for
// every pattern, the time is at most the length of the name times the length of the pattern, and
// the memory is linear in the pattern. A value type; matching is const and uses no shared state:
// any thread.
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
  /// The most states a pattern may need, about one per character; larger patterns are refused.
  static constexpr std::size_t kMaxStates = 4096;
  /// The deepest nesting of groups.
  static constexpr std::size_t kMaxDepth = 200;

  /// Returns nothing when `text` is not a well-formed pattern; then `mistake`, if given, says why.
  static std::optional<FindPattern> parse(std::string_view text, Mistake* mistake = nullptr);

  /// True when the whole of `name` matches. Adds the number of states visited to `steps`, if given:
  /// tests use it to bound the work on hostile patterns.
  bool matches(std::string_view name, std::uint64_t* steps = nullptr) const;

  /// True when the pattern can match some string that begins with `prefix` followed by a character
  /// of `next`.
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
