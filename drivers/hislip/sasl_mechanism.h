// SPDX-License-Identifier: MIT
// What an authentication mechanism (SASL, RFC 4422) of a secure connection is, on the client's
// side. Pure: texts in, texts out, no connection. A mechanism lives for one authentication.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"

namespace visa::drivers::hislip {

/// Who authenticates, and by which means.
struct SaslUser {
  std::string user = {};
  std::optional<Secret> password = {};
  bool has_certificate = false;              // the TLS connection shows one
  std::vector<std::string> mechanisms = {};  // the only ones to be used; none: all that fit
};

/// What the mechanisms compute with. Each returns false where it failed.
class SaslCrypto {
 public:
  using Digest = std::array<unsigned char, 32>;

  virtual ~SaslCrypto() = default;
  virtual bool random(std::span<unsigned char> into) = 0;
  virtual bool sha256(std::string_view data, Digest& out) = 0;
  virtual bool hmac_sha256(std::string_view key, std::string_view data, Digest& out) = 0;
  virtual bool pbkdf2_sha256(std::string_view password, std::string_view salt,
                             std::uint32_t iterations, Digest& out) = 0;
};

/// The next message to the server, or why there is none. `text` may hold a secret only while `good`
/// is true.
struct SaslStep {
  bool good = true;
  std::string text = {};
};

class SaslMechanism {
 public:
  virtual ~SaslMechanism() = default;

  /// As IANA has it.
  virtual std::string_view name() const noexcept = 0;
  /// The first message, which may be empty.
  virtual SaslStep begin() = 0;
  /// The reply to a message of the server.
  virtual SaslStep reply(std::string_view challenge) = 0;
  /// The server says that it has authenticated us; `data` came with that, and is empty where
  /// nothing did. Not good: the server has not proved what the mechanism demands of it.
  virtual SaslStep accepted(std::string_view data) = 0;
};

}  // namespace visa::drivers::hislip
