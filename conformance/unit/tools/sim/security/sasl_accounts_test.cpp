// SPDX-License-Identifier: MIT
// The mechanisms of one message, and that an unknown user is none that one can tell.
#include "tools/sim/security/sasl.h"

#include <gmock/gmock.h>

#include "tools/sim/security/scram.h"

namespace visa::sim {
namespace {

using Kind = SaslStep::Kind;

class SaslTest : public ::testing::Test {
 protected:
  SaslStep step(std::string_view mechanism, std::string_view response,
                const std::string& certificate = {}) {
    exchange = accounts->begin(mechanism, certificate);
    return exchange->step(response);
  }
  static std::string plain(const std::string& identity, const std::string& user,
                           const std::string& password) {
    return identity + '\0' + user + '\0' + password;
  }
  std::unique_ptr<SaslAccounts> accounts = SaslAccounts::make({{"alice", "secret"}});
  std::unique_ptr<SaslExchange> exchange;
};

TEST_F(SaslTest, MechanismsAreThoseOfTheList) {
  for (const std::string_view name : kSaslMechanisms) {
    EXPECT_NE(accounts->begin(name, {}), nullptr) << name;
  }
  for (const char* const name : {"", "plain", "PLAIN ", "GSSAPI", "SCRAM-SHA-256-PLUS"}) {
    EXPECT_EQ(accounts->begin(name, {}), nullptr) << name;
  }
}

TEST_F(SaslTest, AnonymousIsAnyone) {
  EXPECT_EQ(step("ANONYMOUS", "").kind, Kind::success);
  EXPECT_EQ(step("ANONYMOUS", "sirhc").kind, Kind::success);
  EXPECT_EQ(exchange->user(), "anonymous");
  EXPECT_EQ(step("ANONYMOUS", std::string_view("a\0b", 3)).kind, Kind::garbage);
  EXPECT_EQ(step("ANONYMOUS", std::string(256, 'a')).kind, Kind::garbage);
}

TEST_F(SaslTest, PlainComparesUserAndPassword) {
  EXPECT_EQ(step("PLAIN", plain("", "alice", "secret")).kind, Kind::success);
  EXPECT_EQ(exchange->user(), "alice");
  EXPECT_EQ(step("PLAIN", plain("alice", "alice", "secret")).kind, Kind::success);
  const SaslStep wrong = step("PLAIN", plain("", "alice", "Secret"));
  EXPECT_EQ(wrong.kind, Kind::failure);
  EXPECT_EQ(wrong.code, static_cast<std::uint32_t>(SaslFailure::credentials));
  const SaslStep nobody = step("PLAIN", plain("", "bob", "secret"));
  EXPECT_EQ(nobody.code, wrong.code);
  EXPECT_EQ(nobody.data, wrong.data);
  EXPECT_EQ(step("PLAIN", plain("bob", "alice", "secret")).code,
            static_cast<std::uint32_t>(SaslFailure::identity));
  for (const std::string& text :
       {std::string(), std::string("alice"), plain("", "", "secret"), plain("", "alice", ""),
        plain("", "alice", "secret") + '\0', plain("", "alice", std::string(256, 'x'))}) {
    EXPECT_EQ(step("PLAIN", text).kind, Kind::garbage) << text;
  }
}

TEST_F(SaslTest, ExternalIsWhomTheCertificateNames) {
  EXPECT_EQ(step("EXTERNAL", "", "client").kind, Kind::success);
  EXPECT_EQ(exchange->user(), "client");
  EXPECT_EQ(step("EXTERNAL", "client", "client").kind, Kind::success);
  EXPECT_EQ(step("EXTERNAL", "other", "client").code,
            static_cast<std::uint32_t>(SaslFailure::identity));
  EXPECT_EQ(step("EXTERNAL", "").code, static_cast<std::uint32_t>(SaslFailure::credentials));
  EXPECT_EQ(step("EXTERNAL", std::string_view("\0", 1), "client").kind, Kind::garbage);
}

TEST_F(SaslTest, AnUnknownUserLooksLikeAKnownOne) {
  const auto salt = [this](const char* user) {
    const std::string text = step("SCRAM-SHA-256", std::string("n,,n=") + user + ",r=x").data;
    return text.substr(text.find(",s="));
  };
  EXPECT_EQ(salt("nobody"), salt("nobody"));
  EXPECT_NE(salt("nobody"), salt("another"));
  EXPECT_EQ(salt("nobody").size(), salt("alice").size());
  EXPECT_EQ(step("SCRAM-SHA-256", "n,,n=nobody,r=x").kind, Kind::challenge);
  const std::string proof = base64(std::string(32, '\0'));
  EXPECT_EQ(exchange->step("c=biws,r=x,p=" + proof).kind, Kind::failure);
}

}  // namespace
}  // namespace visa::sim
