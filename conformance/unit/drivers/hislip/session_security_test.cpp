// SPDX-License-Identifier: MIT
// The secure connection of HiSLIP 2.0, transaction by transaction, against an instrument whose
// messages the test writes and whose TLS is OpenSSL's own.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <functional>
#include <future>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/hislip_tls_peer.h"
#include "drivers/hislip/hislip_channel.h"

namespace visa::test {
namespace {

constexpr std::uint8_t kMandatory = 2;
constexpr std::uint8_t kInitial = 4;

struct Opened {
  Status status = Status::success;
  std::string detail;
  std::unique_ptr<spi::Channel> channel;
};

class HislipSecurity : public testing::Test {
 protected:
  HislipSecurity() { use_module_of_this_build(); }
  ~HislipSecurity() override {
    if (!opened.channel) return;
    Call call(Deadline::after(kLong));
    opened.channel->close(call);
  }

  using Play = std::function<void(SecureInstrument&)>;

  /// Opens with what `credential` and `settings` say, while the instrument plays its part after the
  /// initialization.
  void open(const SecureGreeting& greeting, const Play& play,
            std::chrono::milliseconds time = kLong) {
    auto played = std::async(std::launch::async, [&] {
      instrument.initialize(server, greeting);
      play(instrument);
    });
    auto name = hislip_name(server.port());
    name.has_credential = by_name;
    name.credential = by_name ? credential.name : "";
    Call call(Deadline::after(time));
    const InitialAttributes none;
    auto made = drivers::make_hislip_driver()->open(
        {name, settings, none, {}, by_name || by_setting ? &credential : nullptr}, call);
    opened.status = made.status();
    opened.detail = call.detail;
    if (made) opened.channel = *std::move(made);
    played.get();
  }

  void open_securely() {
    by_name = true;
    open({}, [](SecureInstrument& device) {
      device.start_tls();
      device.authenticate("ANONYMOUS");
      device.agree_on_size();
    });
    ASSERT_EQ(opened.status, Status::success) << opened.detail;
  }

  void open_in_clear() {
    open({}, [](SecureInstrument& device) { device.agree_on_size(); });
    ASSERT_EQ(opened.status, Status::success) << opened.detail;
  }

  std::pair<Status, std::string> set_encryption(bool on, std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const Status status = opened.channel->set_attribute(VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN,
                                                        std::uint64_t{on ? 1U : 0U}, call);
    return {status, call.detail};
  }

  /// One query and its answer.
  void talk(const std::string& query = "*IDN?\n", const std::string& answer = "ACME\n") {
    auto answered = std::async(std::launch::async, [&] {
      const Message message = instrument.sync.take();
      EXPECT_EQ(message.payload, query);
      instrument.sync.put({MessageType::data_end, 0, message.parameter, answer});
      return message;
    });
    Call call(Deadline::after(kLong));
    EXPECT_EQ(opened.channel
                  ->write(std::as_bytes(std::span(query)), spi::WriteRule{spi::WriteEnd::end}, call)
                  .status,
              Status::success)
        << call.detail;
    last_message = answered.get();
    std::string data(1000, '\0');
    const auto got =
        opened.channel->read(std::as_writable_bytes(std::span(data)), spi::EndRule{}, call);
    EXPECT_EQ(got.status, Status::success) << call.detail;
    EXPECT_EQ(data.substr(0, got.count), answer);
  }

  LoopbackServer server;
  Authority authority;
  TlsServerContext context{authority.issue()};
  SecureInstrument instrument{context};
  spi::Credential credential{.name = "lab", .ca_file = authority.file()};
  spi::Settings settings;
  bool by_name = false;
  bool by_setting = false;
  Opened opened;
  Message last_message{};
};

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
  EXPECT_NE(opened.detail.find("encryption"), std::string::npos) << opened.detail;
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

TEST_F(HislipSecurity, TheAttributeSwitchesItOnAndOff) {
  open_in_clear();
  settings.clear();
  talk();
  // The session was opened without a credential: nothing is trusted but what the system trusts.
  auto played = std::async(std::launch::async, [&] { instrument.start_tls(); });
  const auto [status, detail] = set_encryption(true);
  EXPECT_EQ(status, Status::error_server_cert_untrusted) << detail;
  played.get();
}

TEST_F(HislipSecurity, TheAttributeSwitchesASecureSessionToClearTextAndBack) {
  open_securely();
  talk();
  auto ended = std::async(std::launch::async, [&] { return instrument.end_tls(); });
  auto result = set_encryption(false);
  EXPECT_EQ(result.first, Status::success) << result.second;
  const Message asked = ended.get();
  EXPECT_EQ(asked.control, 1) << "RMT: the answer was taken";
  EXPECT_EQ(asked.parameter, kFirst);
  EXPECT_EQ(asked.payload, "\xFF\xFF\xFF" + std::string(1, '\0')) << "the answer's id";
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), 0U);
  talk("in clear?\n");
  auto started = std::async(std::launch::async, [&] {
    instrument.start_tls();
    instrument.authenticate("ANONYMOUS");
  });
  result = set_encryption(true);
  EXPECT_EQ(result.first, Status::success) << result.second;
  started.get();
  EXPECT_EQ(number_of(*opened.channel, VI_ATTR_TCPIP_HISLIP_ENCRYPTION_EN), 1U);
  talk("secure?\n");
}

TEST_F(HislipSecurity, SettingWhatHoldsAlreadyDoesNothing) {
  open_securely();
  EXPECT_EQ(set_encryption(true).first, Status::success);
  talk();
}

TEST_F(HislipSecurity, WhatIsMandatoryOrRequiredIsNotSwitchedOff) {
  by_name = true;
  const auto play = [](SecureInstrument& device) {
    device.start_tls();
    device.authenticate("ANONYMOUS");
    device.agree_on_size();
  };
  open({.features = kMandatory}, play);
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(set_encryption(false).first, Status::error_nsup_attr_state);
  talk();
  Call call(Deadline::after(kLong));
  opened.channel->close(call);
  opened.channel.reset();
  settings.emplace("encryption", std::string("required"));
  open({}, play);
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(set_encryption(false).first, Status::error_nsup_attr_state);
  talk();
}

TEST_F(HislipSecurity, WhereThereIsNoneItIsNotSwitchedOn) {
  open({.capable = false}, [](SecureInstrument& device) { device.agree_on_size(); });
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(set_encryption(true).first, Status::error_nsup_attr_state);
  talk();
}

TEST_F(HislipSecurity, ABusyInstrumentIsClearedAndAskedAgain) {
  open_securely();
  talk();
  auto played = std::async(std::launch::async, [&] {
    EXPECT_EQ(instrument.async.take().type, MessageType::async_end_tls);
    instrument.async.put({MessageType::async_end_tls_response, 0});
    EXPECT_EQ(instrument.async.take().type, MessageType::async_device_clear);
    instrument.async.put({MessageType::async_device_clear_acknowledge});
    EXPECT_EQ(instrument.sync.take().type, MessageType::device_clear_complete);
    instrument.sync.put({MessageType::device_clear_acknowledge});
    return instrument.end_tls();
  });
  const auto [status, detail] = set_encryption(false);
  EXPECT_EQ(status, Status::success) << detail;
  const Message asked = played.get();
  EXPECT_EQ(asked.parameter, kNone) << "counters begin anew after a device clear";
  EXPECT_EQ(asked.payload, "\xFF\xFF\xFE\xFE");
  talk("clear?\n");
}

TEST_F(HislipSecurity, AServiceRequestMayComeBetween) {
  open_securely();
  CountingSink sink;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(opened.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call), Status::success);
  auto played = std::async(std::launch::async, [&] {
    EXPECT_EQ(instrument.async.take().type, MessageType::async_end_tls);
    instrument.async.put({MessageType::async_service_request, 0x40});
    instrument.async.put({MessageType::async_end_tls_response, 1});
    EXPECT_TRUE(instrument.async.end());
    instrument.async.put({MessageType::async_service_request, 0x40});
    EXPECT_EQ(instrument.sync.take().type, MessageType::end_tls);
    EXPECT_TRUE(instrument.sync.end());
  });
  const auto [status, detail] = set_encryption(false);
  EXPECT_EQ(status, Status::success) << detail;
  played.get();
  EXPECT_TRUE(sink.wait_for(2));
  EXPECT_EQ(opened.channel->disable_event(VI_EVENT_SERVICE_REQ, call), Status::success);
}

TEST_F(HislipSecurity, ATimeoutHalfWayEndsTheSessionPlainly) {
  open_securely();
  EXPECT_EQ(set_encryption(false, kShort).first, Status::error_tmo);
  Call call(Deadline::after(kShort));
  EXPECT_EQ(opened.channel->read_status_byte(call).status(), Status::error_conn_lost);
  std::byte byte{};
  EXPECT_EQ(opened.channel->read(std::span(&byte, 1), spi::EndRule{}, call).status,
            Status::error_conn_lost);
  EXPECT_NE(call.detail.find("half-way"), std::string::npos) << call.detail;
}

TEST_F(HislipSecurity, TheCertificateIsReadAfterItsSize) {
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

TEST_F(HislipSecurity, AMessageOfSeveralRecordsArrivesWhole) {
  open_securely();
  talk("DATA?\n", std::string(900, 'x'));
  const std::string large(300'000, 'y');
  talk(large, "ok\n");
}

}  // namespace
}  // namespace visa::test

#else

TEST(HislipSecurity, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
