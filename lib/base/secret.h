// SPDX-License-Identifier: MIT
// A text that nobody is to see: a password. Its memory is overwritten before it is given back. It
// has no operator that would put it into a message, and its characters are reached by `reveal`
// alone. A value type.
#pragma once

#include <string.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace visa {

/// Overwrites the characters of `text`, also those that it could still take up, and empties it.
inline void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  ~Secret() { wipe(text_); }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::exchange(other.text_, {})) {
    wipe(other.text_);  // a short text was copied
  }
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }

  bool empty() const noexcept { return text_.empty(); }
  std::string_view reveal() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace visa
