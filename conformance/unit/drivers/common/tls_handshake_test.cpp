// SPDX-License-Identifier: MIT
// Which servers are accepted, and by which status the others are refused.
#include "drivers/common/tls_stream.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/tls_wire.h"

namespace visa::test {
namespace {

/// What a client with `settings` makes of a server that shows `identity`.
Status judge(const Identity& identity, const TlsSettings& settings, std::string* detail = nullptr,
             const ServerRules& rules = {}) {
  const TlsServerContext server(identity, rules);
  Wire wire;
  const Status status = wire.secure(server, settings);
  if (detail != nullptr) *detail = wire.detail;
  EXPECT_EQ(failed(status), wire.stream->lost());
  return status;
}

TEST(TlsCertificate, TheRightOneIsAccepted) {
  Authority authority;
  const std::string file = authority.file();
  EXPECT_EQ(judge(authority.issue(), {.host = "127.0.0.1", .ca_file = file}), Status::success);
  EXPECT_EQ(judge(authority.issue({.alternatives = "DNS:scope.lan"}),
                  {.host = "scope.lan", .ca_file = file}),
            Status::success);
}

TEST(TlsCertificate, WrongOnesAreRefusedByTheRightStatus) {
  Authority authority;
  Authority stranger("stranger");
  const std::string file = authority.file();
  const TlsSettings settings{.host = "127.0.0.1", .ca_file = file};
  std::string detail;
  EXPECT_EQ(judge(authority.issue({.from = -7200, .until = -3600}), settings, &detail),
            Status::error_server_cert_expired);
  EXPECT_NE(detail.find("clocks"), std::string::npos) << detail;
  EXPECT_EQ(judge(authority.issue({.from = 3600, .until = 7200}), settings),
            Status::error_server_cert_expired)
      << "not valid yet";
  EXPECT_EQ(judge(authority.issue({.alternatives = "IP:192.0.2.1"}), settings, &detail),
            Status::error_server_cert_inv_subject);
  EXPECT_NE(detail.find("server_name"), std::string::npos) << detail;
  EXPECT_EQ(judge(authority.issue({.alternatives = "DNS:other.lan"}),
                  {.host = "scope.lan", .ca_file = file}),
            Status::error_server_cert_inv_subject);
  EXPECT_EQ(judge(stranger.issue(), settings, &detail), Status::error_server_cert_untrusted);
  EXPECT_NE(detail.find("ca_file"), std::string::npos) << detail;
  EXPECT_EQ(judge(authority.issue(), {.host = "127.0.0.1"}), Status::error_server_cert_untrusted)
      << "the system does not know the authority";
  const Identity revoked = authority.issue();
  EXPECT_EQ(
      judge(revoked, {.host = "127.0.0.1", .ca_file = authority.file(revoked.certificate.get())}),
      Status::error_server_cert_revoked);
}

TEST(TlsCertificate, AFingerprintAcceptsOneCertificateAndNoOther) {
  Authority stranger("stranger");
  const Identity pinned = stranger.issue({.alternatives = "DNS:elsewhere"});
  const std::string hex = pinned.fingerprint();
  drivers::Fingerprint fingerprint{};
  for (std::size_t i = 0; i < fingerprint.size(); ++i) {
    fingerprint[i] = static_cast<unsigned char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  const TlsSettings settings{.host = "127.0.0.1", .fingerprint = fingerprint};
  EXPECT_EQ(judge(pinned, settings), Status::success);
  EXPECT_EQ(judge(stranger.issue(), settings), Status::error_server_cert_untrusted);
  Authority authority;
  EXPECT_EQ(judge(authority.issue(),
                  {.host = "127.0.0.1", .ca_file = authority.file(), .fingerprint = fingerprint}),
            Status::error_server_cert_untrusted)
      << "also where an authority vouches for it";
  auto off_by_one = fingerprint;
  off_by_one[31] ^= 1U;
  EXPECT_EQ(judge(pinned, {.host = "127.0.0.1", .fingerprint = off_by_one}),
            Status::error_server_cert_untrusted);
}

TEST(TlsCertificate, OneWithoutAnEndIsSaidToBeOne) {
  Authority authority;
  const TlsServerContext server(authority.issue({.for_ever = true}));
  Wire wire;
  ASSERT_EQ(wire.secure(server, {.host = "127.0.0.1", .ca_file = authority.file()}),
            Status::success)
      << wire.detail;
  EXPECT_TRUE(wire.stream->facts().perpetual);
  EXPECT_EQ(wire.stream->facts().not_after, "99991231235959Z");
}

TEST(TlsCertificate, AServerThatWantsTheClientsGetsIt) {
  Authority authority;
  const TempFolder folder;
  const std::string own = write_identity(folder, "own.pem", authority.issue({.name = "lab"}));
  TlsSettings settings{.host = "127.0.0.1", .ca_file = authority.file(), .client_certificate = own};
  const TlsServerContext server(authority.issue(),
                                {.client_authority = authority.own().certificate.get()});
  Wire wire;
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  EXPECT_TRUE(wire.peer.has_client_certificate());
}

TEST(TlsCertificate, AServerThatGetsNoneRefuses) {
  Authority authority;
  const TlsSettings settings{.host = "127.0.0.1", .ca_file = authority.file()};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TlsServerContext server(
        authority.issue(),
        {.version = version, .client_authority = authority.own().certificate.get()});
    Wire wire;
    Status status = wire.secure(server, settings);
    std::string detail = wire.detail;
    if (version == TLS1_3_VERSION) {  // the server's refusal comes after the client's handshake
      ASSERT_EQ(status, Status::success);
      std::byte byte{};
      Call call(Deadline::after(kLong));
      status = wire.stream->receive(std::span(&byte, 1), call).status;
      detail = call.detail;
    }
    EXPECT_EQ(status, Status::error_npermission) << version;
    EXPECT_NE(detail.find("client_certificate"), std::string::npos) << detail;
  }
}

TEST(TlsHandshake, OldVersionsAreNotSpoken) {
  Authority authority;
  std::string detail;
  EXPECT_EQ(judge(authority.issue(), {.host = "127.0.0.1", .ca_file = authority.file()}, &detail,
                  {.version = TLS1_1_VERSION}),
            Status::error_rsrc_nfound);
  EXPECT_NE(detail.find("TLS 1.2"), std::string::npos) << detail;
}

TEST(TlsHandshake, APeerThatSpeaksSomethingElseIsNoTlsServer) {
  Wire wire;
  Authority authority;
  ASSERT_TRUE(wire.far.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
  EXPECT_EQ(wire.start({.host = "127.0.0.1", .ca_file = authority.file()}),
            Status::error_rsrc_nfound);
}

TEST(TlsHandshake, OneThatIsCutIsALostConnection) {
  Authority authority;
  const std::string file = authority.file();
  const TlsServerContext server(authority.issue());
  // The first bytes of a handshake message of 100 bytes, then nothing.
  for (const std::string_view begin :
       {std::string_view(), std::string_view("\x16\x03\x03\x00\x64\x02", 6)}) {
    Wire wire;
    ASSERT_TRUE(wire.far.send(begin));
    auto closing = std::async(std::launch::async, [&] {
      wire.far.receive(100);  // of the client's hello
      ::shutdown(wire.far.fd(), SHUT_WR);
    });
    EXPECT_EQ(wire.start({.host = "127.0.0.1", .ca_file = file}), Status::error_conn_lost);
    EXPECT_TRUE(wire.stream->lost());
  }
}

TEST(TlsHandshake, ASilentServerCostsTheDeadline) {
  Authority authority;
  Wire wire;
  EXPECT_EQ(wire.start({.host = "127.0.0.1", .ca_file = authority.file()}, nullptr, kShort),
            Status::error_tmo);
  EXPECT_TRUE(wire.stream->lost()) << "half a handshake cannot be continued";
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsHandshake, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
