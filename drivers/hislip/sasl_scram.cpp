// SPDX-License-Identifier: MIT
// The names of the values are those of RFC 5802, section 3.
#include "drivers/hislip/sasl_scram.h"

#include <string.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace visa::drivers::hislip {
namespace {

constexpr std::string_view kHead = "n,,";         // no channel binding, no other identity
constexpr std::string_view kHeadBase64 = "biws";  // the same in base64
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kLongestMessage = 4096;
constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string_view text_of(const SaslCrypto::Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// Takes the value of the attribute `letter` off the front of `text`.
std::optional<std::string_view> take(std::string_view& text, char letter) noexcept {
  if (text.size() < 2 || text[0] != letter || text[1] != '=') return {};
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

bool fit_for_nonce(std::string_view nonce) noexcept {
  for (const char c : nonce) {
    if (c < '!' || c > '~' || c == ',') return false;
  }
  return true;
}

/// A user's name between commas.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ',') {
      text += "=2C";
    } else if (c == '=') {
      text += "=3D";
    } else {
      text += c;
    }
  }
  return text;
}

/// Without a hint by its time where they differ.
bool equal(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  }
  return difference == 0;
}

/// A digest that is overwritten when it is no longer needed.
struct KeptDigest {
  SaslCrypto::Digest bytes{};
  ~KeptDigest() { ::explicit_bzero(bytes.data(), bytes.size()); }
};

SaslStep wrong(std::string_view what) {
  return {false, std::string(what)};
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    group = group << 8U | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += kLetters[group >> bits & 63U];
    }
  }
  if (bits > 0) text += kLetters[group << (6 - bits) & 63U];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

bool decode_base64(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t value = kLetters.find(c);
    if (value == std::string_view::npos) return false;
    group = group << 6U | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 255U);
  }
  return (group & ((1U << bits) - 1U)) == 0;  // the one spelling of these bytes
}

SaslStep ScramSha256::begin() {
  if (nonce_.empty()) {
    std::array<unsigned char, kNonceBytes> bytes{};
    if (!crypto_.random(bytes)) return wrong("this computer has no random numbers");
    nonce_ = encode_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  stage_ = Stage::begun;
  first_bare_ = "n=" + escaped(user_) + ",r=" + nonce_;
  return {true, std::string(kHead) + first_bare_};
}

SaslStep ScramSha256::reply(std::string_view challenge) {
  if (challenge.size() > kLongestMessage) return wrong("the instrument's message is too long");
  switch (stage_) {
    case Stage::begun:
      return answer(challenge);
    case Stage::answered:
      return check(challenge);
    default:
      return wrong("the instrument asks for more than the mechanism has");
  }
}

SaslStep ScramSha256::answer(std::string_view server_first) {
  server_first_ = server_first;
  const auto nonce = take(server_first, 'r');
  const auto salt_text = take(server_first, 's');
  const auto count_text = take(server_first, 'i');
  if (!nonce || !salt_text || !count_text) return wrong("the instrument's first message is wrong");
  if (nonce->size() <= nonce_.size() || !nonce->starts_with(nonce_) || !fit_for_nonce(*nonce)) {
    return wrong("the instrument's nonce is wrong");
  }
  std::string salt;
  if (!decode_base64(*salt_text, salt) || salt.empty()) {
    return wrong("the instrument's salt is wrong");
  }
  std::uint32_t iterations = 0;
  const char* end = count_text->data() + count_text->size();
  const auto [stopped, error] = std::from_chars(count_text->data(), end, iterations);
  if (error != std::errc() || stopped != end) return wrong("the iteration count is no number");
  if (iterations < kFewestIterations) {
    return wrong(
        "the instrument's iteration count is below 4096, which would not protect the "
        "password");
  }
  if (iterations > kMostIterations) {
    return wrong("the instrument's iteration count is above 1000000");
  }
  return prove(salt, iterations, *nonce);
}

SaslStep ScramSha256::prove(std::string_view salt, std::uint32_t iterations,
                            std::string_view nonce) {
  KeptDigest salted;
  KeptDigest client_key;
  KeptDigest stored_key;
  KeptDigest signature;
  KeptDigest server_key;
  std::string final = "c=" + std::string(kHeadBase64) + ",r=" + std::string(nonce);
  const std::string message = first_bare_ + "," + server_first_ + "," + final;
  const bool computed =
      crypto_.pbkdf2_sha256(password_.reveal(), salt, iterations, salted.bytes) &&
      crypto_.hmac_sha256(text_of(salted.bytes), "Client Key", client_key.bytes) &&
      crypto_.sha256(text_of(client_key.bytes), stored_key.bytes) &&
      crypto_.hmac_sha256(text_of(stored_key.bytes), message, signature.bytes) &&
      crypto_.hmac_sha256(text_of(salted.bytes), "Server Key", server_key.bytes) &&
      crypto_.hmac_sha256(text_of(server_key.bytes), message, expected_);
  if (!computed) return wrong("the cryptography of this computer failed");
  for (std::size_t i = 0; i < signature.bytes.size(); ++i) {
    signature.bytes[i] = static_cast<unsigned char>(signature.bytes[i] ^ client_key.bytes[i]);
  }
  final += ",p=" + encode_base64(text_of(signature.bytes));
  stage_ = Stage::answered;
  return {true, std::move(final)};
}

/// The last message of the server, which proves that it knows the password.
SaslStep ScramSha256::check(std::string_view server_final) {
  const auto signature = take(server_final, 'v');
  std::string bytes;
  if (!signature || !decode_base64(*signature, bytes) || !equal(bytes, text_of(expected_))) {
    return wrong("the instrument has not proved that it knows the password");
  }
  stage_ = Stage::proved;
  return {};
}

SaslStep ScramSha256::accepted(std::string_view data) {
  if (stage_ == Stage::proved && data.empty()) return {};
  if (stage_ != Stage::answered || data.size() > kLongestMessage) {
    return wrong("the instrument accepts before the mechanism is at its end");
  }
  return check(data);
}

}  // namespace visa::drivers::hislip
