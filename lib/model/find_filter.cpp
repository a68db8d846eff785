// SPDX-License-Identifier: MIT
// Precedence: ( ) before ! before && before ||. Decided here, because the standard is silent: `!`
// may stand before a bare comparison; strings are compared without case; names of constants
// (VI_TRUE) stand for their numbers; a negative number for an unsigned attribute is an error, and
// so is a string where a number is due. A comparison with a missing attribute is "unknown" in
// Kleene's logic.
#include "lib/model/find_filter.h"

#include <algorithm>

#include "lib/model/ascii.h"
#include "lib/model/attribute_table.h"

namespace visa::model {
namespace {

struct Constant {
  std::string_view name;
  std::int64_t value;
};

/// The named constants that are values of global attributes.
constexpr Constant kConstants[] = {
    {"VI_A16_SPACE", VI_A16_SPACE},
    {"VI_A24_SPACE", VI_A24_SPACE},
    {"VI_A32_SPACE", VI_A32_SPACE},
    {"VI_A64_SPACE", VI_A64_SPACE},
    {"VI_ASRL_FLOW_DTR_DSR", VI_ASRL_FLOW_DTR_DSR},
    {"VI_ASRL_FLOW_NONE", VI_ASRL_FLOW_NONE},
    {"VI_ASRL_FLOW_RTS_CTS", VI_ASRL_FLOW_RTS_CTS},
    {"VI_ASRL_FLOW_XON_XOFF", VI_ASRL_FLOW_XON_XOFF},
    {"VI_ASRL_PAR_EVEN", VI_ASRL_PAR_EVEN},
    {"VI_ASRL_PAR_MARK", VI_ASRL_PAR_MARK},
    {"VI_ASRL_PAR_NONE", VI_ASRL_PAR_NONE},
    {"VI_ASRL_PAR_ODD", VI_ASRL_PAR_ODD},
    {"VI_ASRL_PAR_SPACE", VI_ASRL_PAR_SPACE},
    {"VI_ASRL_STOP_ONE", VI_ASRL_STOP_ONE},
    {"VI_ASRL_STOP_ONE5", VI_ASRL_STOP_ONE5},
    {"VI_ASRL_STOP_TWO", VI_ASRL_STOP_TWO},
    {"VI_EXCLUSIVE_LOCK", VI_EXCLUSIVE_LOCK},
    {"VI_FALSE", VI_FALSE},
    {"VI_GPIB_LISTENER", VI_GPIB_LISTENER},
    {"VI_GPIB_TALKER", VI_GPIB_TALKER},
    {"VI_GPIB_UNADDRESSED", VI_GPIB_UNADDRESSED},
    {"VI_INTF_ASRL", VI_INTF_ASRL},
    {"VI_INTF_FIREWIRE", VI_INTF_FIREWIRE},
    {"VI_INTF_GPIB", VI_INTF_GPIB},
    {"VI_INTF_GPIB_VXI", VI_INTF_GPIB_VXI},
    {"VI_INTF_PXI", VI_INTF_PXI},
    {"VI_INTF_TCPIP", VI_INTF_TCPIP},
    {"VI_INTF_USB", VI_INTF_USB},
    {"VI_INTF_VXI", VI_INTF_VXI},
    {"VI_NO_LOCK", VI_NO_LOCK},
    {"VI_NO_SEC_ADDR", VI_NO_SEC_ADDR},
    {"VI_NULL", VI_NULL},
    {"VI_PXI_ADDR_IO", VI_PXI_ADDR_IO},
    {"VI_PXI_ADDR_MEM", VI_PXI_ADDR_MEM},
    {"VI_PXI_ADDR_NONE", VI_PXI_ADDR_NONE},
    {"VI_SHARED_LOCK", VI_SHARED_LOCK},
    {"VI_STATE_ASSERTED", VI_STATE_ASSERTED},
    {"VI_STATE_UNASSERTED", VI_STATE_UNASSERTED},
    {"VI_STATE_UNKNOWN", VI_STATE_UNKNOWN},
    {"VI_TRUE", VI_TRUE},
    {"VI_UNKNOWN_CHASSIS", VI_UNKNOWN_CHASSIS},
    {"VI_UNKNOWN_LA", VI_UNKNOWN_LA},
    {"VI_UNKNOWN_SLOT", VI_UNKNOWN_SLOT},
    {"VI_VXI_CLASS_EXTENDED", VI_VXI_CLASS_EXTENDED},
    {"VI_VXI_CLASS_MEMORY", VI_VXI_CLASS_MEMORY},
    {"VI_VXI_CLASS_MESSAGE", VI_VXI_CLASS_MESSAGE},
    {"VI_VXI_CLASS_OTHER", VI_VXI_CLASS_OTHER},
    {"VI_VXI_CLASS_REGISTER", VI_VXI_CLASS_REGISTER},
};

/// The type of a global attribute, nullptr for every other name.
const Attribute* global_attribute(std::string_view name) noexcept {
  const Attribute* first = find_attribute_by_name(name);
  if (first == nullptr) return nullptr;
  for (const Attribute& row : attribute_rows(first->id)) {
    if (row.scope == Scope::global && row.type != AttributeType::bytes) return &row;
  }
  return nullptr;
}

}  // namespace

/// Recursive descent, the depth bounded by FindFilter::kMaxDepth. Every function returns the index
/// of a node, or nothing.
class FindFilterParser {
 public:
  explicit FindFilterParser(std::string_view text) : text_(text) {}

  std::optional<FindFilter> run() {
    if (text_.size() > FindFilter::kMaxLength) {
      return fail(text_.substr(FindFilter::kMaxLength), "at most 4096 characters in the braces");
    }
    const Index root = disjunction(0);
    if (!root.has_value()) return std::nullopt;
    skip_blanks();
    if (at_ < text_.size()) return fail(text_.substr(at_), "&&, || or the end of the braces");
    filter_.root_ = *root;
    return std::move(filter_);
  }

  const Mistake& mistake() const noexcept { return mistake_; }

 private:
  using Index = std::optional<std::uint16_t>;
  using Node = FindFilter::Node;
  using Operation = FindFilter::Operation;

  /// Records that `expected` was expected where `found` stands.
  std::nullopt_t fail(std::string_view found, std::string_view expected) noexcept {
    if (mistake_.expected.empty()) mistake_ = {found, expected};
    return std::nullopt;
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  /// Takes `token` if it comes next.
  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Index add(Node node) {
    filter_.nodes_.push_back(std::move(node));  // at most one node per character: fits 16 bits
    return static_cast<std::uint16_t>(filter_.nodes_.size() - 1);
  }

  // FindFilter::kMaxDepth bounds the recursion.
  Index disjunction(std::size_t depth) {
    Index left = conjunction(depth);
    while (left.has_value() && take("||")) {
      const Index right = conjunction(depth);
      if (!right.has_value()) return std::nullopt;
      left = add({.kind = FindFilter::Kind::disjunction, .left = *left, .right = *right});
    }
    return left;
  }

  Index conjunction(std::size_t depth) {
    Index left = unary(depth);
    while (left.has_value() && take("&&")) {
      const Index right = unary(depth);
      if (!right.has_value()) return std::nullopt;
      left = add({.kind = FindFilter::Kind::conjunction, .left = *left, .right = *right});
    }
    return left;
  }

  Index unary(std::size_t depth) {
    if (depth == FindFilter::kMaxDepth) {
      return fail(text_.substr(at_), "fewer parentheses inside each other");
    }
    if (take("!")) {
      const Index operand = unary(depth + 1);
      return operand.has_value() ? add({.kind = FindFilter::Kind::negation, .left = *operand})
                                 : std::nullopt;
    }
    if (take("(")) {
      const Index inner = disjunction(depth + 1);
      return !inner.has_value() || take(")") ? inner : fail(text_.substr(at_), "a ')'");
    }
    return comparison();
  }

  Index comparison() {
    const std::string_view name = word();
    const Attribute* attribute = global_attribute(name);
    if (attribute == nullptr) {
      return fail(name.empty() ? text_.substr(at_) : name,
                  find_attribute_by_name(name) != nullptr
                      ? "a global attribute; this one belongs to a session"
                      : "the name of a global attribute (VI_ATTR_...)");
    }
    const auto operation = comparison_operator();
    if (!operation.has_value()) return fail(text_.substr(at_), "==, !=, <, >, <= or >=");
    Node node{.kind = FindFilter::Kind::comparison,
              .operation = *operation,
              .is_signed = is_signed(attribute->type),
              .is_string = attribute->type == AttributeType::string,
              .attribute = attribute->id};
    if (node.is_string) {
      if (*operation != Operation::equal && *operation != Operation::not_equal) {
        return fail(name, "a number: strings have no order, only == and !=");
      }
      return string(node) ? add(std::move(node)) : std::nullopt;
    }
    return number(node) ? add(std::move(node)) : std::nullopt;
  }

  std::string_view word() {
    skip_blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_alphanumeric(text_[at_]) || text_[at_] == '_')) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::optional<Operation> comparison_operator() {
    struct Spelling {
      std::string_view text;
      Operation operation;
    };
    static constexpr Spelling kSpellings[] = {
        {"==", Operation::equal},      {"!=", Operation::not_equal},
        {"<=", Operation::less_equal}, {">=", Operation::greater_equal},
        {"<", Operation::less},        {">", Operation::greater},
    };
    for (const Spelling& spelling : kSpellings) {
      if (take(spelling.text)) return spelling.operation;
    }
    return std::nullopt;
  }

  bool string(Node& node) {
    if (!take("\"")) return refuse(text_.substr(at_), "a string in double quotes");
    const std::size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) {
      return refuse(text_.substr(text_.size()), "a '\"' that closes the string");
    }
    node.text = lower_case(text_.substr(at_, end - at_));
    at_ = end + 1;
    return true;
  }

  bool refuse(std::string_view found, std::string_view expected) noexcept {
    fail(found, expected);
    return false;
  }

  bool number(Node& node) {
    constexpr std::string_view kNumber = "a number or a constant such as VI_TRUE";
    bool negative = take("-");
    std::string_view digits = word();
    std::uint64_t magnitude = 0;
    if (digits.empty()) return refuse(text_.substr(at_), kNumber);
    if (is_digit(digits.front())) {
      if (!read_digits(digits, magnitude)) return refuse(digits, "a number of at most 64 bits");
    } else {
      const auto* constant =
          std::find_if(std::begin(kConstants), std::end(kConstants),
                       [digits](const Constant& c) { return equal_without_case(c.name, digits); });
      if (constant == std::end(kConstants) || negative) return refuse(digits, kNumber);
      negative = constant->value < 0;
      magnitude = static_cast<std::uint64_t>(negative ? -constant->value : constant->value);
    }
    constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
    if (node.is_signed ? magnitude >= kHalf : negative && magnitude != 0) {
      return refuse(
          digits, node.is_signed ? "a number of at most 63 bits" : "a number that is not negative");
    }
    node.number = negative ? ~magnitude + 1 : magnitude;
    return true;
  }

  static bool read_digits(std::string_view text, std::uint64_t& out) {
    std::uint64_t base = 10;
    if (starts_without_case(text, "0x")) {
      base = 16;
      text.remove_prefix(2);
    }
    for (const char c : text) {
      const int digit = hex_value(c);
      if (digit < 0 || static_cast<std::uint64_t>(digit) >= base ||
          out > (~std::uint64_t{0} - static_cast<std::uint64_t>(digit)) / base) {
        return false;
      }
      out = out * base + static_cast<std::uint64_t>(digit);
    }
    return !text.empty();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Mistake mistake_;
  FindFilter filter_;
};

std::optional<FindFilter> FindFilter::parse(std::string_view text, Mistake* mistake) {
  FindFilterParser parser(text);
  auto filter = parser.run();
  if (!filter.has_value() && mistake != nullptr) *mistake = parser.mistake();
  return filter;
}

bool FindFilter::matches(const AttributeLookup& lookup) const {
  return evaluate(root_, lookup) == Truth::yes;
}

// A level of the recursion takes a character, so there are FindFilter::kMaxLength at most.
FindFilter::Truth FindFilter::evaluate(std::size_t index, const AttributeLookup& lookup) const {
  const Node& node = nodes_[index];
  switch (node.kind) {
    case Kind::comparison: {
      const std::optional<AttributeValue> value = lookup(node.attribute);
      return value.has_value() ? compare(node, *value) : Truth::unknown;
    }
    case Kind::negation: {
      const Truth operand = evaluate(node.left, lookup);
      return operand == Truth::unknown ? operand : operand == Truth::yes ? Truth::no : Truth::yes;
    }
    case Kind::conjunction: {
      const Truth left = evaluate(node.left, lookup);
      return left == Truth::no ? left : std::min(left, evaluate(node.right, lookup));
    }
    case Kind::disjunction: {
      const Truth left = evaluate(node.left, lookup);
      return left == Truth::yes ? left : std::max(left, evaluate(node.right, lookup));
    }
  }
  return Truth::unknown;
}

FindFilter::Truth FindFilter::compare(const Node& node, const AttributeValue& value) {
  if (std::holds_alternative<std::string>(value) != node.is_string) return Truth::unknown;
  int order = 0;
  if (node.is_string) {
    order = equal_without_case(std::get<std::string>(value), node.text) ? 0 : 1;
  } else if (const std::uint64_t held = std::get<std::uint64_t>(value); held != node.number) {
    const bool less = node.is_signed
                          ? static_cast<std::int64_t>(held) < static_cast<std::int64_t>(node.number)
                          : held < node.number;
    order = less ? -1 : 1;
  }
  bool holds = false;
  switch (node.operation) {
    case Operation::equal:
      holds = order == 0;
      break;
    case Operation::not_equal:
      holds = order != 0;
      break;
    case Operation::less:
      holds = order < 0;
      break;
    case Operation::less_equal:
      holds = order <= 0;
      break;
    case Operation::greater:
      holds = order > 0;
      break;
    case Operation::greater_equal:
      holds = order >= 0;
      break;
  }
  return holds ? Truth::yes : Truth::no;
}

}  // namespace visa::model
