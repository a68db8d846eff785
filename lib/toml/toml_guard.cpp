// SPDX-License-Identifier: MIT
// Walks through the text and tells strings, comments and the rest apart; it knows no more of TOML.
// Invariant: the walk and the parser agree on which characters lie outside strings and comments;
// the walk stops at the first thing that could make the two disagree.
#include "lib/toml/toml_guard.h"

#include <cstddef>
#include <cstdint>

namespace visa::tomlio {

namespace {

constexpr std::size_t kMostKeyParts = 32;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ = kByteOrderMark.size();
    line_start_ = at_;
  }

  std::optional<TextFault> run() {
    while (at_ < text_.size() && reason_.empty()) step();
    if (reason_.empty()) return {};
    return TextFault{{line_, static_cast<std::uint32_t>(fault_ - line_start_ + 1)}, reason_};
  }

 private:
  char now() const { return text_[at_]; }
  bool ahead(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void fail(std::string_view reason) {
    fault_ = at_;
    reason_ = reason;
  }
  void line_break() {
    ++line_;
    line_start_ = at_ + 1;
  }

  void step() {
    const char c = now();
    if (c == '"' || c == '\'') {
      walk_string(c);
      return;
    }
    if (c == '#') {
      const auto end = text_.find('\n', at_);
      at_ = end == std::string_view::npos ? text_.size() : end;
      return;
    }
    if (static_cast<unsigned char>(c) > 0x7F) {
      fail("a character outside strings and comments that is not ASCII");
      return;
    }
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    if (c == '\n') {
      line_break();
      previous_ = '\n';
      dots_ = 0;
    } else if (!blank) {
      if (after_string_ && std::string_view("=,]}.").find(c) == std::string_view::npos) {
        fail("text directly after a string");
        return;
      }
      if (c != '.' && std::string_view("=,[]{}").find(c) != std::string_view::npos) dots_ = 0;
      if (c == '.' && ++dots_ >= kMostKeyParts) {
        fail("a key of more than 32 parts");
        return;
      }
      previous_ = c;
    }
    if (!blank) after_string_ = false;
    ++at_;
  }

  void walk_string(char quote) {
    if (after_string_ || std::string_view("\n=,[{.").find(previous_) == std::string_view::npos) {
      fail("a string where none is allowed");
      return;
    }
    const std::size_t start = at_;
    const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
    const bool ended = ahead(triple) ? walk_long(triple) : walk_short(quote);
    if (!reason_.empty()) return;
    if (!ended) {
      at_ = start < line_start_ ? line_start_ : start;
      fail("a string that does not end");
      return;
    }
    after_string_ = true;
  }

  bool walk_short(char quote) {
    for (++at_; at_ < text_.size() && now() != '\n'; ++at_) {
      if (now() == quote) {
        ++at_;
        return true;
      }
      if (now() == '\\' && quote == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] == '\n') return false;
        ++at_;
      }
    }
    return false;
  }

  bool walk_long(std::string_view triple) {
    at_ += triple.size();
    while (at_ < text_.size()) {
      if (ahead(triple)) {
        at_ += triple.size();
        // Up to two quotes more belong to the string.
        for (int i = 0; i < 2 && at_ < text_.size() && now() == triple[0]; ++i) ++at_;
        return true;
      }
      if (now() == '\\' && triple[0] == '"') {
        walk_escape();
        if (!reason_.empty()) return false;
        continue;
      }
      if (now() == '\n') line_break();
      ++at_;
    }
    return false;
  }

  /// After a backslash the parser looks for white space, so the next characters must be ASCII, too.
  void walk_escape() {
    ++at_;
    bool blank = false;
    while (at_ < text_.size() &&
           (now() == ' ' || now() == '\t' || now() == '\r' || now() == '\n')) {
      if (now() == '\n') line_break();
      ++at_;
      blank = true;
    }
    if (at_ == text_.size()) return;
    if (static_cast<unsigned char>(now()) > 0x7F) {
      fail("a character after a backslash that is not ASCII");
    } else if (!blank) {
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::size_t dots_ = 0;
  char previous_ = '\n';       // last character outside strings, comments and blanks
  bool after_string_ = false;  // only blanks since a string
  std::size_t fault_ = 0;
  std::string_view reason_;
};

}  // namespace

std::optional<TextFault> find_text_fault(std::string_view text) {
  return Walk(text).run();
}

}  // namespace visa::tomlio
