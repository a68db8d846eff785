// SPDX-License-Identifier: MIT
// SASL at the server's end (RFC 4422): the mechanisms ANONYMOUS (RFC 4505), PLAIN (RFC 4616),
// EXTERNAL (RFC 4422 appendix A) and SCRAM-SHA-256 (RFC 5802, 7677). Bytes in, bytes out; how they
// cross a wire is the wire's business.
//
// Names and passwords are compared as they are, without SASLprep, which changes nothing in ASCII.
// Owned by a wire; on the bench's thread only. A build without OpenSSL has none of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace visa::sim {

/// The best first.
inline constexpr std::array<std::string_view, 4> kSaslMechanisms = {"SCRAM-SHA-256", "EXTERNAL",
                                                                    "PLAIN", "ANONYMOUS"};

/// What an exchange answers to the client.
struct SaslStep {
  enum class Kind : std::uint8_t {
    challenge,  ///< the client has to go on
    success,    ///< `data` may be empty
    failure,    ///< `data` is text for people
    garbage,    ///< what came is not of this mechanism; `data` says why
  };
  Kind kind = Kind::garbage;
  std::string data = {};
  std::uint32_t code = 0;  ///< of a failure: one of SaslFailure
};

enum class SaslFailure : std::uint8_t {
  credentials = 1,  ///< user or password are wrong, or there is no certificate
  identity = 2,     ///< nobody may act for another
  binding = 3,      ///< SCRAM: channel binding is not supported, or differs
};

class SaslExchange {
 public:
  static constexpr std::size_t kLongest = std::size_t{8} << 10;  ///< of what a client sends

  virtual ~SaslExchange() = default;
  /// Takes what the client has sent, at most kLongest. Not called after anything but a challenge.
  virtual SaslStep step(std::string_view response) = 0;
  /// Who the client is, once it has succeeded.
  virtual const std::string& user() const noexcept = 0;
};

class SaslAccounts {
 public:
  /// `users`: passwords by name. Throws std::runtime_error.
  static std::unique_ptr<SaslAccounts> make(const std::map<std::string, std::string>& users);
  virtual ~SaslAccounts() = default;

  /// `certificate_name`: the common name in the client's certificate, empty if it has shown none.
  /// Null for a mechanism that is not known. These accounts outlive the exchange.
  virtual std::unique_ptr<SaslExchange> begin(std::string_view mechanism,
                                              const std::string& certificate_name) const = 0;
};

}  // namespace visa::sim
