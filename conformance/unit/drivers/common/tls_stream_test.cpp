// SPDX-License-Identifier: MIT
// Into TLS, through it and out again, against a server of OpenSSL's own.
#include "drivers/common/tls_stream.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include "conformance/unit/drivers/support/tls_wire.h"

namespace visa::test {
namespace {

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 255);
  return text;
}

class TlsStreamOf : public testing::TestWithParam<int> {
 protected:
  Authority authority;
  TlsServerContext server{authority.issue(), {.version = GetParam()}};
  TlsSettings settings{.host = "127.0.0.1", .ca_file = authority.file()};
  Wire wire;
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsStreamOf, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION));

TEST_P(TlsStreamOf, CarriesBytesBothWays) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  EXPECT_EQ(wire.send("*IDN?\n").status, Status::success);
  EXPECT_EQ(wire.peer.receive(6), "*IDN?\n");
  EXPECT_TRUE(wire.peer.send("ACME"));
  EXPECT_EQ(wire.receive(4), "ACME");
  const auto facts = wire.stream->facts();
  EXPECT_EQ(facts.protocol, GetParam() == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2");
  EXPECT_TRUE(facts.cipher_suite.starts_with("TLS_")) << facts.cipher_suite;
  EXPECT_EQ(facts.subject, "CN=instrument,O=FreeVISA tests");
  EXPECT_EQ(facts.issuer, "CN=test authority,O=FreeVISA tests");
  EXPECT_EQ(facts.not_after.size(), 13U) << facts.not_after;
  EXPECT_EQ(facts.not_after.back(), 'Z');
  EXPECT_TRUE(facts.certificate.starts_with("-----BEGIN CERTIFICATE-----")) << facts.certificate;
  EXPECT_FALSE(facts.perpetual);
  EXPECT_FALSE(facts.resumed);
}

TEST_P(TlsStreamOf, CarriesLargeDataWhole) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  const std::string data = pattern(5'000'003);
  auto echoed = std::async(std::launch::async, [&] {
    const std::string got = wire.peer.receive(data.size());
    return wire.peer.send(got) ? got : std::string("not sent");
  });
  const auto sent = wire.send(data);
  EXPECT_EQ(sent.status, Status::success) << wire.detail;
  EXPECT_EQ(sent.count, data.size());
  EXPECT_EQ(wire.receive(data.size()), data);
  EXPECT_EQ(echoed.get(), data);
}

TEST_P(TlsStreamOf, ReceivesWhileASendIsStuck) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  const std::string data = pattern(20'000'000);
  auto sending = std::async(std::launch::async, [&] { return wire.send(data); });
  ASSERT_TRUE(wire.peer.send("meanwhile"));
  EXPECT_EQ(wire.receive(9), "meanwhile") << "the peer takes nothing before this has come";
  EXPECT_EQ(wire.peer.receive(data.size()), data);
  EXPECT_EQ(sending.get().status, Status::success);
}

TEST_P(TlsStreamOf, WhatATimeoutLeftBehindIsSentBeforeAnythingElse) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  const std::string data = pattern(40'000'000);
  const auto sent = wire.send(data, kShort);
  ASSERT_EQ(sent.status, Status::error_tmo) << "the peer takes nothing";
  ASSERT_LT(sent.count, data.size());
  const std::string rest = data.substr(sent.count);
  auto received = std::async(std::launch::async, [&] { return wire.peer.receive(data.size()); });
  EXPECT_EQ(wire.send(rest).status, Status::success) << wire.detail;
  EXPECT_EQ(received.get(), data);
}

TEST_P(TlsStreamOf, EndsAndGoesOnInClearText) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  // The clear text follows the end at once, so that it comes in the same receive.
  auto ended = std::async(std::launch::async, [&] {
    const bool good = wire.peer.end();
    wire.far.send("clear again");
    return good;
  });
  Call call(Deadline::after(kLong));
  EXPECT_EQ(wire.stream->end(call), Status::success) << call.detail;
  EXPECT_TRUE(ended.get());
  EXPECT_FALSE(wire.stream->secure());
  EXPECT_EQ(wire.receive(11), "clear again");
  EXPECT_EQ(wire.send("yes").status, Status::success);
  EXPECT_EQ(wire.far.receive(3), "yes");
  EXPECT_EQ(wire.secure(server, settings), Status::success) << "once more: " << wire.detail;
  EXPECT_TRUE(wire.peer.send("secure"));
  EXPECT_EQ(wire.receive(6), "secure");
}

TEST_P(TlsStreamOf, ClearTextInOnePieceWithTheEndIsKept) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  ASSERT_TRUE(wire.peer.say_end());
  ASSERT_TRUE(wire.far.send("HS clear"));
  Call call(Deadline::after(kLong));
  EXPECT_EQ(wire.stream->end(call), Status::success) << call.detail;
  EXPECT_EQ(wire.receive(8), "HS clear");
}

TEST_P(TlsStreamOf, AnEndThatThePeerSaysIsALostConnection) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  ASSERT_TRUE(wire.peer.send("last"));
  ASSERT_TRUE(wire.peer.say_end());
  EXPECT_EQ(wire.receive(4), "last");
  std::byte byte{};
  for (int again = 0; again < 2; ++again) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(wire.stream->receive(std::span(&byte, 1), call).status, Status::error_conn_lost);
    EXPECT_FALSE(call.detail.empty());
    EXPECT_TRUE(wire.stream->lost());
  }
  EXPECT_EQ(wire.send("x").status, Status::error_conn_lost);
}

TEST_P(TlsStreamOf, AConnectionThatIsCutIsLost) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  ASSERT_TRUE(wire.peer.send("last"));
  EXPECT_EQ(wire.receive(4), "last");
  wire.far.close();
  std::byte byte{};
  Call call(Deadline::after(kLong));
  EXPECT_EQ(wire.stream->receive(std::span(&byte, 1), call).status, Status::error_conn_lost);
}

TEST_P(TlsStreamOf, WhatIsNoRecordEndsTheConnection) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  ASSERT_TRUE(wire.far.send(std::string(100, 'x')));
  std::byte byte{};
  Call call(Deadline::after(kLong));
  EXPECT_EQ(wire.stream->receive(std::span(&byte, 1), call).status, Status::error_conn_lost);
  EXPECT_TRUE(wire.stream->lost());
}

TEST_P(TlsStreamOf, ATimeoutChangesNothing) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  std::byte byte{};
  Call call(Deadline::after(kShort));
  EXPECT_EQ(wire.stream->receive(std::span(&byte, 1), call).status, Status::error_tmo);
  Call moment(Deadline::immediate());
  EXPECT_EQ(wire.stream->receive_now(std::span(&byte, 1), moment).count, 0U);
  ASSERT_TRUE(wire.peer.send("late"));
  EXPECT_EQ(wire.receive(4), "late");
}

TEST_P(TlsStreamOf, ACancelledCallEndsAndChangesNothing) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  Call call(Deadline::after(kLong));
  auto waiting = std::async(std::launch::async, [&] {
    std::byte byte{};
    return wire.stream->receive(std::span(&byte, 1), call).status;
  });
  call.cancel();
  wire.stream->wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
  ASSERT_TRUE(wire.peer.send("late"));
  EXPECT_EQ(wire.receive(4), "late");
}

TEST_P(TlsStreamOf, SeveralPiecesAreFilledInTheirOrder) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  ASSERT_TRUE(wire.peer.send("headerpayload"));
  std::string header(6, '\0');
  std::string payload(64, '\0');
  const iovec pieces[] = {{header.data(), header.size()}, {payload.data(), payload.size()}};
  Call call(Deadline::after(kLong));
  const auto got = wire.stream->receive_scattered(pieces, call);
  EXPECT_EQ(got.count, 13U);
  EXPECT_EQ(header, "header");
  EXPECT_EQ(payload.substr(0, 7), "payload");
}

TEST_P(TlsStreamOf, AMessageOfTwoPiecesIsOneRecord) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  std::string header = "header";
  std::string payload = pattern(100'000);
  iovec pieces[] = {{header.data(), header.size()}, {payload.data(), payload.size()}};
  auto received = std::async(std::launch::async, [&] {
    char first[20000];
    std::size_t got = 0;
    SSL_read_ex(wire.peer.get(), first, sizeof first, &got);  // one record at the most
    return std::string(first, got) + wire.peer.receive(6 + 100'000 - got);
  });
  Call call(Deadline::after(kLong));
  EXPECT_EQ(wire.stream->send_gathered(pieces, call).count, 100'006U);
  EXPECT_EQ(received.get(), header + pattern(100'000));
}

TEST_P(TlsStreamOf, CloseSaysTheEnd) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  wire.stream->close();
  char byte = 0;
  EXPECT_EQ(SSL_read(wire.peer.get(), &byte, 1), 0);
  EXPECT_EQ(SSL_get_error(wire.peer.get(), 0), SSL_ERROR_ZERO_RETURN);
}

TEST_P(TlsStreamOf, ASecondConnectionResumesTheSession) {
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  Call call(Deadline::after(kLong));
  wire.stream->await_session(call);
  Wire second;
  ASSERT_EQ(second.secure(server, settings, wire.stream.get()), Status::success) << second.detail;
  EXPECT_TRUE(second.peer.resumed());
  EXPECT_TRUE(second.stream->facts().resumed);
  EXPECT_EQ(second.stream->facts().subject, "CN=instrument,O=FreeVISA tests");
}

TEST(TlsStream, WithoutASessionNothingIsResumedAndNoDataIsLost) {
  Authority authority;
  const TlsServerContext server(authority.issue(), {.version = TLS1_3_VERSION, .tickets = 0});
  const TlsSettings settings{.host = "127.0.0.1", .ca_file = authority.file()};
  Wire wire;
  ASSERT_EQ(wire.secure(server, settings), Status::success) << wire.detail;
  Call call(Deadline::after(kLong));
  wire.stream->await_session(call);
  ASSERT_TRUE(wire.peer.send("data"));
  wire.stream->await_session(call);
  EXPECT_EQ(wire.receive(4), "data");
  Wire second;
  ASSERT_EQ(second.secure(server, settings, wire.stream.get()), Status::success) << second.detail;
  EXPECT_FALSE(second.stream->facts().resumed);
}

TEST(TlsStream, FollowsNewKeys) {
  Authority authority;
  const TlsServerContext server(authority.issue(), {.version = TLS1_3_VERSION});
  Wire wire;
  ASSERT_EQ(wire.secure(server, {.host = "127.0.0.1", .ca_file = authority.file()}),
            Status::success);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(wire.peer.update_keys());
    ASSERT_TRUE(wire.peer.send("new"));
    EXPECT_EQ(wire.receive(3), "new");
    EXPECT_EQ(wire.send("seen").status, Status::success);
    EXPECT_EQ(wire.peer.receive(4), "seen");
  }
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsStream, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
