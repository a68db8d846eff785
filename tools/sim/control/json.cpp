// SPDX-License-Identifier: MIT
// The library reads token by token and without recursion; JsonBuilder makes the value of them and
// stops it at the first one that is refused.
#include "tools/sim/control/json.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace visa::sim {
namespace {

struct Wording {
  std::string_view library;
  std::string_view ours;
};

/// What the library says it expected, as the control socket says it.
constexpr Wording kExpected[] = {
    {"'[', '{', or a literal", "a value"},
    {"string literal", "a key in quotes"},
    {"'}'", "',' or '}'"},
    {"']'", "',' or ']'"},
    {"':'", "':'"},
    {"end of input", "the end of the line"},
};

/// What the library says is wrong inside of a token.
constexpr Wording kReasons[] = {
    {"invalid literal", "a value"},
    {"invalid string: missing closing quote", "'\"' at the end of the string"},
    {"invalid string: forbidden character after backslash",
     "an escape of JSON after the backslash"},
};

/// From the library's message, "[...] parse error at line 1, column 2: syntax error while parsing
/// CONTEXT - REASON; last read: 'TEXT'; expected PHRASE", where the last two may be missing. The
/// peer's TEXT may be as long as its line, so it is not repeated.
std::string expected_by(std::string_view message) {
  constexpr std::string_view kPhrase = "; expected ";
  const std::size_t phrase = message.rfind(kPhrase);
  if (phrase != std::string_view::npos)
    for (const Wording& wording : kExpected)
      if (message.substr(phrase + kPhrase.size()) == wording.library)
        return std::string(wording.ours);
  std::string_view reason = message.substr(0, message.find("; last read: "));
  for (const std::string_view before : {": ", " - "})
    if (const std::size_t begin = reason.find(before); begin != std::string_view::npos)
      reason.remove_prefix(begin + before.size());
  for (const Wording& wording : kReasons)
    if (reason == wording.library) return std::string(wording.ours);
  return "JSON (" + std::string(reason) + ")";
}

// NOLINTNEXTLINE(bugprone-exception-escape): moving a value of the library does not throw
class JsonBuilder : public nlohmann::json_sax<Json> {
 public:
  Json take() { return std::move(root_); }
  const std::string& fault() const { return fault_; }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    // The library reports numbers that are too large; those too small for a double it makes zero.
    const std::string_view digits = std::string_view(text).substr(0, text.find_first_of("eE"));
    if (value == 0 && digits.find_first_of("123456789") != std::string_view::npos)
      return refuse("a number that is not so small: " + text.substr(0, 40));
    return add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse("JSON"); }  // not in a text

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& name) override {
    const auto [member, added] = open_.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
    member_ = &member->second;
    return added || refuse("each key once instead of '" + member->first.substr(0, 60) + "' again");
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    const std::string expected =
        error.id == kNumberOverflow ? "a number that is not so large" : expected_by(error.what());
    return refuse(expected + " at byte " + std::to_string(position));
  }

 private:
  bool refuse(const std::string& expected) {
    fault_ = "expected " + expected;
    return false;
  }
  /// The new value's place: the whole, an array's end, or the member of the latest key. A container
  /// that is open does not grow while one inside of it does, so the pointers stay valid.
  Json& put(Json&& value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& container = *open_.back();
    if (container.is_array()) return container.emplace_back(std::move(value));
    return *member_ = std::move(value);
  }
  bool add(Json&& value) {
    put(std::move(value));
    return true;
  }
  bool open(Json&& container) {
    if (open_.size() == kMostJsonDepth)
      return refuse("values that are nested at most " + std::to_string(kMostJsonDepth) + " deep");
    open_.push_back(&put(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;  // the containers that have begun and not ended, the outermost first
  Json* member_ = nullptr;   // of the innermost object
  std::string fault_;
};

}  // namespace

JsonReading parse_json(std::string_view text) {
  if (text.empty()) return {nullptr, "expected a value at byte 1"};
  JsonBuilder builder;
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return {nullptr, builder.fault()};
  // For the library a NUL ends the text, whatever follows.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    return {nullptr, "expected the end of the line at byte " + std::to_string(nul + 1)};
  return {builder.take(), ""};
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace visa::sim
