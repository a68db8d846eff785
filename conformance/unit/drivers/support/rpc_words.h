// SPDX-License-Identifier: MIT
// RPC messages of a test, word by word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "drivers/common/xdr.h"

namespace visa::test {

inline std::vector<std::byte> words(std::initializer_list<std::uint32_t> values) {
  std::vector<std::byte> bytes(values.size() * drivers::kXdrWord);
  std::size_t at = 0;
  for (const std::uint32_t value : values) {
    drivers::put_word(bytes.data() + at, value);
    at += drivers::kXdrWord;
  }
  return bytes;
}

/// The same for PeerEnd::send.
inline std::string word_text(std::initializer_list<std::uint32_t> values) {
  const auto bytes = words(values);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace visa::test
