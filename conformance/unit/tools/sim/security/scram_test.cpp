// SPDX-License-Identifier: MIT
// SCRAM-SHA-256: the example of RFC 7677, base64, and client messages that are wrong.
#include "tools/sim/security/scram.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace visa::sim {
namespace {

using Kind = SaslStep::Kind;
using testing::HasSubstr;
using testing::StartsWith;

std::string hmac(std::string_view key, std::string_view text) {
  std::string result(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       reinterpret_cast<unsigned char*>(result.data()), nullptr);
  return result;
}

std::string text_of(const Sha256& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Users : public ScramUsers {
 public:
  ScramKeys keys_of(const std::string& user) const override {
    asked = user;
    return scram_keys("pencil", "0123456789abcdef");
  }
  mutable std::string asked;
};

// What a client answers to `challenge` with a password.
std::string final_message(const std::string& bare, const std::string& challenge,
                          const std::string& password, const std::string& header = "n,,") {
  const std::string nonce = challenge.substr(2, challenge.find(',') - 2);
  const std::string without = "c=" + base64(header) + ",r=" + nonce;
  std::string salted(32, '\0');
  const std::string salt = "0123456789abcdef";
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), 16, 4096, EVP_sha256(), 32,
                    reinterpret_cast<unsigned char*>(salted.data()));
  std::string key = hmac(salted, "Client Key");
  std::string stored(32, '\0');
  EVP_Digest(key.data(), key.size(), reinterpret_cast<unsigned char*>(stored.data()), nullptr,
             EVP_sha256(), nullptr);
  const std::string signature = hmac(stored, bare + "," + challenge + "," + without);
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<char>(key[i] ^ signature[i]);
  }
  return without + ",p=" + base64(key);
}

TEST(Scram, KeysAreThoseOfTheExampleOfTheRfc) {
  const auto salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  ASSERT_TRUE(salt);
  const ScramKeys keys = scram_keys("pencil", *salt);
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string said = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce +
                           ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
  EXPECT_EQ(base64(hmac(text_of(keys.server_key), said)),
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  std::string key = hmac(text_of(keys.stored_key), said);
  const auto proof = from_base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  ASSERT_TRUE(proof);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(key[i] ^ (*proof)[i]);
  std::string stored(32, '\0');
  EVP_Digest(key.data(), key.size(), reinterpret_cast<unsigned char*>(stored.data()), nullptr,
             EVP_sha256(), nullptr);
  EXPECT_EQ(stored, text_of(keys.stored_key));
}

TEST(Scram, ProvesThePasswordBothWays) {
  const Users users;
  const auto exchange = begin_scram(users);
  const SaslStep first = exchange->step("n,,n=a=2Cb=3Dc,r=abc");
  ASSERT_EQ(first.kind, Kind::challenge);
  EXPECT_EQ(users.asked, "a,b=c");
  EXPECT_THAT(first.data, StartsWith("r=abc"));
  EXPECT_THAT(first.data, HasSubstr(",s=" + base64("0123456789abcdef") + ",i=4096"));
  const SaslStep last = exchange->step(final_message("n=a=2Cb=3Dc,r=abc", first.data, "pencil"));
  EXPECT_EQ(last.kind, Kind::success);
  EXPECT_THAT(last.data, StartsWith("v="));
  EXPECT_EQ(exchange->user(), "a,b=c");
}

TEST(Scram, RefusesWhatDoesNotFit) {
  const Users users;
  struct Case {
    const char* header;
    const char* password;
    const char* sent_header;
    Kind kind;
    SaslFailure code;
  };
  for (const Case& one :
       {Case{"y,,", "pencil", "y,,", Kind::success, {}},
        Case{"n,a=u,", "pencil", "n,a=u,", Kind::success, {}},
        Case{"n,,", "pen", "n,,", Kind::failure, SaslFailure::credentials},
        Case{"n,,", "pencil", "y,,", Kind::failure, SaslFailure::binding},
        Case{"n,a=other,", "pencil", "n,a=other,", Kind::failure, SaslFailure::identity}}) {
    const auto exchange = begin_scram(users);
    const SaslStep first = exchange->step(std::string(one.header) + "n=u,r=x");
    ASSERT_EQ(first.kind, Kind::challenge) << one.header;
    const SaslStep last =
        exchange->step(final_message("n=u,r=x", first.data, one.password, one.sent_header));
    EXPECT_EQ(last.kind, one.kind) << one.header << one.password;
    EXPECT_EQ(last.code, static_cast<std::uint32_t>(one.code));
  }
  EXPECT_EQ(begin_scram(users)->step("p=tls-unique,,n=u,r=x").code,
            static_cast<std::uint32_t>(SaslFailure::binding));
}

TEST(Scram, AnotherNonceIsNoProof) {
  const Users users;
  const auto exchange = begin_scram(users);
  SaslStep first = exchange->step("n,,n=u,r=x");
  first.data[3] = first.data[3] == 'A' ? 'B' : 'A';
  EXPECT_EQ(exchange->step(final_message("n=u,r=x", first.data, "pencil")).kind, Kind::failure);
}

TEST(Scram, GarbageIsNoticed) {
  const Users users;
  for (const char* const text :
       {"", "n", "n,", "n,,", "x,,n=u,r=x", "n,,n=u", "n,,n=,r=x", "n,,r=x,n=u",
        "n,,n=u,r=", "n,,n=u=,r=x", "n,,n=u=2X,r=x", "n,a=,n=u,r=x", "n,b=c,n=u,r=x",
        "n,,m=x,n=u,r=x", "n,,n=u,r=a b"}) {
    EXPECT_EQ(begin_scram(users)->step(text).kind, Kind::garbage) << text;
  }
  EXPECT_EQ(begin_scram(users)->step(std::string_view("n,,n=u\0,r=x", 11)).kind, Kind::garbage);
  for (const char* const text :
       {"", "c=biws", "c=biws,r=x", "c=biws,r=x,p=", "c=biws,r=x,p=AAAA", "c=b,r=x,p=AAAA",
        "r=x,c=biws,p=AAAA", "p=AAAA", "c=biws,r=x,p=!!!!"}) {
    const auto exchange = begin_scram(users);
    ASSERT_EQ(exchange->step("n,,n=u,r=x").kind, Kind::challenge);
    EXPECT_EQ(exchange->step(text).kind, Kind::garbage) << text;
  }
}

TEST(Scram, Base64IsExact) {
  for (const char* const text : {"", "a", "ab", "abc", "abcd", "\xFF\xFE\xFD"}) {
    EXPECT_EQ(from_base64(base64(text)), text);
  }
  EXPECT_EQ(base64("ab"), "YWI=");
  for (const char* const text : {"A", "AA", "AAA", "A===", "AA=A", "AA==AAAA", "A-AA",
                                 "AB==", "AAB=", "====", "AA =", "YWI=\n"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  EXPECT_TRUE(equal_secrets("ab", "ab"));
  EXPECT_FALSE(equal_secrets("ab", "ac") || equal_secrets("ab", "abc"));
  EXPECT_EQ(salt_of_nobody("s", "u"), salt_of_nobody("s", "u"));
  EXPECT_NE(salt_of_nobody("s", "u"), salt_of_nobody("s", "v"));
}

}  // namespace
}  // namespace visa::sim
