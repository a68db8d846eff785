// SPDX-License-Identifier: MIT
// What an authority makes, seen by a client that trusts it: each kind of certificate, versions,
// resumption, certificates of clients, files.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <system_error>

#include "conformance/unit/tools/sim/security/tls_client.h"
#include "tools/sim/security/tls_certificates.h"

namespace visa::sim {
namespace {

using State = TlsStream::State;
using testing::HasSubstr;

class TlsAuthorityTest : public ::testing::Test {
 protected:
  // How the client likes the certificate.
  long verdict(const TlsChoice& choice, const char* host = "localhost") {
    const auto server = authority->accept(choice);
    TlsClient client(*context, host);
    client.run(*server);
    EXPECT_EQ(client.finished(), client.verified() == X509_V_OK);
    return client.verified();
  }
  std::unique_ptr<TlsAuthority> authority = TlsAuthority::make("127.0.0.1");
  Folder folder{*authority};
  SslContextOwner context = client_context(folder);
};

TEST_F(TlsAuthorityTest, EachCertificateIsWrongInWhatItsNameSays) {
  EXPECT_EQ(verdict({}), X509_V_OK);
  EXPECT_EQ(verdict({.certificate = CertificateKind::expired}), X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(verdict({.certificate = CertificateKind::not_yet}), X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verdict({.certificate = CertificateKind::wrong_host}), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(verdict({.certificate = CertificateKind::wrong_host}, "another.invalid"), X509_V_OK);
  EXPECT_EQ(verdict({.certificate = CertificateKind::unknown_ca}),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  EXPECT_EQ(verdict({.certificate = CertificateKind::self_signed}),
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST_F(TlsAuthorityTest, TheGoodOneIsForTheBench) {
  const Identity server = TlsCertificates(bench_hosts("192.0.2.7")).server(CertificateKind::good);
  X509* const made = server.certificate.get();
  for (const char* const address : {"127.0.0.1", "::1", "192.0.2.7"}) {
    EXPECT_EQ(X509_check_ip_asc(made, address, 0), 1) << address;
  }
  EXPECT_EQ(X509_check_ip_asc(made, "192.0.2.8", 0), 0);
  EXPECT_EQ(X509_check_host(made, "localhost", 0, 0, nullptr), 1);
  EXPECT_THAT(bench_hosts("0.0.0.0"), testing::Not(testing::Contains("0.0.0.0")));
}

TEST_F(TlsAuthorityTest, VersionsAreThoseOfTheChoice) {
  const auto old = authority->accept({.oldest = 0x0302, .newest = 0x0302});
  TlsClient client(*context);
  client.run(*old);
  EXPECT_FALSE(client.finished());
  EXPECT_EQ(old->state(), State::failed);
  EXPECT_THAT(old->error(), HasSubstr("unsupported protocol"));
  const auto only12 = authority->accept({.newest = 0x0303});
  TlsClient other(*context);
  other.run(*only12);
  EXPECT_THAT(only12->summary(), HasSubstr("TLSv1.2 "));
}

TEST_F(TlsAuthorityTest, AnotherConnectionResumesASession) {
  for (const int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const TlsChoice choice{.asks_for_certificate = true};
    const SslContextOwner own = client_context(folder, true, newest);
    const auto first = authority->accept(choice);
    TlsClient client(*own);
    client.run(*first);
    client.read();  // the ticket of TLS 1.3
    EXPECT_EQ(first->client_name(), "client");
    SSL_SESSION* const session = SSL_get1_session(client.ssl.get());
    const auto second = authority->accept(choice);
    TlsClient again(*own);
    SSL_set_session(again.ssl.get(), session);
    SSL_SESSION_free(session);
    again.run(*second);
    EXPECT_THAT(second->summary(), HasSubstr(" resumed"));
    EXPECT_EQ(second->client_name(), "client") << "known from the first";
  }
}

TEST_F(TlsAuthorityTest, AClientMayShowACertificateOfTheAuthority) {
  const TlsChoice choice{.asks_for_certificate = true};
  const SslContextOwner own = client_context(folder, true);
  auto server = authority->accept(choice);
  TlsClient with(*own);
  with.run(*server);
  EXPECT_EQ(server->client_name(), "client");
  server = authority->accept(choice);
  TlsClient without(*context);
  without.run(*server);
  EXPECT_EQ(server->state(), State::open);
  EXPECT_EQ(server->client_name(), "");
  server = authority->accept({});
  TlsClient unasked(*own);
  unasked.run(*server);
  EXPECT_EQ(server->client_name(), "");
  // One that another authority has signed.
  const auto other = TlsAuthority::make("127.0.0.1");
  const Folder elsewhere(*other);
  const SslContextOwner stranger = client_context(elsewhere, true);
  SSL_CTX_load_verify_file(stranger.get(), folder.file("ca.pem").c_str());
  server = authority->accept(choice);
  TlsClient refused(*stranger);
  refused.run(*server);
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_THAT(server->error(), HasSubstr("certificate verify failed"));
}

TEST_F(TlsAuthorityTest, FilesAreWrittenForTheirOwnerAlone) {
  struct stat status {};
  ASSERT_EQ(::stat(folder.file("client.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(folder.text("ca.pem"), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(folder.text("ca.pem"), testing::Not(HasSubstr("PRIVATE")));
  EXPECT_THROW(authority->write_files("/dev/null/there"), std::system_error);
}

TEST_F(TlsAuthorityTest, FilesOfTheUserAreUsedOrRefusedWithTheirName) {
  const TlsChoice choice{.certificate_file = folder.file("client.pem"),
                         .key_file = folder.file("client.key")};
  EXPECT_NE(authority->accept(choice), nullptr);
  const auto said = [this](const TlsChoice& wrong) {
    try {
      static_cast<void>(authority->accept(wrong));
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(said({.certificate_file = "/no/such.pem", .key_file = "/no/key"}),
              HasSubstr("/no/such.pem: no certificate in PEM can be read: No such file"));
  EXPECT_THAT(said({.certificate_file = choice.certificate_file, .key_file = "/no/key"}),
              HasSubstr("/no/key: no private key"));
  EXPECT_THAT(said({.certificate_file = folder.file("ca.pem"), .key_file = choice.key_file}),
              HasSubstr("key values mismatch"));
}

}  // namespace
}  // namespace visa::sim
