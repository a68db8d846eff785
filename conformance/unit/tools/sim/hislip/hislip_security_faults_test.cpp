// SPDX-License-Identifier: MIT
// Each kind of fault of the secure connection, by the requests of the control socket.
#include "tools/sim/hislip/hislip_security_faults.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "conformance/unit/tools/sim/hislip/hislip_secure_client.h"

namespace visa::sim {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kGood("\0alice\0secret", 13);

class HislipSecurityFaultTest : public HislipSecureTest {
 protected:
  // Where a handshake of a new client fails, "": nowhere.
  std::string failure(Session& client) {
    if (client.start(*context)) return {};
    return (client.sync_tls != nullptr ? "sync " + client.sync_tls->reason
                                       : "async " + client.async_tls->reason);
  }
  std::string failure() {
    Session client(port, "hislip0");
    return failure(client);
  }
  void expect_well() {
    Session client(port, "hislip0");
    EXPECT_EQ(failure(client), "");
    EXPECT_EQ(client.authenticate("PLAIN", kGood).control, 1U);
    EXPECT_EQ(client.query("*OPC?"), "1\n");
  }
};

TEST_F(HislipSecurityFaultTest, BusyAndErrorChangeNothing) {
  Session client(port, "hislip0");
  fault(R"("kind":"hislip-tls-busy","count":2)");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy);
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnBusy);
  fault(R"("kind":"hislip-tls-error","count":1)");
  EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnError);
  EXPECT_THAT(client.ask(kGetDescriptors).payload, HasSubstr("TLS was refused"));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  ASSERT_EQ(failure(client), "");
  fault(R"("kind":"hislip-tls-busy","count":1)");
  EXPECT_EQ(client.ask_turn(kAsyncEndTls, client.received_id), kTurnBusy);
  EXPECT_TRUE(client.end());
}

TEST_F(HislipSecurityFaultTest, CertificatesAreWrongOnEitherChannel) {
  for (const char* const kind : {"expired", "not-yet", "wrong-host", "unknown-ca", "self-signed"}) {
    for (const std::string channel : {"async", "sync"}) {
      fault(R"("kind":"hislip-tls-)" + std::string(kind) + R"(","count":1,"procedure":")" +
            (channel == "async" ? "async_start_tls\"" : "start_tls\""));
      EXPECT_EQ(failure(), channel + " certificate verify failed") << kind;
    }
  }
  expect_well();
}

TEST_F(HislipSecurityFaultTest, AnOldVersionIsAllThereIs) {
  fault(R"("kind":"hislip-tls-old","count":1)");
  Session client(port, "hislip0");
  EXPECT_THAT(failure(client), HasSubstr("protocol version"));
  EXPECT_EQ(client.sync.next().type, kFatalError);
}

TEST_F(HislipSecurityFaultTest, AHandshakeEndsAnywhere) {
  for (const char* const bytes : {"0", "1", "5", "100", "300"}) {
    for (const char* const channel : {"async", "sync"}) {
      for (const char* const reset : {"false", "true"}) {
        fault(std::string(R"("kind":"hislip-tls-close","count":1,"bytes":)") + bytes +
              R"(,"reset":)" + reset + R"(,"procedure":")" +
              (std::string_view(channel) == "async" ? "async_start_tls\"" : "start_tls\""));
        EXPECT_THAT(failure(), StartsWith(channel)) << bytes;
      }
    }
  }
  expect_well();
}

TEST_F(HislipSecurityFaultTest, AHandshakeStopsAnywhere) {
  for (const int bytes : {0, 1, 200}) {
    fault(R"("kind":"hislip-tls-silence","count":1,"bytes":)" + std::to_string(bytes));
    Session client(port, "hislip0");
    EXPECT_EQ(client.ask_turn(kAsyncStartTls, client.received_id), kTurnSuccess);
    // The beginning of a handshake, by hand: this client's sockets would wait.
    TlsClient hello(*context);
    SSL_do_handshake(hello.ssl.get());
    client.async.send(hello.take());
    EXPECT_EQ(client.async.receive(static_cast<std::size_t>(bytes)).size(),
              static_cast<std::size_t>(bytes));
    EXPECT_FALSE(client.async.readable(50));
    EXPECT_FALSE(client.sync.readable(0));
  }
  expect_well();
}

TEST_F(HislipSecurityFaultTest, GarbageComesInsteadOfTls) {
  fault(R"("kind":"hislip-tls-garbage","count":1,"bytes":100)");
  EXPECT_THAT(failure(), StartsWith("async "));
  expect_well();
}

TEST_F(HislipSecurityFaultTest, DataComesInClearAfterStartTls) {
  fault(R"("kind":"hislip-tls-clear","count":1,"procedure":"start_tls")");
  Session client(port, "hislip0");
  ASSERT_EQ(failure(client), "");
  client.sync_tls->put(kGetMechanisms);
  ERR_clear_error();
  EXPECT_EQ(client.sync_tls->next().type, -1);
  // OpenSSL 3.0 and 3.5 have different words for it.
  EXPECT_THAT(openssl_reason(), AnyOf("wrong version number", "bad record type"));
}

TEST_F(HislipSecurityFaultTest, AConnectionThatBreaksOffSaysNoCloseNotify) {
  Session client(port, "hislip0");
  ASSERT_EQ(failure(client), "");
  fault(R"("kind":"hislip-close","count":1,"bytes":10)");
  client.sync_tls->put(kGetMechanisms);
  char bytes[16];
  EXPECT_EQ(SSL_read(client.sync_tls->ssl(), bytes, sizeof bytes), 10);
  ERR_clear_error();
  EXPECT_LE(SSL_read(client.sync_tls->ssl(), bytes, sizeof bytes), 0);
  EXPECT_EQ(SSL_get_shutdown(client.sync_tls->ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
  EXPECT_EQ(openssl_reason(), "unexpected eof while reading");
}

TEST_F(HislipSecurityFaultTest, TheEndIsNotSaid) {
  fault(R"("kind":"hislip-tls-no-notify","count":1)");
  Session client(port, "hislip0");
  ASSERT_EQ(failure(client), "");
  EXPECT_EQ(client.authenticate("PLAIN", kGood).control, 1U);
  EXPECT_EQ(client.ask_turn(kAsyncEndTls, client.received_id), kTurnSuccess);
  EXPECT_EQ(SSL_shutdown(client.async_tls->ssl()), 0);
  EXPECT_FALSE(client.async.readable(50));
  client.async_tls.reset();
  client.async.put(kStatusQuery, 0, client.last_id);
  EXPECT_EQ(client.async.next().type, kStatusResponse) << "in clear all the same";
}

TEST_F(HislipSecurityFaultTest, TheCapabilityIsHidden) {
  fault(R"("kind":"hislip-control","count":1,"error":0,"procedure":"async_initialize")");
  Session client(port, "hislip0");
  EXPECT_EQ(client.async_hello.control, 0U);
}

TEST_F(HislipSecurityFaultTest, ListsAreEmptyOrHuge) {
  Session client(port, "hislip0");
  ASSERT_EQ(failure(client), "");
  fault(R"("kind":"hislip-sasl-list","count":1)");
  EXPECT_EQ(client.sync_tls->ask(kGetMechanisms).payload, "");
  fault(R"("kind":"hislip-sasl-list","count":1,"bytes":1000000)");
  EXPECT_EQ(client.sync_tls->ask(kGetMechanisms).payload.size(), 1000000U);
  EXPECT_THAT(client.sync_tls->ask(kGetMechanisms).payload, HasSubstr("PLAIN"));
}

TEST_F(HislipSecurityFaultTest, ExchangesGoWrong) {
  Session client(port, "hislip0");
  ASSERT_EQ(failure(client), "");
  fault(R"("kind":"hislip-sasl-failure","count":1,"error":77)");
  Got got = client.authenticate("PLAIN", kGood);
  EXPECT_EQ(got.type, kAuthenticationResult);
  EXPECT_EQ(got.control, 0U);
  EXPECT_EQ(got.parameter, 77U);
  EXPECT_EQ(got.payload, "a fault of the bench");
  fault(R"("kind":"hislip-sasl-endless","count":1)");
  got = client.authenticate("PLAIN", kGood);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(got.type, kAuthenticationExchange);
    got = client.sync_tls->ask(kAuthenticationExchange, 0, 0, "more");
  }
  fault(R"("kind":"hislip-sasl-challenge","count":1)");
  got = client.authenticate("PLAIN", kGood);
  EXPECT_EQ(got.type, kAuthenticationExchange);
  EXPECT_EQ(got.payload.size(), 65536U);
  fault(R"("kind":"hislip-sasl-nonce","count":1)");
  got = client.authenticate("SCRAM-SHA-256", "n,,n=alice,r=abc");
  EXPECT_THAT(got.payload, StartsWith("r=Abc"));
  EXPECT_EQ(client.authenticate("PLAIN", kGood).control, 1U);
}

TEST(HislipSecurityFaults, StepsAreSpoiled) {
  const SaslStep last =
      spoiled_step({SaslStep::Kind::success, "v=AAAA"}, {.kind = &kHislipSaslSignatureFault});
  EXPECT_EQ(last.kind, SaslStep::Kind::success);
  EXPECT_EQ(last.data, "v=BAAA");
  EXPECT_EQ(spoiled_step({SaslStep::Kind::success, ""}, {.kind = &kHislipSaslSignatureFault}).data,
            "");
  EXPECT_EQ(spoiled_list("PLAIN", nullptr), "PLAIN");
  const TlsChoice own{.certificate_file = "a", .key_file = "b"};
  EXPECT_EQ(spoiled_choice(own, nullptr), own);
  const Fault expired{.kind = &kHislipTlsExpiredFault};
  EXPECT_EQ(spoiled_choice(own, &expired).certificate, CertificateKind::expired);
  EXPECT_EQ(spoiled_choice(own, &expired).certificate_file, "") << "the bench has no such one";
}

TEST(HislipSecurityFaults, AllAreListed) {
  const auto all = hislip_faults();
  for (const FaultKind* const one : hislip_security_faults()) {
    EXPECT_EQ(std::count(all.begin(), all.end(), one), 1) << one->name;
    EXPECT_NE(one->only, nullptr) << one->name;
  }
  for (const FaultKind* const one : hislip_message_faults()) {
    EXPECT_EQ(std::count(all.begin(), all.end(), one), 1) << one->name;
  }
  EXPECT_EQ(all.size(), hislip_security_faults().size() + hislip_message_faults().size());
}

}  // namespace
}  // namespace visa::sim
