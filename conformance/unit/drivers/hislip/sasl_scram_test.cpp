// SPDX-License-Identifier: MIT
// SCRAM-SHA-256: the example of RFC 7677, and everything a server can do wrong.
#include "drivers/hislip/sasl_scram.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/plain_crypto.h"
#ifdef FREEVISA_TLS_MODULE
#include "conformance/unit/drivers/support/tls_peer.h"
#include "drivers/hislip/tls_crypto.h"
#endif

namespace visa::drivers::hislip {
namespace {

constexpr char kNonce[] = "rOprNGfwEbeRWgbNEkqO";
constexpr char kFirst[] =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

TEST(ScramSha256Example, IsThatOfRfc7677) {
#ifdef FREEVISA_TLS_MODULE
  test::use_module_of_this_build();
  Call call(Deadline::infinite());
  const auto module = TlsModule::get(call);
  ASSERT_TRUE(module) << call.detail;
  TlsCrypto crypto(**module);
  const Secret password("pencil");
  for (const bool in_result : {true, false}) {
    ScramSha256 scram("user", password, crypto);
    scram.fix_nonce(kNonce);
    EXPECT_EQ(scram.begin().text, std::string("n,,n=user,r=") + kNonce);
    const SaslStep proof = scram.reply(kFirst);
    EXPECT_TRUE(proof.good) << proof.text;
    EXPECT_EQ(proof.text,
              "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
              "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    const char kFinal[] = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    if (in_result) {
      EXPECT_TRUE(scram.accepted(kFinal).good);
    } else {
      const SaslStep last = scram.reply(kFinal);
      EXPECT_TRUE(last.good);
      EXPECT_EQ(last.text, "");
      EXPECT_TRUE(scram.accepted("").good);
    }
  }
  SaslCrypto::Digest one{};
  SaslCrypto::Digest other{};
  EXPECT_TRUE(crypto.random(one) && crypto.random(other));
  EXPECT_NE(one, other);
#else
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
#endif
}

class Scram : public testing::Test {
 protected:
  Scram() { scram.fix_nonce(kNonce); }

  /// The reply to a first message of the server.
  SaslStep first(const std::string& message) {
    scram.begin();
    return scram.reply(message);
  }
  bool refused(const std::string& message) { return !first(message).good; }

  test::PlainCrypto crypto;
  Secret password{"pencil"};
  ScramSha256 scram{"user", password, crypto};
};

TEST_F(Scram, TheNonceHasToBeginWithOurs) {
  EXPECT_TRUE(refused("r=another,s=QQ==,i=4096"));
  EXPECT_TRUE(refused(std::string("r=") + kNonce + ",s=QQ==,i=4096")) << "nothing was added";
  EXPECT_TRUE(refused(std::string("r=") + kNonce + "a\x01,s=QQ==,i=4096"));
  EXPECT_TRUE(refused(std::string("r=") + kNonce + "\xC3,s=QQ==,i=4096"));
  EXPECT_TRUE(first(std::string("r=") + kNonce + "x,s=QQ==,i=4096").good);
}

TEST_F(Scram, TheIterationCountHasBoundsBothWays) {
  const auto with = [&](const std::string& count) {
    return first(std::string("r=") + kNonce + "x,s=QQ==,i=" + count).good;
  };
  for (const char* wrong : {"4095", "1", "0", "-4096", "", "4096x", " 4096", "1000001",
                            "4294967296", "99999999999999999999", "0x1000"}) {
    EXPECT_FALSE(with(wrong)) << wrong;
  }
  for (const char* right : {"4096", "10000", "1000000", "4096,x=1"}) EXPECT_TRUE(with(right));
}

TEST_F(Scram, APoorFirstMessageIsRefused) {
  for (const std::string message :
       {"", "r", "r=", "s=QQ==,i=4096", "m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=QQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=QQ==", "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=Q,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=QR==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOx,s=QQ==", "e=other-error"}) {
    EXPECT_TRUE(refused(message)) << message;
  }
  EXPECT_TRUE(refused(std::string("r=") + kNonce + std::string(5000, 'x') + ",s=QQ==,i=4096"));
}

TEST_F(Scram, AServerThatDoesNotKnowThePasswordIsFoundOut) {
  const std::string good = std::string("r=") + kNonce + "x,s=QQ==,i=4096";
  const std::string wrong = "v=" + encode_base64(std::string(32, 'x'));
  for (const std::string& proof : {wrong, std::string("v="), std::string(), std::string("v=QQ=="),
                                   std::string("e=unknown-user"), wrong + wrong}) {
    first(good);
    EXPECT_FALSE(scram.accepted(proof).good) << proof;
    first(good);
    EXPECT_FALSE(scram.reply(proof).good) << proof;
    EXPECT_FALSE(scram.accepted("").good) << proof;
  }
}

TEST_F(Scram, AServerThatAcceptsTooEarlyIsNotBelieved) {
  scram.begin();
  EXPECT_FALSE(scram.accepted("").good);
  EXPECT_FALSE(scram.accepted("v=AAAA").good);
}

TEST_F(Scram, ReservedCharactersOfTheNameAreReplaced) {
  ScramSha256 strange("a,b=c", password, crypto);
  strange.fix_nonce("n");
  EXPECT_EQ(strange.begin().text, "n,,n=a=2Cb=3Dc,r=n");
}

TEST_F(Scram, FailingCryptographyEndsIt) {
  crypto.works = false;
  EXPECT_TRUE(refused(std::string("r=") + kNonce + "x,s=QQ==,i=4096"));
  ScramSha256 fresh("user", password, crypto);
  EXPECT_FALSE(fresh.begin().good) << "no random numbers";
}

TEST_F(Scram, NoTextOfAFailureHasThePassword) {
  for (const std::string message : {"", "e=x", "r=rOprNGfwEbeRWgbNEkqOx,s=QQ==,i=1"}) {
    EXPECT_EQ(first(message).text.find("pencil"), std::string::npos);
  }
}

TEST(Base64, HasOneSpelling) {
  const std::pair<std::string, std::string> kPairs[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xFF\xFE\xFD", "//79"}};
  for (const auto& [bytes, text] : kPairs) {
    EXPECT_EQ(encode_base64(bytes), text);
    std::string back;
    EXPECT_TRUE(decode_base64(text, back));
    EXPECT_EQ(back, bytes);
  }
  std::string ignored;
  for (const char* wrong :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "Zg==Zg==", "Zm 8", "Zm-_", "Zg=\n"}) {
    EXPECT_FALSE(decode_base64(wrong, ignored)) << wrong;
  }
}

}  // namespace
}  // namespace visa::drivers::hislip
