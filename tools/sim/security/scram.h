// SPDX-License-Identifier: MIT
// SCRAM-SHA-256 at the server's end. Only where the build has OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/sim/security/sasl.h"

namespace visa::sim {

inline constexpr std::size_t kSaltBytes = 16;
using Sha256 = std::array<unsigned char, 32>;

/// What a server keeps of a password (RFC 5802 section 3).
struct ScramKeys {
  static constexpr int kIterations = 4096;

  std::string salt;
  Sha256 stored_key{};
  Sha256 server_key{};
};
/// Throws std::runtime_error.
ScramKeys scram_keys(std::string_view password, std::string salt);
/// A salt for a user that there is not: the same whenever `secret` and `user` are.
std::string salt_of_nobody(std::string_view secret, std::string_view user);

class ScramUsers {
 public:
  virtual ~ScramUsers() = default;
  /// Also for a user that there is not; no proof fits those.
  virtual ScramKeys keys_of(const std::string& user) const = 0;
};
/// `users` outlive the exchange.
std::unique_ptr<SaslExchange> begin_scram(const ScramUsers& users);

std::string random_bytes(std::size_t count);
std::string base64(std::string_view bytes);
/// Nothing for what is not exactly base64 with its padding.
std::optional<std::string> from_base64(std::string_view text);
/// In a time that does not depend on where they differ.
bool equal_secrets(std::string_view one, std::string_view other) noexcept;

}  // namespace visa::sim
