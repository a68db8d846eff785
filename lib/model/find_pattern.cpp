// SPDX-License-Identifier: MIT
// Precedence: ( ) and [ ] before * and +, before concatenation, before |. Decided here, because the
// standard is silent: \ makes the next character literal inside brackets too; - first or last in a
// list is literal, a reversed range is an error; "**" repeats a repetition; empty groups and empty
// sides of | are errors, and so is the empty pattern.
#include "lib/model/find_pattern.h"

#include <algorithm>

#include "lib/model/ascii.h"

namespace visa::model {

/// Recursive descent; the depth is bounded by FindPattern::kMaxDepth. Every function returns a
/// fragment whose last state's `next` still has to be set, or nothing.
class FindPatternParser {
 public:
  explicit FindPatternParser(std::string_view text) : text_(text) {}

  std::optional<FindPattern> run() {
    const auto whole = alternatives(0);
    if (!whole.has_value()) return std::nullopt;
    if (at_ < text_.size()) return fail(at_, "a '(' before this ')'");
    const auto accept = add({.action = Action::accept});
    if (!accept.has_value()) return std::nullopt;
    connect(*whole, *accept);
    pattern_.start_ = whole->first;
    return std::move(pattern_);
  }

  const Mistake& mistake() const noexcept { return mistake_; }

 private:
  using Action = FindPattern::Action;
  using State = FindPattern::State;
  using Node = FindPattern::Node;
  struct Fragment {
    State first;
    State last;
  };
  using Part = std::optional<Fragment>;

  /// Records that `expected` was expected at `at`.
  std::nullopt_t fail(std::size_t at, std::string_view expected, std::size_t size = 1) noexcept {
    if (mistake_.expected.empty()) {
      mistake_ = {text_.substr(std::min(at, text_.size()), size), expected};
    }
    return std::nullopt;
  }

  bool more() const noexcept { return at_ < text_.size(); }
  char peek() const noexcept { return text_[at_]; }

  std::optional<State> add(Node node) {
    if (pattern_.states_.size() >= FindPattern::kMaxStates) {
      return fail(at_, "a shorter expression");
    }
    pattern_.states_.push_back(node);
    return static_cast<State>(pattern_.states_.size() - 1);
  }

  Part single(Node node) {
    const auto state = add(node);
    return state.has_value() ? Part(Fragment{*state, *state}) : std::nullopt;
  }

  void connect(const Fragment& fragment, State next) {
    pattern_.states_[fragment.last].next = next;
  }

  // FindPattern::kMaxDepth bounds the recursion.
  Part alternatives(std::size_t depth) {
    Part left = sequence(depth);
    while (left.has_value() && more() && peek() == '|') {
      ++at_;
      const Part right = sequence(depth);
      if (!right.has_value()) return std::nullopt;
      const auto split = add({.action = Action::split, .next = left->first, .other = right->first});
      const auto join = add({.action = Action::jump});
      if (!split.has_value() || !join.has_value()) return std::nullopt;
      connect(*left, *join);
      connect(*right, *join);
      left = Fragment{*split, *join};
    }
    return left;
  }

  Part sequence(std::size_t depth) {
    Part whole = repetition(depth);
    while (whole.has_value() && more() && peek() != '|' && peek() != ')') {
      const Part next = repetition(depth);
      if (!next.has_value()) return std::nullopt;
      connect(*whole, next->first);
      whole->last = next->last;
    }
    return whole;
  }

  Part repetition(std::size_t depth) {
    Part part = atom(depth);
    while (part.has_value() && more() && (peek() == '*' || peek() == '+')) {
      const bool none_allowed = peek() == '*';
      ++at_;
      const auto out = add({.action = Action::jump});
      if (!out.has_value()) return std::nullopt;
      const auto again = add({.action = Action::split, .next = part->first, .other = *out});
      if (!again.has_value()) return std::nullopt;
      connect(*part, *again);
      part = Fragment{none_allowed ? *again : part->first, *out};
    }
    return part;
  }

  Part atom(std::size_t depth) {
    if (!more()) return fail(at_, "something that names can match");
    const char c = text_[at_++];
    switch (c) {
      case '?':
        return single({.action = Action::any});
      case '(': {
        if (depth == FindPattern::kMaxDepth) return fail(at_ - 1, "fewer groups inside each other");
        const Part group = alternatives(depth + 1);
        if (!more() || text_[at_++] != ')') {
          return fail(text_.size(), "a ')' that closes the '('");
        }
        return group;
      }
      case '[':
        return list();
      case '\\':
        return more() ? character(text_[at_++]) : fail(at_, "a character after the '\\'");
      case '*':
      case '+':
        return fail(at_ - 1, "something before it that is repeated ('?*' matches any text)");
      case '|':
      case ')':
        return fail(at_ - 1, "something that names can match");
      case ']':
        return fail(at_ - 1, "a '[' before this ']'");
      case '{':
      case '}':
        return fail(at_ - 1, "a '\\' before a brace that stands for itself");
      default:
        return character(c);
    }
  }

  Part character(char c) {
    return single(
        {.action = Action::character, .character = static_cast<unsigned char>(to_lower(c))});
  }

  Part list() {
    FindPattern::CharSet set{};
    const bool negated = more() && peek() == '^';
    if (negated) ++at_;
    bool empty = true;
    while (true) {
      if (!more()) return fail(at_, "a ']' that closes the '['");
      if (peek() == ']') {
        ++at_;
        break;
      }
      if (!list_range(set)) return std::nullopt;
      empty = false;
    }
    if (empty) return fail(at_ - 1, "a character between '[' and ']'");
    if (negated) {
      for (std::uint64_t& word : set) word = ~word;
    }
    pattern_.sets_.push_back(set);
    return single(
        {.action = Action::set, .set = static_cast<std::uint16_t>(pattern_.sets_.size() - 1)});
  }

  /// Reads one character of a list, or a range; false when there is neither.
  bool list_range(FindPattern::CharSet& set) {
    const std::size_t start = at_;
    const auto low = list_character();
    auto high = low;
    if (text_.substr(at_, 1) == "-" && text_.substr(at_ + 1, 1) != "]") {
      ++at_;
      high = list_character();
    }
    if (!low.has_value() || !high.has_value()) {
      fail(at_, "a ']' that closes the '['");
      return false;
    }
    if (*low > *high) {
      fail(start, "a range that goes up, as in [a-z]", at_ - start);
      return false;
    }
    for (unsigned c = *low; c <= *high; ++c) insert(set, to_lower(static_cast<char>(c)));
    return true;
  }

  std::optional<unsigned char> list_character() {
    if (more() && peek() == '\\') ++at_;
    if (!more()) return std::nullopt;
    return static_cast<unsigned char>(text_[at_++]);
  }

  static void insert(FindPattern::CharSet& set, char c) {
    const auto index = static_cast<unsigned char>(c);
    set[index / 64] |= std::uint64_t{1} << (index % 64);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Mistake mistake_;
  FindPattern pattern_;
};

/// The set of states that the automaton can be in. A state enters the set at most once per
/// character, so the work per character is bounded by the number of states.
class FindPattern::Run {
 public:
  Run(const FindPattern& pattern, std::uint64_t* steps)
      : pattern_(pattern), seen_(pattern.states_.size(), 0), steps_(steps) {
    enter(pattern.start_);
  }

  void step(char c) {
    advance([this, c](const Node& node) { return accepts(node, c); });
  }

  void step_any_of(std::string_view characters) {
    advance([this, characters](const Node& node) {
      for (const char c : characters) {
        if (accepts(node, c)) return true;
      }
      return false;
    });
  }

  bool dead() const noexcept { return current_.empty(); }

  bool accepted() const noexcept {
    for (const State state : current_) {
      if (pattern_.states_[state].action == Action::accept) return true;
    }
    return false;
  }

 private:
  template <class Test>
  void advance(const Test& test) {
    std::swap(current_, previous_);
    current_.clear();
    ++round_;
    for (const State state : previous_) {
      const Node& node = pattern_.states_[state];
      if (test(node)) enter(node.next);
    }
  }

  bool accepts(const Node& node, char c) const noexcept {
    const auto lower = static_cast<unsigned char>(to_lower(c));
    switch (node.action) {
      case Action::any:
        return true;
      case Action::character:
        return node.character == lower;
      case Action::set:
        return (pattern_.sets_[node.set][lower / 64] >> (lower % 64) & 1) != 0;
      default:
        return false;
    }
  }

  /// Adds `state` and the states it reaches without reading a character.
  void enter(State state) {
    pending_.push_back(state);
    while (!pending_.empty()) {
      const State next = pending_.back();
      pending_.pop_back();
      if (seen_[next] == round_) continue;
      seen_[next] = round_;
      if (steps_ != nullptr) ++*steps_;
      const Node& node = pattern_.states_[next];
      if (node.action == Action::split) {
        pending_.push_back(node.other);
        pending_.push_back(node.next);
      } else if (node.action == Action::jump) {
        pending_.push_back(node.next);
      } else {
        current_.push_back(next);
      }
    }
  }

  const FindPattern& pattern_;
  std::vector<std::uint64_t> seen_;  // the round in which a state last entered
  std::uint64_t round_ = 1;
  std::uint64_t* steps_;
  std::vector<State> current_;
  std::vector<State> previous_;
  std::vector<State> pending_;
};

std::optional<FindPattern> FindPattern::parse(std::string_view text, Mistake* mistake) {
  FindPatternParser parser(text);
  auto pattern = parser.run();
  if (!pattern.has_value() && mistake != nullptr) *mistake = parser.mistake();
  return pattern;
}

bool FindPattern::matches(std::string_view name, std::uint64_t* steps) const {
  Run run(*this, steps);
  for (const char c : name) {
    run.step(c);
    if (run.dead()) return false;
  }
  return run.accepted();
}

bool FindPattern::could_begin_with(std::string_view prefix, std::string_view next) const {
  Run run(*this, nullptr);
  for (const char c : prefix) run.step(c);
  run.step_any_of(next);
  return !run.dead();
}

}  // namespace visa::model
