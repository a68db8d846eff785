// SPDX-License-Identifier: MIT
// Recursive descent into steps for a stack machine. Depth and length are limited, since the text
// may be anything: the parser's recursion by kMostDepth, the machine's stack by kMostSteps.
#include "tools/sim/description/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "tools/sim/scpi/program_message.h"

namespace visa::sim {
namespace {

constexpr int kMostDepth = 32;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

class ExpressionParser {
 public:
  using Code = Expression::Code;

  ExpressionParser(std::string_view text, const NameLookup& names, bool channel)
      : text_(text), names_(names), channel_(channel) {}

  std::optional<Expression> run(Expression::Fault& fault) {
    Expression result;
    steps_ = &result.steps_;
    steps_->clear();
    if (ternary() && (skip(), at_ < text_.size())) fail("an operator or the end");
    if (!reason_.empty()) {
      fault = {fault_, reason_};
      return std::nullopt;
    }
    return result;
  }

 private:
  struct Level {
    std::string_view word;
    Code code;
  };

  bool fail(std::string_view expected) {
    if (reason_.empty()) {
      fault_ = at_;
      reason_ = "expected " + std::string(expected);
    }
    return false;
  }
  void skip() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
  }
  bool take(std::string_view sign) {
    skip();
    if (text_.substr(at_, sign.size()) != sign) return false;
    const std::size_t end = at_ + sign.size();
    if (is_letter(sign.front()) && end < text_.size() &&
        (is_letter(text_[end]) || is_digit(text_[end]))) {
      return false;  // "order" is not "or"
    }
    at_ = end;
    return true;
  }
  bool emit(Code code, double value = 0, std::size_t property = 0) {
    if (steps_->size() >= Expression::kMostSteps) return fail("a shorter formula");
    steps_->push_back({code, value, property});
    return true;
  }

  // kMostDepth bounds the recursion.
  bool ternary() {
    if (++depth_ > kMostDepth) return fail("a formula that is nested less deeply");
    bool good = binary(0);
    if (good && take("?")) {
      good = ternary() && (take(":") || fail("':'")) && ternary() && emit(Code::select);
    }
    --depth_;
    return good;
  }

  bool binary(std::size_t level) {
    static constexpr std::array<std::array<Level, 7>, 5> kLevels = {{
        {{{"or", Code::either}}},
        {{{"and", Code::both}}},
        {{{"<=", Code::less_equal},
          {">=", Code::greater_equal},
          {"==", Code::equal},
          {"!=", Code::unequal},
          {"<", Code::less},
          {">", Code::greater}}},
        {{{"+", Code::add}, {"-", Code::subtract}}},
        {{{"*", Code::multiply}, {"/", Code::divide}, {"%", Code::remainder}}},
    }};
    if (level == kLevels.size()) return unary();
    if (!binary(level + 1)) return false;
    while (true) {
      const auto& operators = kLevels[level];
      const auto found = std::find_if(operators.begin(), operators.end(), [this](const Level& one) {
        return !one.word.empty() && take(one.word);
      });
      if (found == operators.end()) return true;
      const Code code = found->code;
      const bool compares = code == Code::equal || code == Code::unequal;
      if (compares && (skip(), at_ < text_.size()) && text_[at_] == '\'') {
        if (!choice_word() || !emit(code)) return false;
      } else if (!binary(level + 1) || !emit(code)) {
        return false;
      }
    }
  }

  bool unary() {
    if (++depth_ > kMostDepth) return fail("a formula that is nested less deeply");
    bool good = false;
    if (take("-")) {
      good = unary() && emit(Code::negate);
    } else if (take("not")) {
      good = unary() && emit(Code::invert);
    } else {
      good = primary();
    }
    --depth_;
    return good;
  }

  bool primary() {
    choices_ = nullptr;
    skip();
    if (at_ >= text_.size()) return fail("a number, a name or '('");
    if (take("(")) {
      return ternary() && (take(")") || fail("')'"));
    }
    if (is_digit(text_[at_]) || text_[at_] == '.') return number();
    if (is_letter(text_[at_])) return name();
    return fail("a number, a name or '('");
  }

  bool number() {
    double value = 0;
    const char* const end = text_.data() + text_.size();
    const auto [stop, code] = std::from_chars(text_.data() + at_, end, value);
    if (code != std::errc()) return fail("a number");
    at_ = static_cast<std::size_t>(stop - text_.data());
    return emit(Code::constant, value);
  }

  bool name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (take("(")) {
      return function(word, begin);
    }
    if (word == "channel") {
      return channel_ ? emit(Code::channel) : wrong(begin, "no 'channel' outside of one");
    }
    if (word == "pi") return emit(Code::constant, 3.14159265358979323846);
    const std::optional<NameInfo> found = names_(word);
    if (!found) {
      return wrong(begin, "the name of a property instead of '" + std::string(word) + "'");
    }
    if (found->text) return wrong(begin, "a number; '" + std::string(word) + "' is a string");
    if (take("[")) {
      if (!ternary() || !(take("]") || fail("']'"))) return false;
      choices_ = found->choices;
      return emit(Code::indexed_property, 0, found->property);
    }
    if (found->count > 1 && !found->own_channel) {
      return fail("'[', as '" + std::string(word) + "' is a channel's");
    }
    choices_ = found->choices;
    return emit(Code::property, 0, found->property);
  }

  bool wrong(std::size_t at, const std::string& expected) {
    at_ = at;
    return fail(expected);
  }

  bool function(std::string_view word, std::size_t begin) {
    struct Function {
      std::string_view name;
      Code code;
      int arguments;
    };
    static constexpr std::array kFunctions = std::to_array<Function>({
        {"min", Code::minimum, 2},
        {"max", Code::maximum, 2},
        {"pow", Code::power, 2},
        {"abs", Code::absolute, 1},
        {"sqrt", Code::square_root, 1},
        {"exp", Code::exponential, 1},
        {"log10", Code::logarithm, 1},
        {"floor", Code::down, 1},
        {"round", Code::nearest, 1},
        {"sin", Code::sine, 1},
        {"noise", Code::noise, 1},
    });
    const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                    [word](const Function& one) { return one.name == word; });
    if (found == kFunctions.end()) {
      return wrong(begin,
                   "min, max, pow, abs, sqrt, exp, log10, floor, round, sin or noise instead of '" +
                       std::string(word) + "'");
    }
    for (int i = 0; i < found->arguments; ++i) {
      if ((i > 0 && !(take(",") || fail("','"))) || !ternary()) return false;
    }
    return (take(")") || fail("')'")) && emit(found->code);
  }

  // The word of a choice after == or !=; becomes its place.
  bool choice_word() {
    const std::size_t begin = at_;
    const std::size_t end = text_.find('\'', at_ + 1);
    if (choices_ == nullptr) return fail("a choice before a word in quotes");
    if (end == std::string_view::npos) return fail("a quote at the end of the word");
    const std::string_view word = text_.substr(begin + 1, end - begin - 1);
    for (std::size_t i = 0; i < choices_->size(); ++i) {
      if (equal_ignoring_case((*choices_)[i], word) || matches_mnemonic((*choices_)[i], word)) {
        at_ = end + 1;
        return emit(Code::constant, static_cast<double>(i));
      }
    }
    return fail("a word of that choice instead of '" + std::string(word) + "'");
  }

  std::string_view text_;
  const NameLookup& names_;
  bool channel_;
  std::vector<Expression::Step>* steps_ = nullptr;
  std::size_t at_ = 0;
  std::size_t fault_ = 0;
  std::string reason_;
  int depth_ = 0;
  const std::vector<std::string>* choices_ = nullptr;  // of the operand just parsed
};

std::optional<Expression> Expression::parse(std::string_view text, const NameLookup& names,
                                            bool channel, Fault& fault) {
  return ExpressionParser(text, names, channel).run(fault);
}

}  // namespace visa::sim
