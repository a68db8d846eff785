// SPDX-License-Identifier: MIT
// All of this is said inside a TLS connection whose server has shown a certificate that is trusted.
#include "drivers/hislip/sasl_choice.h"

#include <algorithm>

#include "drivers/hislip/sasl_scram.h"

namespace visa::drivers::hislip {
namespace {

/// Said to a server that does not ask who we are (RFC 4505, 2: "trace information").
constexpr std::string_view kTrace = "FreeVISA";

/// A mechanism of one message.
class OneMessage : public SaslMechanism {
 public:
  SaslStep reply(std::string_view challenge) final {
    // A server that asks for the message which it has got already, with an empty challenge.
    if (challenge.empty()) return begin();
    return {false, "the instrument asks for more than the mechanism has"};
  }
  SaslStep accepted(std::string_view) final { return {}; }
};

class Anonymous final : public OneMessage {
 public:
  std::string_view name() const noexcept override { return "ANONYMOUS"; }
  SaslStep begin() override { return {true, std::string(kTrace)}; }
};

/// The certificate of the TLS connection says who we are; the server derives the user from it.
class External final : public OneMessage {
 public:
  std::string_view name() const noexcept override { return "EXTERNAL"; }
  SaslStep begin() override { return {}; }
};

class Plain final : public OneMessage {
 public:
  explicit Plain(const SaslUser& user) : user_(user) {}

  std::string_view name() const noexcept override { return "PLAIN"; }
  SaslStep begin() override {
    std::string text;
    text.reserve(user_.user.size() + user_.password->reveal().size() + 2);  // no copy is left over
    text.append(1, '\0').append(user_.user).append(1, '\0').append(user_.password->reveal());
    return {true, std::move(text)};
  }

 private:
  const SaslUser& user_;
};

struct Row {
  std::string_view name;
  bool (*fits)(const SaslUser& user);
  std::unique_ptr<SaslMechanism> (*make)(const SaslUser& user, SaslCrypto& crypto);
};

bool has_password(const SaslUser& user) {
  return !user.user.empty() && user.password.has_value();
}

bool is_named(const SaslUser& user, std::string_view name) {
  return std::find(user.mechanisms.begin(), user.mechanisms.end(), name) != user.mechanisms.end();
}

// The safest first.
constexpr Row kRows[] = {
    {"EXTERNAL", [](const SaslUser& user) { return user.has_certificate; },
     [](const SaslUser&, SaslCrypto&) -> std::unique_ptr<SaslMechanism> {
       return std::make_unique<External>();
     }},
    {"SCRAM-SHA-256", has_password,
     [](const SaslUser& user, SaslCrypto& crypto) -> std::unique_ptr<SaslMechanism> {
       return std::make_unique<ScramSha256>(user.user, *user.password, crypto);
     }},
    {"PLAIN", has_password,
     [](const SaslUser& user, SaslCrypto&) -> std::unique_ptr<SaslMechanism> {
       return std::make_unique<Plain>(user);
     }},
    {"ANONYMOUS",
     [](const SaslUser& user) {
       return (user.user.empty() && !user.has_certificate) || is_named(user, "ANONYMOUS");
     },
     [](const SaslUser&, SaslCrypto&) -> std::unique_ptr<SaslMechanism> {
       return std::make_unique<Anonymous>();
     }},
};

bool usable(const Row& row, const SaslUser& user) {
  return row.fits(user) && (user.mechanisms.empty() || is_named(user, row.name));
}

bool contains(std::string_view offered, std::string_view name) {
  while (!offered.empty()) {
    const std::size_t end = std::min(offered.find(' '), offered.size());
    if (offered.substr(0, end) == name) return true;
    offered.remove_prefix(std::min(end + 1, offered.size()));
  }
  return false;
}

}  // namespace

std::unique_ptr<SaslMechanism> choose_mechanism(std::string_view offered, const SaslUser& user,
                                                SaslCrypto& crypto) {
  for (const Row& row : kRows) {
    if (usable(row, user) && contains(offered, row.name)) return row.make(user, crypto);
  }
  return nullptr;
}

std::string usable_mechanisms(const SaslUser& user) {
  std::string names;
  for (const Row& row : kRows) {
    if (!usable(row, user)) continue;
    names.append(names.empty() ? "" : " ").append(row.name);
  }
  return names.empty() ? "none" : names;
}

}  // namespace visa::drivers::hislip
