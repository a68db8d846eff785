// SPDX-License-Identifier: MIT
// A server's stream against a client of OpenSSL: bytes in any pieces, close_notify and what follows
// it, input that is no TLS.
#include "tools/sim/security/tls_stream.h"

#include "conformance/unit/tools/sim/security/tls_client.h"

namespace visa::sim {
namespace {

using State = TlsStream::State;

class TlsStreamTest : public ::testing::Test {
 protected:
  std::unique_ptr<TlsAuthority> authority = TlsAuthority::make("127.0.0.1");
  Folder folder{*authority};
  SslContextOwner context = client_context(folder);
  std::unique_ptr<TlsStream> server = authority->accept({});
  TlsClient client{*context};
};

TEST_F(TlsStreamTest, MovesBytesBothWays) {
  EXPECT_EQ(server->state(), State::handshaking);
  client.run(*server);
  ASSERT_TRUE(client.finished());
  EXPECT_EQ(server->state(), State::open);
  EXPECT_EQ(client.verified(), X509_V_OK);
  EXPECT_EQ(server->summary().substr(0, 8), "TLSv1.3 ");
  EXPECT_EQ(server->client_name(), "");
  const std::string large(300000, 'x');
  client.write(large);
  server->write("an answer");
  client.run(*server);
  EXPECT_EQ(client.received, large);
  EXPECT_EQ(client.read(), "an answer");
  server->write(large);
  client.run(*server);
  EXPECT_EQ(client.read(), large);
}

TEST_F(TlsStreamTest, TakesBytesOneByOne) {
  while (!client.finished() || server->state() == State::handshaking) {
    SSL_do_handshake(client.ssl.get());
    char plain[16];
    for (const char byte : client.take()) {
      server->give({&byte, 1});
      EXPECT_EQ(server->read(plain, sizeof plain), 0U);
      server->keep();
    }
    client.give(server->output());
    server->consume(server->output().size());
    ASSERT_NE(server->state(), State::failed);
  }
  client.write("slow");
  std::string got;
  for (const char byte : client.take()) {
    char plain[2];
    server->give({&byte, 1});
    got.append(plain, server->read(plain, sizeof plain));
    server->keep();
  }
  char plain[16];
  got.append(plain, server->read(plain, sizeof plain));
  EXPECT_EQ(got, "slow");
}

TEST_F(TlsStreamTest, OutputIsConsumedInParts) {
  client.run(*server);
  server->write(std::string(1000, 'p'));
  while (!server->output().empty()) {
    client.give(server->output().substr(0, 7));
    server->consume(std::min<std::size_t>(7, server->output().size()));
  }
  EXPECT_EQ(client.read(), std::string(1000, 'p'));
}

TEST_F(TlsStreamTest, WhatFollowsTheClientsCloseNotifyIsInClear) {
  client.run(*server);
  client.write("last words");
  SSL_shutdown(client.ssl.get());
  const std::string bytes = client.take() + "HS in clear";
  char plain[64];
  server->give(bytes);
  EXPECT_EQ(std::string(plain, server->read(plain, sizeof plain)), "last words");
  EXPECT_EQ(server->read(plain, sizeof plain), 0U);
  EXPECT_EQ(server->state(), State::ended);
  server->write("still heard");
  server->end();
  client.give(server->output());
  EXPECT_EQ(client.read(), "still heard");
  EXPECT_EQ(SSL_shutdown(client.ssl.get()), 1) << "both have said it";
  EXPECT_EQ(server->take_rest(), "HS in clear");
  EXPECT_EQ(server->take_rest(), "");
}

TEST_F(TlsStreamTest, ServerMayEndFirst) {
  client.run(*server);
  server->end();
  client.give(server->output());
  server->consume(server->output().size());
  EXPECT_EQ(client.read(), "");
  EXPECT_EQ(SSL_shutdown(client.ssl.get()), 1);
  char plain[4];
  const std::string bytes = client.take();
  server->give(bytes);
  EXPECT_EQ(server->read(plain, sizeof plain), 0U);
  EXPECT_EQ(server->state(), State::ended);
}

TEST_F(TlsStreamTest, GarbageFailsWithAReasonAndAnAlert) {
  char plain[4];
  server->give("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(server->read(plain, sizeof plain), 0U);
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_EQ(server->error(), "http request");
  EXPECT_EQ(server->read(plain, sizeof plain), 0U);
  server->write("is not sent");
  server->end();
  EXPECT_EQ(server->state(), State::failed);
}

TEST_F(TlsStreamTest, ARecordThatWasChangedFails) {
  client.run(*server);
  client.write("text");
  std::string bytes = client.take();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  char plain[8];
  server->give(bytes);
  EXPECT_EQ(server->read(plain, sizeof plain), 0U);
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_FALSE(server->output().empty()) << "an alert";
}

TEST_F(TlsStreamTest, AClientThatTrustsNobodyIsHeard) {
  const SslContextOwner other(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(other.get(), SSL_VERIFY_PEER, nullptr);
  TlsClient suspicious(*other);
  suspicious.run(*server);
  EXPECT_FALSE(suspicious.finished());
  EXPECT_EQ(server->state(), State::failed);
  EXPECT_NE(server->error().find("alert unknown ca"), std::string::npos) << server->error();
}

}  // namespace
}  // namespace visa::sim
