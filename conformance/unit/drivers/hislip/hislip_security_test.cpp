// SPDX-License-Identifier: MIT
// The attributes of a secure session.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/secure_session.h"

namespace visa::test {
namespace {

using HislipSecurityAttributes = HislipSecurity;

TEST_F(HislipSecurityAttributes, TheCertificateIsReadAfterItsSize) {
  open_securely();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(opened.channel->get_attribute(VI_ATTR_TCPIP_SERVER_CERT, call).status(),
            Status::error_inv_size);
  const std::uint64_t size = number_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT_SIZE);
  const std::string certificate = text_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT);
  EXPECT_EQ(certificate.size(), size);
  EXPECT_TRUE(certificate.starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_EQ(text_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT_ISSUER_NAME),
            "CN=test authority,O=FreeVISA tests");
  EXPECT_EQ(text_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT_SUBJECT_NAME),
            "CN=instrument,O=FreeVISA tests");
  EXPECT_EQ(text_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT_EXPIRATION_DATE).size(), 13U);
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_SERVER_CERT_IS_PERPETUAL), 0U);
  EXPECT_EQ(text_of(*opened.channel, VI_ATTR_TCPIP_SASL_MECHANISM), "ANONYMOUS");
  EXPECT_TRUE(text_of(*opened.channel, VI_ATTR_TCPIP_TLS_CIPHER_SUITE).starts_with("TLS_"));
}

TEST_F(HislipSecurityAttributes, AMessageOfSeveralRecordsArrivesWhole) {
  open_securely();
  talk("DATA?\n", std::string(900, 'x'));
  const std::string large(300'000, 'y');
  talk(large, "ok\n");
}

}  // namespace
}  // namespace visa::test

#else

TEST(HislipSecurityAttributes, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
