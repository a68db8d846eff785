// SPDX-License-Identifier: MIT
// Observation 3.6.6 allows a GUID. Version 4 has 122 random bits, so no host identity is needed.
#include "lib/locks/access_key.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace visa::locks {

Result<std::string> generate_access_key() {
  std::array<unsigned char, 16> bytes{};
  for (std::size_t have = 0; have < bytes.size();) {
    const ssize_t got = ::getrandom(bytes.data() + have, bytes.size() - have, 0);
    if (got < 0 && errno != EINTR) return Status::error_system_error;
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);

  constexpr char kDigits[] = "0123456789abcdef";
  std::string key;
  key.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) key += '-';
    key += kDigits[bytes[i] >> 4];
    key += kDigits[bytes[i] & 0x0F];
  }
  return key;
}

}  // namespace visa::locks
