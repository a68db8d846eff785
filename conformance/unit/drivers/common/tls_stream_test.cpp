// SPDX-License-Identifier: MIT
// Into TLS, through it and out again, against a server of OpenSSL's own.
#include "drivers/common/tls_stream.h"

#include <gtest/gtest.h>

#ifdef FREEVISA_TLS_MODULE

#include <future>
#include <thread>

#include "conformance/unit/drivers/support/tls_peer.h"
#include "drivers/common/connector.h"
#include "drivers/common/tcp_stream.h"

namespace visa::test {
namespace {

using drivers::TlsContext;
using drivers::TlsSettings;
using drivers::TlsStream;
using namespace std::chrono_literals;

constexpr auto kLong = 20s;
constexpr auto kShort = 60ms;

/// A stream of the library and the far end of it, not encrypted yet.
class Wire {
 public:
  Wire() {
    use_module_of_this_build();
    Call call(Deadline::after(kLong));
    const drivers::Endpoint endpoint = server_.endpoint();
    auto connection =
        drivers::connect_tcp(std::span(&endpoint, 1), "127.0.0.1", drivers::ConnectOptions{}, call);
    if (!connection) throw std::runtime_error(call.detail);
    far = server_.accept();
    stream = std::make_unique<TlsStream>(
        std::make_unique<drivers::TcpStream>(std::move(connection->socket), "peer"));
  }

  /// The handshake of both sides.
  Status secure(const TlsServerContext& server, const TlsSettings& settings,
                const TlsStream* earlier = nullptr, std::chrono::milliseconds time = kLong) {
    peer = TlsPeer(far, server);
    auto accepted = std::async(std::launch::async, [&] { return peer.accept(); });
    const Status status = start(settings, earlier, time);
    if (failed(status)) stream->close();
    accepted.wait();
    return status;
  }

  Status start(const TlsSettings& settings, const TlsStream* earlier = nullptr,
               std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const auto context = TlsContext::make(settings, call);
    detail = call.detail;
    if (!context) return context.status();
    const Status status = stream->start(*context, earlier, call);
    detail = call.detail;
    return status;
  }

  std::string receive(std::size_t size) {
    std::string data(size, '\0');
    std::size_t count = 0;
    while (count < size) {
      Call call(Deadline::after(kLong));
      const auto got =
          stream->receive(std::as_writable_bytes(std::span(data)).subspan(count), call);
      if (failed(got.status)) break;
      count += got.count;
    }
    data.resize(count);
    return data;
  }

  drivers::StreamResult send(std::string_view data, std::chrono::milliseconds time = kLong) {
    Call call(Deadline::after(time));
    const auto sent = stream->send(std::as_bytes(std::span(data)), call);
    detail = call.detail;
    return sent;
  }

  PeerEnd far;
  TlsPeer peer;
  std::unique_ptr<TlsStream> stream;
  std::string detail;

 private:
  LoopbackServer server_;
};

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
  // The clear text stands directly behind the end, so that it comes in the same receive.
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
  ASSERT_TRUE(wire.peer.send("after the tickets"));
  EXPECT_EQ(wire.receive(17), "after the tickets");
  Call call(Deadline::after(kLong));
  Wire second;
  ASSERT_EQ(second.secure(server, settings, wire.stream.get()), Status::success) << second.detail;
  EXPECT_TRUE(second.peer.resumed());
  EXPECT_TRUE(second.stream->facts().resumed);
  EXPECT_EQ(second.stream->facts().subject, "CN=instrument,O=FreeVISA tests");
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

TEST(TlsContextTest, AFileThatIsWrongIsNamed) {
  const TempFolder folder;
  Authority authority;
  use_module_of_this_build();
  const std::string nothing = folder.file("missing.pem");
  const std::string noise = folder.make("noise.pem", "no certificate\n");
  const std::string own = folder.make("own.pem", authority.issue().certificate_pem());
  const TlsSettings kWrong[] = {
      {.host = "h", .ca_file = nothing},
      {.host = "h", .ca_file = noise},
      {.host = "h", .client_certificate = nothing},
      {.host = "h", .client_certificate = own},  // no key in it
      {.host = "h", .client_certificate = own, .client_key = noise},
  };
  for (const TlsSettings& settings : kWrong) {
    Call call(Deadline::after(kLong));
    EXPECT_EQ(TlsContext::make(settings, call).status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find(folder.path()), std::string::npos) << call.detail;
  }
}

TEST(TlsModuleTest, AMissingModuleIsNamedAndLookedForAgain) {
  // In a program of its own: this one has opened the module already.
  const TempFolder folder;
  static std::string place;
  place = folder.file("tls.so");
  EXPECT_EXIT(
      {
        drivers::TlsModule::path = [] { return place; };
        Call call(Deadline::after(kLong));
        const bool missing =
            drivers::TlsModule::get(call).status() == Status::error_library_nfound &&
            call.detail.find(place) != std::string::npos;
        use_module_of_this_build();
        const bool found = drivers::TlsModule::get(call).has_value();
        std::_Exit(missing && found ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace visa::test

#else

TEST(TlsStream, NeedsOpenSsl) {
  GTEST_SKIP() << "this build has no TLS module: install libssl-dev";
}

#endif
