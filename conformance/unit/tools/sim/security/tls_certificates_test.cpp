// SPDX-License-Identifier: MIT
// Certificates as such; how clients like them is tested with the authority.
#include "tools/sim/security/tls_certificates.h"

#include <gmock/gmock.h>

namespace visa::sim {
namespace {

TEST(TlsCertificates, AreSignedAndHaveNumbersOfTheirOwn) {
  const TlsCertificates certificates(bench_hosts("127.0.0.1"));
  const Identity one = certificates.server(CertificateKind::good);
  const Identity other = certificates.server(CertificateKind::good);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(one.certificate.get()),
                             X509_get0_serialNumber(other.certificate.get())),
            0);
  EVP_PKEY* const authority = X509_get0_pubkey(certificates.authority());
  EXPECT_EQ(X509_verify(one.certificate.get(), authority), 1);
  EXPECT_EQ(X509_verify(certificates.client("someone").certificate.get(), authority), 1);
  const Identity stranger = certificates.server(CertificateKind::unknown_ca);
  EXPECT_EQ(X509_verify(stranger.certificate.get(), authority), 0);
  EXPECT_EQ(X509_check_ca(certificates.authority()), 1);
  EXPECT_EQ(X509_check_ca(one.certificate.get()), 0);
}

TEST(TlsCertificates, PemHasBothParts) {
  const TlsCertificates certificates({"localhost"});
  const Identity client = certificates.client("someone");
  EXPECT_THAT(pem_of(*client.certificate), testing::StartsWith("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_THAT(pem_of(*client.key), testing::StartsWith("-----BEGIN PRIVATE KEY-----\n"));
}

TEST(TlsCertificates, AHostThatIsNoneIsRefused) {
  EXPECT_THROW(TlsCertificates({""}).server(CertificateKind::good), std::runtime_error);
}

}  // namespace
}  // namespace visa::sim
