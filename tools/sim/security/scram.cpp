// SPDX-License-Identifier: MIT
// RFC 5802 section 5 and 7: client-first, server-first, client-final, server-final.
#include "tools/sim/security/scram.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "tools/sim/security/openssl_handles.h"

namespace visa::sim {
namespace {

constexpr std::size_t kNonceBytes = 18;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string_view view(const Sha256& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Sha256 hmac(std::string_view key, std::string_view text) {
  Sha256 result{};
  unsigned length = 0;
  openssl_demand(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                      reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                      result.data(), &length) != nullptr,
                 "HMAC");
  return result;
}

Sha256 digest(std::string_view text) {
  Sha256 result{};
  openssl_demand(
      EVP_Digest(text.data(), text.size(), result.data(), nullptr, EVP_sha256(), nullptr) == 1,
      "SHA-256");
  return result;
}

// "r=" and the like off the front of `text`, up to the next comma; nothing if it begins otherwise.
std::optional<std::string_view> attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  const std::string_view value = text.substr(2, text.find(',') - 2);
  text.remove_prefix(std::min(text.size(), 2 + value.size() + 1));
  return value;
}

bool is_nonce(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// "=2C" is a comma and "=3D" an equals sign; nothing else may follow "=".
std::optional<std::string> saslname(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    if (text[0] != '=') {
      if (text[0] == '\0') return std::nullopt;
      name += text[0];
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with("=2C") && !text.starts_with("=3D")) return std::nullopt;
    name += text[1] == '2' ? ',' : '=';
    text.remove_prefix(3);
  }
  return name.empty() ? std::nullopt : std::optional(name);
}

class ScramExchange final : public SaslExchange {
 public:
  explicit ScramExchange(const ScramUsers& users) : users_(users) {}

  SaslStep step(std::string_view response) override {
    return server_first_.empty() ? first(response) : final(response);
  }
  const std::string& user() const noexcept override { return user_; }

 private:
  static SaslStep garbage(const char* what) { return {SaslStep::Kind::garbage, what}; }
  static SaslStep failure(SaslFailure code, const char* text) {
    return {SaslStep::Kind::failure, text, static_cast<std::uint32_t>(code)};
  }

  // "n,,n=user,r=nonce"; "n,a=user,n=user,r=nonce"; "y" instead of "n" likewise.
  SaslStep first(std::string_view text) {
    const std::string_view whole = text;
    if (text.starts_with("p=")) {
      return failure(SaslFailure::binding, "SCRAM-SHA-256 has no channel binding; that is -PLUS");
    }
    if (!text.starts_with("n,") && !text.starts_with("y,")) {
      return garbage("client-first begins with n,, or y,,");
    }
    text.remove_prefix(2);
    std::optional<std::string> acts_for;
    if (text.starts_with(",")) {
      text.remove_prefix(1);
    } else {
      const auto name = attribute(text, 'a');
      acts_for = name ? saslname(*name) : std::nullopt;
      if (!acts_for) return garbage("the identity to act for is a= and a name");
    }
    gs2_header_ = whole.substr(0, whole.size() - text.size());
    client_first_bare_ = text;
    if (text.starts_with("m=")) return garbage("a mandatory extension, of which none is known");
    const auto name = attribute(text, 'n');
    const auto decoded = name ? saslname(*name) : std::nullopt;
    const auto nonce = attribute(text, 'r');
    if (!decoded || !nonce || !is_nonce(*nonce)) return garbage("client-first is n=,r=");
    user_ = *decoded;
    for_another_ = acts_for && *acts_for != user_;
    keys_ = users_.keys_of(user_);
    nonce_ = std::string(*nonce) + base64(random_bytes(kNonceBytes));
    server_first_ =
        "r=" + nonce_ + ",s=" + base64(keys_.salt) + ",i=" + std::to_string(ScramKeys::kIterations);
    return {SaslStep::Kind::challenge, server_first_};
  }

  // "c=biws,r=nonce,p=proof"
  SaslStep final(std::string_view text) {
    const std::string_view whole = text;
    const auto binding = attribute(text, 'c');
    const auto header = binding ? from_base64(*binding) : std::nullopt;
    const auto nonce = attribute(text, 'r');
    const std::size_t place = whole.rfind(",p=");
    if (!header || !nonce || place == std::string_view::npos) {
      return garbage("client-final is c=,r=,p=");
    }
    const auto proof = from_base64(whole.substr(place + 3));
    if (!proof || proof->size() != Sha256().size()) return garbage("a proof is 32 bytes in base64");
    if (*header != gs2_header_) {
      return failure(SaslFailure::binding, "the channel binding is not that of client-first");
    }
    const std::string message =
        client_first_bare_ + "," + server_first_ + "," + std::string(whole.substr(0, place));
    const Sha256 signature = hmac(view(keys_.stored_key), message);
    Sha256 client_key{};
    for (std::size_t i = 0; i < client_key.size(); ++i) {
      client_key[i] =
          static_cast<unsigned char>(static_cast<unsigned char>((*proof)[i]) ^ signature[i]);
    }
    if (*nonce != nonce_ ||
        !equal_secrets(view(digest(view(client_key))), view(keys_.stored_key))) {
      return failure(SaslFailure::credentials, "the user or the password is wrong");
    }
    if (for_another_) return failure(SaslFailure::identity, "nobody may act for another here");
    return {SaslStep::Kind::success, "v=" + base64(view(hmac(view(keys_.server_key), message)))};
  }

  const ScramUsers& users_;
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
  std::string nonce_;
  std::string user_;
  bool for_another_ = false;
  ScramKeys keys_;
};

}  // namespace

ScramKeys scram_keys(std::string_view password, std::string salt) {
  Sha256 salted{};
  openssl_demand(
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()),
                        static_cast<int>(salt.size()), ScramKeys::kIterations, EVP_sha256(),
                        static_cast<int>(salted.size()), salted.data()) == 1,
      "PBKDF2");
  return {std::move(salt), digest(view(hmac(view(salted), "Client Key"))),
          hmac(view(salted), "Server Key")};
}

std::string salt_of_nobody(std::string_view secret, std::string_view user) {
  return std::string(view(hmac(secret, user)).substr(0, kSaltBytes));
}

std::unique_ptr<SaslExchange> begin_scram(const ScramUsers& users) {
  return std::make_unique<ScramExchange>(users);
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  openssl_demand(
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1,
      "random bytes");
  return bytes;
}

std::string base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::string_view four = text.substr(i, 4);
    const std::size_t digits = std::min(four.find('='), four.size());
    if (digits < 2 || (digits < 4 && i + 4 < text.size()) ||
        four.find_first_not_of('=', digits) != std::string_view::npos) {
      return std::nullopt;
    }
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t digit = k < digits ? kDigits.find(four[k]) : 0;
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t k = 0; k + 1 < digits; ++k) {
      bytes += static_cast<char>(static_cast<unsigned char>(group >> (16 - 8 * k)));
    }
    // The bits of the last digit that stand for nothing are 0.
    if ((group & ((std::uint32_t{1} << (8 * (4 - digits))) - 1)) != 0) return std::nullopt;
  }
  return bytes;
}

bool equal_secrets(std::string_view one, std::string_view other) noexcept {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace visa::sim
