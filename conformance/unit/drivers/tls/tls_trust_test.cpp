// SPDX-License-Identifier: MIT
// Whom a context trusts, and what it says of the others.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <array>
#include <string>

#include "conformance/unit/drivers/support/tls_memory.h"

namespace visa::test {
namespace {

int judged(const Identity& identity, const fv_tls_settings& settings) {
  const TlsServerContext server(identity);
  TlsMemory wire(server, settings);
  EXPECT_EQ(wire.opened, FV_TLS_DONE) << wire.text.line;
  return wire.handshake();
}

class TlsTrust : public testing::Test {
 protected:
  Authority authority;
  Authority stranger{"stranger"};
  std::string file = authority.file();
  fv_tls_settings settings = tls_settings(file.c_str(), "127.0.0.1");
};

TEST_F(TlsTrust, EachFindingHasItsNumber) {
  EXPECT_EQ(judged(authority.issue(), settings), FV_TLS_DONE);
  EXPECT_EQ(judged(stranger.issue(), settings), FV_TLS_UNTRUSTED);
  EXPECT_EQ(judged(authority.issue({.from = -7200, .until = -3600}), settings), FV_TLS_EXPIRED);
  EXPECT_EQ(judged(authority.issue({.from = 3600, .until = 7200}), settings), FV_TLS_EXPIRED);
  EXPECT_EQ(judged(authority.issue({.alternatives = "IP:192.0.2.1"}), settings), FV_TLS_WRONG_HOST);
  const Identity revoked = authority.issue();
  const std::string list = authority.file(revoked.certificate.get());
  settings.ca_file = list.c_str();
  EXPECT_EQ(judged(revoked, settings), FV_TLS_REVOKED);
  EXPECT_EQ(judged(authority.issue(), settings), FV_TLS_DONE) << "another one is not on the list";
}

TEST_F(TlsTrust, NameOrAddressIsThatOfTheSettings) {
  settings.host = "scope.lab.lan";
  EXPECT_EQ(judged(authority.issue({.alternatives = "DNS:scope.lab.lan"}), settings), FV_TLS_DONE);
  EXPECT_EQ(judged(authority.issue({.alternatives = "DNS:*.lab.lan"}), settings), FV_TLS_DONE);
  EXPECT_EQ(judged(authority.issue({.alternatives = "DNS:s*.lab.lan"}), settings),
            FV_TLS_WRONG_HOST);
  EXPECT_EQ(judged(authority.issue({.alternatives = "IP:127.0.0.1"}), settings), FV_TLS_WRONG_HOST);
  settings.host = nullptr;
  EXPECT_EQ(judged(authority.issue({.alternatives = "DNS:any"}), settings), FV_TLS_DONE);
}

TEST_F(TlsTrust, FingerprintIsTheOneCertificateWhoeverIssuedItButNotForEver) {
  const auto digits = [](const Identity& identity) {
    std::array<unsigned char, 32> bytes{};
    const std::string hex = identity.fingerprint();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<unsigned char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
    }
    return bytes;
  };
  const Identity pinned = stranger.issue({.alternatives = "DNS:elsewhere"});
  const auto fingerprint = digits(pinned);
  settings.fingerprint = fingerprint.data();
  EXPECT_EQ(judged(pinned, settings), FV_TLS_DONE);
  EXPECT_EQ(judged(authority.issue(), settings), FV_TLS_UNTRUSTED);
  const Identity old = stranger.issue({.from = -7200, .until = -3600});
  const auto of_old = digits(old);
  settings.fingerprint = of_old.data();
  EXPECT_EQ(judged(old, settings), FV_TLS_EXPIRED);
}

TEST_F(TlsTrust, FileThatCannotBeUsedIsNamed) {
  const TempFolder folder;
  const std::string wrong = folder.make("wrong.pem", "no certificate");
  const std::string own = write_identity(folder, "own.pem", authority.issue());
  const std::string certificate =
      folder.make("certificate.pem", authority.issue().certificate_pem());
  const TlsServerContext server(authority.issue());
  fv_tls_settings bad[5] = {tls_settings(wrong.c_str()), tls_settings("/none.pem"), {}, {}, {}};
  bad[2].client_certificate = wrong.c_str();
  bad[3].client_certificate = certificate.c_str();  // without a key
  bad[4].client_certificate = own.c_str();
  bad[4].client_key = wrong.c_str();
  const char* const named[] = {"ca_file ", "ca_file /none.pem", "client_certificate ",
                               "client_key ", "client_key "};
  for (std::size_t i = 0; i < std::size(bad); ++i) {
    const TlsMemory wire(server, bad[i]);
    EXPECT_EQ(wire.opened, FV_TLS_SETUP) << i;
    EXPECT_TRUE(std::string(wire.text.line).starts_with(named[i])) << wire.text.line;
  }
  fv_tls_settings good{};
  good.client_certificate = own.c_str();
  const TlsMemory wire(server, good);
  EXPECT_EQ(wire.opened, FV_TLS_DONE) << wire.text.line;
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsTrust, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module (Debian, Ubuntu: libssl-dev)";
}

#endif
