// SPDX-License-Identifier: MIT
// Cuts the expression at its first brace that is neither escaped nor in a list. Blanks around the
// part in braces are allowed.
#include "lib/model/find_expression.h"

namespace visa::model {
namespace {

/// Where the part in braces begins; npos when there is none.
std::size_t find_brace(std::string_view text) noexcept {
  bool in_list = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (in_list) {
      in_list = c != ']';
    } else if (c == '[') {
      in_list = true;
    } else if (c == '{') {
      return i;
    }
  }
  return std::string_view::npos;
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

std::string_view trim_end(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// In every canonical name a digit follows the keyword; after ASRL it may also be a path.
std::string_view after_keyword(Interface interface) noexcept {
  return interface == Interface::asrl ? "0123456789/" : "0123456789";
}

}  // namespace

Result<FindExpression> FindExpression::parse(std::string_view text, Mistake* mistake) {
  const std::size_t brace = find_brace(text);
  std::optional<FindFilter> filter;
  if (brace != std::string_view::npos) {
    const std::string_view rest = trim_end(text.substr(brace + 1));
    if (rest.empty() || rest.back() != '}') {
      const std::size_t closed = rest.rfind('}');
      const bool more = closed != std::string_view::npos;
      if (mistake != nullptr) {
        *mistake = more ? Mistake{rest.substr(closed + 1), "the end after '}'"}
                        : Mistake{text.substr(text.size()), "a '}' that closes the '{'"};
      }
      return Status::error_inv_expr;
    }
    filter = FindFilter::parse(rest.substr(0, rest.size() - 1), mistake);
    if (!filter.has_value()) {
      if (mistake != nullptr && mistake->found.empty()) {
        mistake->found = rest.substr(rest.size() - 1);  // the closing brace
      }
      return Status::error_inv_expr;
    }
    text = trim_end(text.substr(0, brace));
  }
  auto pattern = FindPattern::parse(text, mistake);
  if (!pattern.has_value()) return Status::error_inv_expr;
  return FindExpression(*std::move(pattern), std::move(filter));
}

bool FindExpression::could_match(Interface interface) const {
  return interface != Interface::none &&
         pattern_.could_begin_with(keyword(interface), after_keyword(interface));
}

}  // namespace visa::model
