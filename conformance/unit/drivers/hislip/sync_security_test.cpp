// SPDX-License-Identifier: MIT
// Switching the encryption of an open session.
#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/secure_session.h"

namespace visa::test {
namespace {

using HislipEncryption = HislipSecurity;

TEST_F(HislipEncryption, TheAttributeSwitchesItOnAndOff) {
  open_in_clear();
  settings.clear();
  talk();
  // The session was opened without a credential: nothing is trusted but what the system trusts.
  auto played = std::async(std::launch::async, [&] { instrument.start_tls(); });
  const auto [status, detail] = set_encryption(true);
  EXPECT_EQ(status, Status::error_server_cert_untrusted) << detail;
  played.get();
}

TEST_F(HislipEncryption, TheAttributeSwitchesASecureSessionToClearTextAndBack) {
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

TEST_F(HislipEncryption, SettingWhatHoldsAlreadyDoesNothing) {
  open_securely();
  EXPECT_EQ(set_encryption(true).first, Status::success);
  talk();
}

TEST_F(HislipEncryption, WhatIsMandatoryOrRequiredIsNotSwitchedOff) {
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

TEST_F(HislipEncryption, WhereThereIsNoneItIsNotSwitchedOn) {
  open({.capable = false}, [](SecureInstrument& device) { device.agree_on_size(); });
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  EXPECT_EQ(set_encryption(true).first, Status::error_nsup_attr_state);
  talk();
}

TEST_F(HislipEncryption, ABusyInstrumentIsClearedAndAskedAgain) {
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

TEST_F(HislipEncryption, AnAnswerThatNobodyReadIsThrownAway) {
  open_securely();
  const std::string query = "LATE?\n";
  Call call(Deadline::after(kLong));
  ASSERT_EQ(opened.channel
                ->write(std::as_bytes(std::span(query)), spi::WriteRule{spi::WriteEnd::end}, call)
                .status,
            Status::success);
  const Message asked = instrument.sync.take();
  const Message late{MessageType::data_end, 0, asked.parameter, std::string(5000, 'x')};
  // A part of it is read, a part has come and the rest is on its way.
  instrument.sync.put_raw(wire(late).substr(0, 2000));
  std::string begin(100, '\0');
  EXPECT_EQ(
      opened.channel->read(std::as_writable_bytes(std::span(begin)), spi::EndRule{}, call).count,
      100U);
  auto played = std::async(std::launch::async, [&] {
    instrument.sync.put_raw(wire(late).substr(2000));
    const Message end = instrument.end_tls();
    EXPECT_EQ(end.payload, "\xFF\xFF\xFF" + std::string(1, '\0')) << "its id counts as received";
  });
  const auto [status, detail] = set_encryption(false);
  EXPECT_EQ(status, Status::success) << detail;
  played.get();
  talk();
}

TEST_F(HislipEncryption, InOverlapModeAnAnswerThatWasReadInPartIsCleared) {
  by_name = true;
  open({.features = 1}, [](SecureInstrument& device) {
    device.start_tls();
    device.authenticate("ANONYMOUS");
    device.agree_on_size();
  });
  ASSERT_EQ(opened.status, Status::success) << opened.detail;
  instrument.sync.put({MessageType::data_end, 0, kFirst, "an answer"});
  std::string begin(2, '\0');
  Call call(Deadline::after(kLong));
  EXPECT_EQ(
      opened.channel->read(std::as_writable_bytes(std::span(begin)), spi::EndRule{}, call).count,
      2U);
  auto played = std::async(std::launch::async, [&] {
    EXPECT_EQ(instrument.async.take().type, MessageType::async_device_clear);
    instrument.async.put({MessageType::async_device_clear_acknowledge, 1});
    EXPECT_EQ(instrument.sync.take().type, MessageType::device_clear_complete);
    instrument.sync.put({MessageType::device_clear_acknowledge, 1});
    instrument.end_tls();
  });
  const auto [status, detail] = set_encryption(false);
  EXPECT_EQ(status, Status::success) << detail;
  played.get();
}

TEST_F(HislipEncryption, AServiceRequestMayComeBetween) {
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

TEST_F(HislipEncryption, ATimeoutHalfWayEndsTheSessionPlainly) {
  open_securely();
  EXPECT_EQ(set_encryption(false, kShort).first, Status::error_tmo);
  Call call(Deadline::after(kShort));
  EXPECT_EQ(opened.channel->read_status_byte(call).status(), Status::error_conn_lost);
  std::byte byte{};
  EXPECT_EQ(opened.channel->read(std::span(&byte, 1), spi::EndRule{}, call).status,
            Status::error_conn_lost);
  EXPECT_NE(call.detail.find("half-way"), std::string::npos) << call.detail;
}

}  // namespace
}  // namespace visa::test

#else

TEST(HislipEncryption, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
