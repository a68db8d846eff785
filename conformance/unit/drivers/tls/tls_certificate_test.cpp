// SPDX-License-Identifier: MIT
// What the module tells of a connection and of the server's certificate.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <string>

#include "conformance/unit/drivers/support/tls_memory.h"

namespace visa::test {
namespace {

struct Shown {
  explicit Shown(const Claims& claims = {}, int version = 0)
      : identity(authority.issue(claims)), server(identity, {.version = version}) {}

  Authority authority;
  Identity identity;
  TlsServerContext server;
  std::string file = authority.file();
  TlsMemory wire{server, tls_settings(file.c_str())};
};

TEST(TlsCertificateFacts, AreThoseOfTheConnectionAndTheCertificate) {
  Shown tls13({}, TLS1_3_VERSION);
  ASSERT_EQ(tls13.wire.handshake(), FV_TLS_DONE) << tls13.wire.text.line;
  EXPECT_EQ(tls13.wire.described(FV_TLS_PROTOCOL), "TLSv1.3");
  EXPECT_TRUE(tls13.wire.described(FV_TLS_CIPHER_SUITE).starts_with("TLS_"));
  EXPECT_EQ(tls13.wire.described(FV_TLS_ISSUER), "CN=test authority,O=FreeVISA tests");
  EXPECT_EQ(tls13.wire.described(FV_TLS_CERTIFICATE), tls13.identity.certificate_pem());
  EXPECT_EQ(tls13.wire.described(99), "");
  Shown tls12({}, TLS1_2_VERSION);
  ASSERT_EQ(tls12.wire.handshake(), FV_TLS_DONE) << tls12.wire.text.line;
  EXPECT_EQ(tls12.wire.described(FV_TLS_PROTOCOL), "TLSv1.2");
}

TEST(TlsCertificateFacts, NamesAreEscapedAsRfc4514Says) {
  Shown one({.name = "a,b \xC3\xA9"});
  ASSERT_EQ(one.wire.handshake(), FV_TLS_DONE) << one.wire.text.line;
  const std::string subject = one.wire.described(FV_TLS_SUBJECT);
  EXPECT_TRUE(subject.starts_with("CN=a\\,b ")) << subject;
}

TEST(TlsCertificateFacts, EndIsADateOrNever) {
  Shown usual;
  ASSERT_EQ(usual.wire.handshake(), FV_TLS_DONE) << usual.wire.text.line;
  EXPECT_EQ(usual.wire.described(FV_TLS_NOT_AFTER).size(), 13U);
  EXPECT_EQ(usual.wire.table().is_perpetual(usual.wire.get()), 0);
  Shown never({.for_ever = true});
  ASSERT_EQ(never.wire.handshake(), FV_TLS_DONE) << never.wire.text.line;
  EXPECT_EQ(never.wire.described(FV_TLS_NOT_AFTER), "99991231235959Z");
  EXPECT_EQ(never.wire.table().is_perpetual(never.wire.get()), 1);
}

TEST(TlsCertificateFacts, SmallBufferIsNotOverrun) {
  Shown one;
  ASSERT_EQ(one.wire.handshake(), FV_TLS_DONE) << one.wire.text.line;
  char room[5] = "----";
  EXPECT_EQ(one.wire.table().describe(one.wire.get(), FV_TLS_PROTOCOL, room, 3), 7U);
  EXPECT_STREQ(room, "TLS-");
}

TEST(TlsCertificateFacts, AreNoneBeforeTheHandshake) {
  Shown one;
  EXPECT_EQ(one.wire.described(FV_TLS_SUBJECT), "");
  EXPECT_EQ(one.wire.described(FV_TLS_CERTIFICATE), "");
  EXPECT_EQ(one.wire.table().is_perpetual(one.wire.get()), 0);
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsCertificateFacts, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module (Debian, Ubuntu: libssl-dev)";
}

#endif
