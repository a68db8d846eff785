// SPDX-License-Identifier: MIT
// SASL as it crosses HiSLIP: lists, success, failure and another attempt, what is refused.
#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/hislip/hislip_secure_client.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr unsigned kInsecure = 5;             // of FatalError
constexpr unsigned kAuthenticationError = 5;  // of Error
const std::string kGood("\0alice\0secret", 13);
const std::string kBad("\0alice\0wrong", 12);

class HislipAuthenticationTest : public HislipSecureTest {
 protected:
  HislipAuthenticationTest() { EXPECT_TRUE(client.start(*context)); }
  Session client{port, "hislip0"};
};

TEST_F(HislipAuthenticationTest, MechanismsAreListedInTheInstrumentsOrder) {
  EXPECT_EQ(client.sync_tls->ask(kGetMechanisms).payload, "SCRAM-SHA-256 EXTERNAL PLAIN ANONYMOUS");
  Session none(port, "hislip1");
  ASSERT_TRUE(none.start(*context));
  EXPECT_EQ(none.sync_tls->ask(kGetMechanisms).payload, "ANONYMOUS");
  EXPECT_EQ(none.sync_tls->ask(kAuthenticationStart, 0, 0, "PLAIN").type, kError);
  EXPECT_EQ(none.query("*OPC?"), "1\n") << "nobody is asked there";
  EXPECT_EQ(none.authenticate("ANONYMOUS", "").control, 1U);
  EXPECT_EQ(none.query("*OPC?"), "1\n");
}

TEST_F(HislipAuthenticationTest, EachMechanismLetsIn) {
  Got got = client.authenticate("ANONYMOUS", "");
  EXPECT_EQ(got.type, kAuthenticationResult);
  EXPECT_EQ(got.control, 1U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  got = client.authenticate("PLAIN", kGood);
  EXPECT_EQ(got.control, 1U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  got = client.authenticate("SCRAM-SHA-256", "n,,n=alice,r=abc");
  EXPECT_EQ(got.type, kAuthenticationExchange);
  EXPECT_THAT(got.payload, StartsWith("r=abc"));
}

TEST_F(HislipAuthenticationTest, ACertificateLetsIn) {
  EXPECT_EQ(client.authenticate("EXTERNAL", "").control, 0U);
  const SslContextOwner own = client_context(folder, true);
  Session with(port, "hislip0");
  ASSERT_TRUE(with.start(*own));
  EXPECT_EQ(with.authenticate("EXTERNAL", "").control, 1U);
  EXPECT_EQ(with.query("*OPC?"), "1\n");
}

TEST_F(HislipAuthenticationTest, AfterAFailureTheClientTriesAgain) {
  Got got = client.authenticate("PLAIN", kBad);
  EXPECT_EQ(got.type, kAuthenticationResult);
  EXPECT_EQ(got.control, 0U);
  EXPECT_EQ(got.parameter, 1U);
  EXPECT_THAT(got.payload, HasSubstr("wrong"));
  EXPECT_EQ(client.sync_tls->ask(kGetMechanisms).type, kMechanisms);
  EXPECT_EQ(client.authenticate("PLAIN", kGood).control, 1U);
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(client.authenticate("PLAIN", kBad).control, 0U);
  client.sync_tls->put(kDataEnd, 0, client.next_id, "*OPC?");
  expect_fatal(*client.sync_tls, kInsecure);
}

TEST_F(HislipAuthenticationTest, OrGoesBackToClear) {
  EXPECT_EQ(client.authenticate("PLAIN", kBad).control, 0U);
  ASSERT_TRUE(client.end());
  EXPECT_EQ(client.query("*OPC?"), "1\n") << "encryption is optional";
}

TEST_F(HislipAuthenticationTest, NothingIsDoneBefore) {
  EXPECT_EQ(client.async_tls->ask(kMaximumSize, 0, 0, number_bytes(4096, 8)).type,
            kMaximumSizeResponse);
  EXPECT_EQ(client.async_tls->ask(kGetDescriptors).type, kGetDescriptorsResponse);
  client.async_tls->put(kStatusQuery, 0, client.last_id);
  const Got got = client.async_tls->next();
  EXPECT_EQ(got.type, kFatalError);
  EXPECT_EQ(got.control, kInsecure);
  EXPECT_THAT(got.payload, HasSubstr("has not been authenticated"));
  for (const int type : std::initializer_list<int>{kDataEnd, kTrigger, 200}) {
    Session other(port, "hislip0");
    ASSERT_TRUE(other.start(*context));
    other.sync_tls->put(type, 0, other.next_id);
    expect_fatal(*other.sync_tls, kInsecure);
  }
}

TEST_F(HislipAuthenticationTest, UnknownMechanismsAreAnErrorAndGarbageIsFatal) {
  Got got = client.sync_tls->ask(kAuthenticationStart, 0, 0, "GSSAPI");
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, kAuthenticationError);
  got = client.sync_tls->ask(kAuthenticationStart, 0, 0, std::string(300, 'x'));
  EXPECT_EQ(got.type, kError);
  client.sync_tls->put(kAuthenticationStart, 0, 0, "PLAIN");
  got = client.sync_tls->ask(kAuthenticationExchange, 0, 0, std::string(9000, 'x'));
  EXPECT_EQ(got.type, kError);
  EXPECT_EQ(got.control, 4U) << "too large, and discarded";
  client.sync_tls->put(kAuthenticationExchange, 0, 0, "no nulls");
  expect_fatal(*client.sync_tls, kInsecure);
}

TEST_F(HislipAuthenticationTest, AnExchangeNeedsItsStart) {
  client.sync_tls->put(kAuthenticationExchange, 0, 0, kGood);
  expect_fatal(*client.sync_tls, kInsecure);
  Session done(port, "hislip0");
  ASSERT_TRUE(done.start(*context));
  EXPECT_EQ(done.authenticate("PLAIN", kGood).control, 1U);
  done.sync_tls->put(kAuthenticationExchange, 0, 0, kGood);
  expect_fatal(*done.sync_tls, kInsecure);
}

TEST_F(HislipAuthenticationTest, NothingIsAuthenticatedInClear) {
  Session clear(port, "hislip0");
  clear.sync.put(kAuthenticationStart, 0, 0, "PLAIN");
  expect_fatal(clear.sync, kInsecure);
}

}  // namespace
}  // namespace visa::sim
