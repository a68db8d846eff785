// SPDX-License-Identifier: MIT
// A semicolon inside quotation marks belongs to the argument; a line end always ends the unit, so
// that an unbalanced quotation mark hides no later message.
#include "lib/base/secret_filter.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace visa {
namespace {

constexpr std::string_view kSecretWords[] = {"PASS", "PWD", "PSWD", "PSK", "SECRET", "CREDENTIAL"};
constexpr std::size_t kLongestHeader = 128;

bool names_a_secret(std::string_view header) {
  std::string upper(header);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::any_of(std::begin(kSecretWords), std::end(kSecretWords),
                     [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

}  // namespace

void SecretFilter::end_message() noexcept {
  part_ = Part::header;
  quote_ = 0;
  header_.clear();
}

bool SecretFilter::hides(char c) {
  if (c == '\n' || c == '\r' || (c == ';' && quote_ == 0)) {
    end_message();
    return false;
  }
  if (part_ != Part::header) {
    if (quote_ == 0 && (c == '"' || c == '\'')) {
      quote_ = c;
    } else if (c == quote_) {
      quote_ = 0;
    }
    return part_ == Part::secret;
  }
  const bool space = c == ' ' || c == '\t';
  if (space && !header_.empty()) {
    part_ = names_a_secret(header_) ? Part::secret : Part::argument;
  } else if (!space && header_.size() < kLongestHeader) {
    header_ += c;
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
