// SPDX-License-Identifier: MIT
// SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: the password is not sent, and the
// server proves that it knows it, too. Lives for one authentication, on one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/hislip/sasl_mechanism.h"
#include "lib/base/secret.h"

namespace visa::drivers::hislip {

class ScramSha256 final : public SaslMechanism {
 public:
  /// Fewer would make the password easy to guess (RFC 7677, 4); more would let a server keep this
  /// computer busy.
  static constexpr std::uint32_t kFewestIterations = 4096;
  static constexpr std::uint32_t kMostIterations = 1'000'000;

  /// User and password are UTF-8 and taken as they are: ASCII needs no preparation, and for other
  /// characters none (RFC 4013) is made. Both must live as long as the mechanism.
  ScramSha256(std::string_view user, const Secret& password, SaslCrypto& crypto)
      : user_(user), password_(password), crypto_(crypto) {}

  std::string_view name() const noexcept override { return "SCRAM-SHA-256"; }
  SaslStep begin() override;
  SaslStep reply(std::string_view challenge) override;
  SaslStep accepted(std::string_view data) override;

  /// For tests: the nonce of the client instead of a random one; printable ASCII without a comma.
  void fix_nonce(std::string nonce) { nonce_ = std::move(nonce); }

 private:
  enum class Stage { fresh, begun, answered, proved };

  SaslStep answer(std::string_view server_first);
  SaslStep prove(std::string_view salt, std::uint32_t iterations, std::string_view nonce);
  SaslStep check(std::string_view server_final);

  const std::string_view user_;
  const Secret& password_;
  SaslCrypto& crypto_;
  Stage stage_ = Stage::fresh;
  std::string nonce_;
  std::string first_bare_;         // the client's first message without its head
  std::string server_first_;       // as it came
  SaslCrypto::Digest expected_{};  // what the server has to sign with
};

/// Base64 of RFC 4648, section 4, with padding. `decode_base64` takes nothing else.
std::string encode_base64(std::string_view bytes);
bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace visa::drivers::hislip
