// SPDX-License-Identifier: MIT
// A semicolon inside quotation marks belongs to the argument, and so does everything in a block; a
// line end outside of it always ends the unit, so that an unbalanced quotation mark hides no later
// message. What looks like a block (MENU #12) takes the next bytes for its data, a line end among
// them included. A header with bytes that are no text is one of binary data: what looks like its
// question mark is none.
#include "lib/base/secret_filter.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace visa {
namespace {

constexpr std::string_view kSecretWords[] = {"PASS",   "PWD",        "PSWD", "PSK",
                                             "SECRET", "CREDENTIAL", "TOKEN"};
constexpr std::size_t kLongestHeader = 128;

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

bool has_word(const std::string& upper) {
  return std::any_of(std::begin(kSecretWords), std::end(kSecretWords),
                     [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

// An argument is hidden for too little rather than shown for too much.
bool names_a_secret(std::string_view header) {
  return has_word(upper_case(header));
}

/// What else is passed: CALCulate:LIMit:PASS?, and filters that pass a band (BPASs).
bool is_password(std::string_view node, std::string_view before) {
  constexpr std::string_view kPass = "PASS";
  if (!node.starts_with(kPass)) return node.find(kPass) == std::string_view::npos;
  if (node.size() > kPass.size()) return true;  // PASSword, PASSCode
  constexpr std::string_view kPlaces[] = {"SYST", "COMM", "LAN", "NETW", "USER", "AUTH", "SEC"};
  return before.empty() || std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](auto place) {
           return before.find(place) != std::string_view::npos;
         });
}

// Of an answer a recording keeps nothing that is hidden, so it is a password for certain.
bool asks_for_a_secret(std::string_view header) {
  const std::size_t mark = header.find('?');
  if (mark == std::string_view::npos) return false;
  const std::string upper = upper_case(header.substr(0, mark));
  const std::size_t colon = upper.rfind(':');
  const std::size_t begin = colon == std::string::npos ? 0 : colon + 1;
  std::string node = upper.substr(begin);
  node.erase(node.find_last_not_of("0123456789") + 1);
  return has_word(node) && is_password(node, std::string_view(upper).substr(0, begin));
}

}  // namespace

void SecretFilter::end_header() {
  if (part_ != Part::header) return;
  const bool question = header_.find('?') != std::string::npos;
  asks_ = question && asks_for_a_secret(header_);
  queries_ = question && (text_ || asks_);
}

void SecretFilter::end_message() {
  queries_ = false;
  asks_ = false;
  end_header();
  part_ = Part::header;
  quote_ = 0;
  header_.clear();
  text_ = true;
  before_ = 0;
  length_digits_ = 0;
  block_left_ = 0;
}

// #<digits><length><data>, as an argument. A # anywhere else, #H1F and a length of no digits are
// none; without a length (#0) the block ends with the message, which nobody has to know here.
void SecretFilter::note_block(char c) {
  const bool digit = c >= '0' && c <= '9';
  if (length_digits_ > 0) {
    block_length_ = digit ? block_length_ * 10 + static_cast<unsigned>(c - '0') : 0;
    length_digits_ = digit ? length_digits_ - 1 : 0;
    if (length_digits_ == 0) block_left_ = block_length_;
  } else if (before_ == '#' && digit) {
    length_digits_ = static_cast<unsigned>(c - '0');
    block_length_ = 0;
  }
  const bool begins = c == '#' && (before_ == ' ' || before_ == ',');
  before_ = begins || c == ',' || c == ' ' ? c : '\0';
}

bool SecretFilter::hides(char c) {
  queries_ = false;
  asks_ = false;
  if (block_left_ > 0) {
    --block_left_;
    return part_ == Part::secret;
  }
  if (c == '\n' || c == '\r' || (c == ';' && quote_ == 0)) {
    end_message();
    return false;
  }
  if (part_ != Part::header) {
    if (quote_ == 0) note_block(c);
    if (quote_ == 0 && (c == '"' || c == '\'')) {
      quote_ = c;
    } else if (c == quote_) {
      quote_ = 0;
    }
    return part_ == Part::secret;
  }
  const bool space = c == ' ' || c == '\t';
  if (space && !header_.empty()) {
    end_header();
    part_ = names_a_secret(header_) ? Part::secret : Part::argument;
    before_ = ' ';
  } else if (!space && header_.size() < kLongestHeader) {
    header_ += c;
    if (c < '!' || c > '~') text_ = false;
  }
  return false;
}

std::string without_secrets(std::string_view message) {
  SecretFilter filter;
  std::string shown(message);
  for (char& c : shown) {
    if (filter.hides(c)) c = '*';
  }
  return shown;
}

}  // namespace visa
