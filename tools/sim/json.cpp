// SPDX-License-Identifier: MIT
#include "tools/sim/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool run(Json& result, std::string& fault) {
    bool good = value(result, 0);
    if (good) {
      skip();
      good = at_ == text_.size() || fail("the end of the line");
    }
    if (!good) {
      fault = "expected " + expected_ + " at byte " + std::to_string(at_ + 1);
    }
    return good;
  }

 private:
  bool fail(std::string_view expected) {
    if (expected_.empty()) {
      expected_ = expected;
    }
    return false;
  }
  char now() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip() noexcept {
    while (now() == ' ' || now() == '\t' || now() == '\n' || now() == '\r') {
      ++at_;
    }
  }
  bool take(char c) noexcept {
    skip();
    if (now() != c || at_ == text_.size()) {
      return false;
    }
    ++at_;
    return true;
  }
  bool word(std::string_view text) noexcept {
    if (text_.substr(at_, text.size()) != text) {
      return false;
    }
    at_ += text.size();
    return true;
  }

  bool value(Json& result, int depth) {
    if (depth > kMostJsonDepth) {
      return fail("values that are nested less deeply");
    }
    skip();
    switch (now()) {
      case '{':
        ++at_;
        return object(result.value.emplace<JsonObject>(), depth);
      case '[':
        ++at_;
        return array(result.value.emplace<JsonArray>(), depth);
      case '"':
        ++at_;
        return string(result.value.emplace<std::string>());
      case 't':
        result.value = true;
        return word("true") || fail("a value");
      case 'f':
        result.value = false;
        return word("false") || fail("a value");
      case 'n':
        result.value = nullptr;
        return word("null") || fail("a value");
      default:
        return number(result);
    }
  }

  bool object(JsonObject& result, int depth) {
    if (take('}')) {
      return true;
    }
    do {
      std::string key;
      if (!take('"')) {
        return fail("a key in quotes");
      }
      if (!string(key)) {
        return false;
      }
      for (const auto& member : result) {
        if (member.first == key) {
          return fail("each key once");
        }
      }
      if (!take(':')) {
        return fail("':'");
      }
      result.push_back({std::move(key), Json{}});
      if (!value(result.back().second, depth + 1)) {
        return false;
      }
    } while (take(','));
    return take('}') || fail("',' or '}'");
  }

  bool array(JsonArray& result, int depth) {
    if (take(']')) {
      return true;
    }
    do {
      result.emplace_back();
      if (!value(result.back(), depth + 1)) {
        return false;
      }
    } while (take(','));
    return take(']') || fail("',' or ']'");
  }

  bool digits() noexcept {
    const std::size_t begin = at_;
    while (now() >= '0' && now() <= '9') {
      ++at_;
    }
    return at_ > begin;
  }

  bool number(Json& result) {
    const std::size_t begin = at_;
    word("-");
    const bool zero = now() == '0';
    const std::size_t first = at_;
    if (!digits() || (zero && at_ > first + 1) || (word(".") && !digits())) {
      return fail("a value");
    }
    if (now() == 'e' || now() == 'E') {
      ++at_;
      if (now() == '+' || now() == '-') {
        ++at_;
      }
      if (!digits()) {
        return fail("the digits of an exponent");
      }
    }
    double number = 0;
    const auto [end, code] = std::from_chars(text_.data() + begin, text_.data() + at_, number);
    if (code != std::errc() || end != text_.data() + at_) {
      return fail("a number that is not so large or small");
    }
    result.value = number;
    return true;
  }

  bool hexadecimal(std::uint32_t& code) {
    if (text_.size() - at_ < 4) {
      return fail("four hexadecimal digits");
    }
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, begin + 4, code, 16);
    if (error != std::errc() || end != begin + 4) {
      return fail("four hexadecimal digits");
    }
    at_ += 4;
    return true;
  }

  bool escaped_code(std::string& result) {
    std::uint32_t code = 0;
    if (!hexadecimal(code)) {
      return false;
    }
    if (code >= 0xD800 && code < 0xDC00) {
      std::uint32_t low = 0;
      if (!word("\\u") || !hexadecimal(low) || low < 0xDC00 || low > 0xDFFF) {
        return fail("the second half of a surrogate pair");
      }
      code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      return fail("the first half of a surrogate pair");
    }
    const auto put = [&result](std::uint32_t byte) { result += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6U);
      put(0x80 | (code & 0x3FU));
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12U);
      put(0x80 | (code >> 6U & 0x3FU));
      put(0x80 | (code & 0x3FU));
    } else {
      put(0xF0 | code >> 18U);
      put(0x80 | (code >> 12U & 0x3FU));
      put(0x80 | (code >> 6U & 0x3FU));
      put(0x80 | (code & 0x3FU));
    }
    return true;
  }

  // After the quote that begins it.
  bool string(std::string& result) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') {
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        --at_;
        return fail("no control character in a string");
      }
      if (c != '\\') {
        result += c;
        continue;
      }
      constexpr std::string_view kNames = "\"\\/bfnrt";
      constexpr std::string_view kCharacters = "\"\\/\b\f\n\r\t";
      const std::size_t place = kNames.find(now());
      if (at_ < text_.size() && place != std::string_view::npos) {
        result += kCharacters[place];
        ++at_;
      } else if (!word("u")) {
        return fail("an escape of JSON after the backslash");
      } else if (!escaped_code(result)) {
        return false;
      }
    }
    return fail("'\"' at the end of the string");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string expected_;
};

void write_string(const std::string& text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(const Json& json, std::string& out) {
  if (const auto* const flag = json.get<bool>()) {
    out += *flag ? "true" : "false";
  } else if (const auto* const number = json.get<double>()) {
    std::array<char, 32> text{};
    const bool whole = std::abs(*number) < 1e15 && std::floor(*number) == *number;
    std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.17g", *number);
    out += text.data();
  } else if (const auto* const text = json.get<std::string>()) {
    write_string(*text, out);
  } else if (const auto* const array = json.get<JsonArray>()) {
    out += '[';
    for (const Json& one : *array) {
      out += &one == array->data() ? "" : ",";
      write(one, out);
    }
    out += ']';
  } else if (const auto* const object = json.get<JsonObject>()) {
    out += '{';
    for (const auto& member : *object) {
      out += &member == object->data() ? "" : ",";
      write_string(member.first, out);
      out += ':';
      write(member.second, out);
    }
    out += '}';
  } else {
    out += "null";
  }
}

}  // namespace

const Json* Json::find(std::string_view key) const noexcept {
  if (const auto* const object = get<JsonObject>()) {
    for (const auto& member : *object) {
      if (member.first == key) {
        return &member.second;
      }
    }
  }
  return nullptr;
}

std::string Json::text() const {
  std::string out;
  write(*this, out);
  return out;
}

bool parse_json(std::string_view text, Json& result, std::string& fault) {
  return Parser(text).run(result, fault);
}

}  // namespace visa::sim
