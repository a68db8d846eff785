// SPDX-License-Identifier: MIT
// The keys of a request to the control socket, each taken with its type. Lives while the request is
// executed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/control/json.h"

namespace visa::sim {

// A double, which is what many clients make of a number, has all whole numbers up to here.
inline constexpr std::uint64_t kMostCount = std::uint64_t{1} << 53U;

/// Thrown for a request that is not understood; becomes the answer's "error".
struct Refusal {
  std::string text;
};

class Request {
 public:
  /// `json` is an object and outlives this.
  explicit Request(const Json& json) : json_(json) {}

  /// Each is null or nothing without the key, and throws Refusal for a value of another kind.
  const std::string* text(std::string_view key);
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least,
                                      std::uint64_t most);
  bool boolean(std::string_view key, bool preset);
  /// Refuses keys that no operation has asked for.
  void finish() const;
  /// Null if the request has no such key.
  const Json* take(std::string_view key);

 private:
  const Json& json_;
  std::vector<std::string> asked_;
};

/// A byte is a character, as in the log; throws Refusal for a character beyond U+00FF.
std::string bytes_of_text(std::string_view text);
std::string text_of_bytes(std::string_view bytes);

}  // namespace visa::sim
