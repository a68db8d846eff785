// SPDX-License-Identifier: MIT
// Opening securely, transaction by transaction, against an instrument whose messages the test
// writes and whose TLS is OpenSSL's own.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/secure_session.h"

namespace visa::test {
namespace {

TEST_F(HislipSecurity, ANameWithACredentialMakesTheSessionSecure) {
  by_name = true;
  credential.user = "anna";
  credential.password.emplace("top secret");
  open({}, [](SecureInstrument& device) {
    const Message asked = device.start_tls();
    EXPECT_EQ(asked.parameter, kNone) << "nothing was sent yet";
    EXPECT_EQ(asked.payload, "\xFF\xFF\xFE\xFE") << "nothing was received yet";
    EXPECT_EQ(device.authenticate("PLAIN"), std::string("PLAIN:\0anna\0top secret", 22));
    device.agree_on_size();
  });
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), 1U);
  EXPECT_EQ(text_of(*opened.channel, VI_ATTR_TCPIP_SASL_MECHANISM), "PLAIN");
  talk();
}

TEST_F(HislipSecurity, TheSecondHandshakeResumesTheSessionOfTheFirst) {
  open_securely();
  // With TLS 1.3 the server may be slower than the moment that is waited for; not with TLS 1.2.
  const TlsServerContext older(authority.issue(), {.version = TLS1_2_VERSION});
  SecureInstrument other(older);
  auto played = std::async(std::launch::async, [&] {
    other.initialize(server, {});
    other.start_tls();
    other.authenticate("ANONYMOUS");
    other.agree_on_size();
  });
  auto name = hislip_name(server.port());
  name.has_credential = true;
  name.credential = "lab";
  Call call(Deadline::after(kLong));
  const auto made =
      drivers::make_hislip_driver()->open({name, settings, initial, {}, &credential}, call);
  played.get();
  EXPECT_TRUE(made) << call.detail;
  EXPECT_TRUE(other.resumed);
}

TEST_F(HislipSecurity, AnInstrumentThatDemandsItGetsIt) {
  for (const std::uint8_t features : {kMandatory, kInitial, std::uint8_t{6}}) {
    settings.clear();
    settings.emplace("credential", std::string("lab"));
    by_setting = true;
    open({.features = features}, [](SecureInstrument& device) {
      device.start_tls();
      EXPECT_EQ(device.authenticate("ANONYMOUS"), "ANONYMOUS:FreeVISA");
      device.agree_on_size();
    });
    ASSERT_EQ(opened.status, Status::success) << opened.detail;
    talk();
    Call call(Deadline::after(kLong));
    opened.channel->close(call);
    opened.channel.reset();
  }
}

TEST_F(HislipSecurity, WithoutADemandTheSessionIsInClearText) {
  open_in_clear();
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), 0U);
  talk();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(opened.channel->get_attribute(VI_ATTR_TCPIP_SERVER_CERT_SIZE, call).status(),
            Status::error_nsup_attr);
}

TEST_F(HislipSecurity, ADowngradeIsRefused) {
  const auto nothing = [](SecureInstrument&) {};
  by_name = true;
  open({.capable = false}, nothing);
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("credential"), std::string::npos) << opened.detail;
  open({.version = 0x0100}, nothing);
  EXPECT_EQ(opened.status, Status::error_npermission) << "the bit means nothing in version 1.0";
  by_name = false;
  settings.emplace("encryption", std::string("required"));
  open({.capable = false}, nothing);
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("configuration"), std::string::npos) << opened.detail;
}

TEST_F(HislipSecurity, AnAttributeOfTheConfigurationAsksForItToo) {
  initial = {{VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN, std::uint64_t{1}}};
  open({.capable = false}, [](SecureInstrument&) {});
  EXPECT_EQ(opened.status, Status::error_npermission);
  open({}, [](SecureInstrument& device) { device.start_tls(); });
  EXPECT_EQ(opened.status, Status::error_server_cert_untrusted) << "no ca_file without credential";
  initial = {{VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN, std::uint64_t{0}}};
  by_name = true;
  open({.features = kInitial}, [](SecureInstrument& device) {
    device.start_tls();
    device.authenticate("ANONYMOUS");
    device.agree_on_size();
    device.end_tls();
  });
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), 0U);
  talk();
}

TEST_F(HislipSecurity, AnInstrumentThatDemandsWhatIsOffIsRefused) {
  settings.emplace("encryption", std::string("off"));
  open({.features = kMandatory}, [](SecureInstrument&) {});
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("\"auto\""), std::string::npos) << opened.detail;
}

TEST_F(HislipSecurity, ACertificateThatIsNotTrustedEndsTheSessionWithAFatalError) {
  by_name = true;
  credential.ca_file = "";
  Message farewell;
  open({}, [&](SecureInstrument& device) {
    device.start_tls();
    EXPECT_FALSE(device.async_good);
    farewell = device.sync.take();
  });
  EXPECT_EQ(opened.status, Status::error_server_cert_untrusted);
  EXPECT_EQ(farewell.type, MessageType::fatal_error);
  EXPECT_EQ(farewell.control, 5);
}

TEST_F(HislipSecurity, AWrongPasswordIsNoPermission) {
  by_name = true;
  credential.user = "anna";
  credential.password.emplace("wrong one");
  open({}, [](SecureInstrument& device) {
    device.start_tls();
    device.sync.take();
    device.sync.put({MessageType::get_sasl_mechanism_list_response, 0, 0, "ANONYMOUS PLAIN"});
    EXPECT_EQ(device.sync.take().payload, "PLAIN") << "never anonymous with a user";
    device.sync.take();
    device.sync.put({MessageType::authentication_result, 0, 7, "no such user"});
  });
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("no such user"), std::string::npos) << opened.detail;
  EXPECT_EQ(opened.detail.find("wrong one"), std::string::npos) << opened.detail;
}

TEST_F(HislipSecurity, NoCommonMechanismSaysWhatToConfigure) {
  by_name = true;
  open({}, [](SecureInstrument& device) {
    device.start_tls();
    device.sync.take();
    device.sync.put({MessageType::get_sasl_mechanism_list_response, 0, 0, "GSSAPI PLAIN"});
  });
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("GSSAPI PLAIN"), std::string::npos) << opened.detail;
  EXPECT_NE(opened.detail.find("[[credential]]"), std::string::npos) << opened.detail;
}

TEST_F(HislipSecurity, AnErrorToTheAuthenticationIsNoPermission) {
  by_name = true;
  open({}, [](SecureInstrument& device) {
    device.start_tls();
    device.sync.take();
    device.sync.put({MessageType::error, 5, 0, "go away"});
  });
  EXPECT_EQ(opened.status, Status::error_npermission);
  EXPECT_NE(opened.detail.find("go away"), std::string::npos) << opened.detail;
}

TEST_F(HislipSecurity, AnAuthenticationWithoutEndIsGivenUp) {
  by_name = true;
  open({}, [](SecureInstrument& device) {
    device.start_tls();
    device.sync.take();
    device.sync.put({MessageType::get_sasl_mechanism_list_response, 0, 0, "ANONYMOUS"});
    device.sync.take();
    while (device.sync.take().type == MessageType::authentication_exchange) {
      device.sync.put({MessageType::authentication_exchange});
    }
  });
  EXPECT_EQ(opened.status, Status::error_npermission) << opened.detail;
}

TEST_F(HislipSecurity, TheDeadlineOfTheOpenHoldsForEveryStep) {
  by_name = true;
  const std::vector<std::pair<const char*, Play>> kSilent = {
      {"no answer to AsyncStartTLS", [](SecureInstrument& device) { device.async.take(); }},
      {"no handshake",
       [](SecureInstrument& device) {
         device.async.take();
         device.async.put({MessageType::async_start_tls_response, 1});
       }},
      {"no list of mechanisms", [](SecureInstrument& device) { device.start_tls(); }},
      {"no result",
       [](SecureInstrument& device) {
         device.start_tls();
         device.sync.take();
         device.sync.put({MessageType::get_sasl_mechanism_list_response, 0, 0, "ANONYMOUS"});
       }},
  };
  for (const auto& [what, play] : kSilent) {
    open({}, play, std::chrono::milliseconds(400));
    EXPECT_EQ(opened.status, Status::error_tmo) << what;
  }
}

TEST_F(HislipSecurity, AnInstrumentThatRefusesIsSaidToRefuse) {
  by_name = true;
  open({}, [](SecureInstrument& device) {
    device.async.take();
    device.async.put({MessageType::async_start_tls_response, 3});
  });
  EXPECT_EQ(opened.status, Status::error_npermission) << opened.detail;
  open({}, [](SecureInstrument& device) {
    device.async.take();
    device.async.put({MessageType::error, 1});
  });
  EXPECT_EQ(opened.status, Status::error_npermission) << opened.detail;
}

TEST_F(HislipSecurity, WhatComesBeforeTheHandshakeIsNotTakenForSecure) {
  by_name = true;
  open({}, [](SecureInstrument& device) {
    device.async.take();
    // Somebody on the network adds a message in clear text before the handshake.
    device.sync.put({MessageType::data_end, 0, 0xFFFFFEFE, "not from the instrument"});
    device.async.put({MessageType::async_start_tls_response, 1});
    device.async.start(device.server_context());
    device.sync.take();
  });
  EXPECT_NE(opened.status, Status::success);
}

}  // namespace
}  // namespace visa::test

#else

TEST(HislipSecurity, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
