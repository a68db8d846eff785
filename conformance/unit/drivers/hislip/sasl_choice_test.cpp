// SPDX-License-Identifier: MIT
#include "drivers/hislip/sasl_choice.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/plain_crypto.h"

namespace visa::drivers::hislip {
namespace {

std::string chosen(std::string_view offered, const SaslUser& user) {
  test::PlainCrypto crypto;
  const auto mechanism = choose_mechanism(offered, user, crypto);
  return mechanism == nullptr ? "none" : std::string(mechanism->name());
}

SaslUser user_of(std::string user, std::vector<std::string> mechanisms = {}) {
  SaslUser result;
  if (!user.empty()) result.password = Secret("pencil");
  result.user = std::move(user);
  result.mechanisms = std::move(mechanisms);
  return result;
}

TEST(SaslChoice, TakesTheSafestThatFits) {
  const std::string all = "ANONYMOUS PLAIN GSSAPI SCRAM-SHA-256 EXTERNAL";
  EXPECT_EQ(chosen(all, user_of("")), "ANONYMOUS");
  EXPECT_EQ(chosen(all, user_of("anna")), "SCRAM-SHA-256");
  EXPECT_EQ(chosen("PLAIN ANONYMOUS", user_of("anna")), "PLAIN");
  SaslUser certified = user_of("anna");
  certified.has_certificate = true;
  EXPECT_EQ(chosen(all, certified), "EXTERNAL");
  EXPECT_EQ(chosen("PLAIN", certified), "PLAIN");
  certified = user_of("");
  certified.has_certificate = true;
  EXPECT_EQ(chosen(all, certified), "EXTERNAL");
}

TEST(SaslChoice, AUserIsAnonymousOnlyByWish) {
  EXPECT_EQ(chosen("ANONYMOUS", user_of("anna")), "none");
  EXPECT_EQ(chosen("ANONYMOUS", user_of("anna", {"ANONYMOUS"})), "ANONYMOUS");
}

TEST(SaslChoice, TheListOfTheUserIsALimit) {
  EXPECT_EQ(chosen("SCRAM-SHA-256 PLAIN", user_of("anna", {"PLAIN"})), "PLAIN");
  EXPECT_EQ(chosen("PLAIN", user_of("anna", {"SCRAM-SHA-256"})), "none");
  EXPECT_EQ(usable_mechanisms(user_of("anna")), "SCRAM-SHA-256 PLAIN");
  EXPECT_EQ(usable_mechanisms(user_of("anna", {"EXTERNAL"})), "none");
}

TEST(SaslChoice, NamesAreWholeWords) {
  EXPECT_EQ(chosen("", user_of("")), "none");
  EXPECT_EQ(chosen("  ANONYMOUS  ", user_of("")), "ANONYMOUS");
  EXPECT_EQ(chosen("XANONYMOUS ANONYMOUSX anonymous", user_of("")), "none");
  EXPECT_EQ(chosen("SCRAM-SHA-256-PLUS", user_of("anna")), "none");
}

TEST(SaslMechanisms, OfOneMessageSayWhatTheirStandardsSay) {
  test::PlainCrypto crypto;
  const SaslUser anna = user_of("anna");
  const auto plain = choose_mechanism("PLAIN", anna, crypto);
  EXPECT_EQ(plain->begin().text, std::string("\0anna\0pencil", 12));
  EXPECT_EQ(plain->reply("").text, std::string("\0anna\0pencil", 12)) << "asked once more";
  const SaslStep more = plain->reply("more?");
  EXPECT_FALSE(more.good);
  EXPECT_EQ(more.text.find("pencil"), std::string::npos);
  EXPECT_TRUE(plain->accepted("").good);
  SaslUser certified;
  certified.has_certificate = true;
  EXPECT_EQ(choose_mechanism("EXTERNAL", certified, crypto)->begin().text, "");
  EXPECT_EQ(choose_mechanism("ANONYMOUS", {}, crypto)->begin().text, "FreeVISA");
}

}  // namespace
}  // namespace visa::drivers::hislip
