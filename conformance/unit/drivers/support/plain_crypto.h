// SPDX-License-Identifier: MIT
// Stands for cryptography where a test is about messages: digests that depend on all their input
// and protect nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "drivers/hislip/sasl_mechanism.h"

namespace visa::test {

class PlainCrypto final : public drivers::hislip::SaslCrypto {
 public:
  bool works = true;

  bool random(std::span<unsigned char> into) override {
    std::fill(into.begin(), into.end(), static_cast<unsigned char>(7));
    return works;
  }
  bool sha256(std::string_view data, Digest& out) override { return mix({data}, out); }
  bool hmac_sha256(std::string_view key, std::string_view data, Digest& out) override {
    return mix({key, data}, out);
  }
  bool pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations,
                     Digest& out) override {
    return mix({password, salt, std::to_string(iterations)}, out);
  }

 private:
  bool mix(std::initializer_list<std::string_view> parts, Digest& out) const {
    std::uint64_t state = 14695981039346656037U;
    const auto take = [&](unsigned char byte) { state = (state ^ byte) * 1099511628211U; };
    for (const std::string_view part : parts) {
      for (const char c : part) take(static_cast<unsigned char>(c));
      take(0xFF);
    }
    for (unsigned char& byte : out) {
      take(1);
      byte = static_cast<unsigned char>(state >> 32U);
    }
    return works;
  }
};

}  // namespace visa::test
