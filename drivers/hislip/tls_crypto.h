// SPDX-License-Identifier: MIT
// The cryptography of the TLS module for the authentication. For one thread.
#pragma once

#include "drivers/common/tls_module.h"
#include "drivers/hislip/sasl_mechanism.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::hislip {

class TlsCrypto final : public SaslCrypto {
 public:
  explicit TlsCrypto(const TlsModule& module) noexcept : module_(module) {}

  bool random(std::span<unsigned char> into) override {
    const CancelShield shield;
    return module_.table().random_bytes(module_.library(), into.data(), into.size()) == 1;
  }
  bool sha256(std::string_view data, Digest& out) override {
    const CancelShield shield;
    return module_.table().sha256(module_.library(), data.data(), data.size(), out.data()) == 1;
  }
  bool hmac_sha256(std::string_view key, std::string_view data, Digest& out) override {
    const CancelShield shield;
    return module_.table().hmac_sha256(module_.library(), key.data(), key.size(), data.data(),
                                       data.size(), out.data()) == 1;
  }
  bool pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations,
                     Digest& out) override {
    const CancelShield shield;
    return module_.table().pbkdf2_sha256(module_.library(), password.data(), password.size(),
                                         salt.data(), salt.size(), iterations, out.data()) == 1;
  }

 private:
  const TlsModule& module_;
};

}  // namespace visa::drivers::hislip
