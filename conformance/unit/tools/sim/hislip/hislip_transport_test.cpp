// SPDX-License-Identifier: MIT
// The turns of a channel over a socket pair, against a client of OpenSSL: what goes in clear, what
// by TLS, and what waits in between.
#include "tools/sim/hislip/hislip_transport.h"

#include <sys/socket.h>

#include "conformance/unit/tools/sim/security/tls_client.h"

namespace visa::sim {
namespace {

using Change = HislipTransport::Change;
using Spoiled = HislipHandshake::Spoiled;

class HislipTransportTest : public ::testing::Test {
 protected:
  HislipTransportTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    transport.emplace(FileDescriptor(ends[0]));
    other = FileDescriptor(ends[1]);
  }
  void start(Spoiled spoiled = Spoiled::no, std::size_t bytes = 0) {
    HislipHandshake handshake;
    handshake.stream = authority->accept({});
    handshake.spoiled = spoiled;
    handshake.bytes = bytes;
    transport->start(std::move(handshake));
  }
  bool send(std::string_view text) {
    OutputQueue bytes;
    bytes.append(text);
    const bool alive = transport->send(bytes);
    EXPECT_TRUE(!alive || bytes.empty());
    return alive;
  }
  std::string received() {
    std::string all(1 << 20, '\0');
    const ssize_t count = ::recv(other.get(), all.data(), all.size(), MSG_DONTWAIT);
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return all;
  }
  // What the client has to say, as the transport reads it.
  std::string read(std::string_view bytes) {
    std::string plain(4096, '\0');
    transport->give(bytes);
    plain.resize(transport->read(plain.data(), plain.size()));
    transport->keep();
    return plain;
  }
  // Until the handshake is done.
  void shake() {
    for (int i = 0; i < 10 && !transport->take_secured(); ++i) {
      SSL_do_handshake(client.ssl.get());
      EXPECT_EQ(read(client.take()), "");
      EXPECT_TRUE(transport->flush());
      client.give(received());
    }
    EXPECT_TRUE(transport->flush());
    client.give(received());
    EXPECT_EQ(client.read(), "");
  }

  std::unique_ptr<TlsAuthority> authority = TlsAuthority::make("127.0.0.1");
  Folder folder{*authority};
  SslContextOwner context = client_context(folder);
  TlsClient client{*context};
  std::optional<HislipTransport> transport;
  FileDescriptor other;
};

TEST_F(HislipTransportTest, EachDirectionTurnsAtItsOwnPlace) {
  EXPECT_TRUE(transport->reads_clear());
  EXPECT_TRUE(send("clear"));
  EXPECT_EQ(received(), "clear");
  start();
  EXPECT_FALSE(transport->reads_clear());
  EXPECT_TRUE(transport->awaits_hello());
  EXPECT_TRUE(transport->open());
  EXPECT_TRUE(send("the answer"));
  SSL_do_handshake(client.ssl.get());
  EXPECT_EQ(read(client.take()), "");
  EXPECT_FALSE(transport->awaits_hello());
  EXPECT_TRUE(transport->flush());
  EXPECT_EQ(received(), "the answer") << "TLS waits for the turn";
  transport->turn();
  EXPECT_FALSE(transport->open());
  EXPECT_TRUE(transport->flush());
  client.give(received());
  shake();
  EXPECT_TRUE(transport->open());
  EXPECT_FALSE(transport->take_secured()) << "once";
  EXPECT_TRUE(send("secret"));
  const std::string bytes = received();
  EXPECT_EQ(bytes.find("secret"), std::string::npos);
  client.give(bytes);
  EXPECT_EQ(client.read(), "secret");
  client.write("question");
  EXPECT_EQ(read(client.take()), "question");
  EXPECT_EQ(transport->change(), Change::none);
}

TEST_F(HislipTransportTest, TheEndNeedsBothSides) {
  start();
  transport->turn();
  shake();
  transport->end(true);
  EXPECT_TRUE(send("the last"));
  transport->turn();
  EXPECT_FALSE(transport->open());
  EXPECT_TRUE(transport->flush());
  client.give(received());
  EXPECT_EQ(client.read(), "the last");
  EXPECT_EQ(SSL_get_shutdown(client.ssl.get()), SSL_RECEIVED_SHUTDOWN);
  EXPECT_EQ(transport->change(), Change::none);
  SSL_shutdown(client.ssl.get());
  EXPECT_EQ(read(client.take() + "in clear"), "");
  EXPECT_EQ(transport->change(), Change::cleared);
  EXPECT_EQ(transport->take_rest(), "in clear");
  EXPECT_TRUE(transport->reads_clear() && transport->open());
  EXPECT_TRUE(send("again"));
  EXPECT_EQ(received(), "again");
}

TEST_F(HislipTransportTest, TheEndThatIsNotSaid) {
  start();
  transport->turn();
  shake();
  transport->end(false);
  transport->turn();
  EXPECT_TRUE(transport->flush());
  EXPECT_EQ(received(), "");
  SSL_shutdown(client.ssl.get());
  read(client.take());
  EXPECT_EQ(transport->change(), Change::cleared);
}

TEST_F(HislipTransportTest, AnEndThatNobodyAskedFor) {
  start();
  transport->turn();
  shake();
  SSL_shutdown(client.ssl.get());
  EXPECT_EQ(read(client.take()), "");
  EXPECT_EQ(transport->change(), Change::left);
}

TEST_F(HislipTransportTest, AFailureLeavesTheAlertAndThenClear) {
  start();
  transport->turn();
  client.take();
  EXPECT_EQ(read(std::string("\x16\x03\x01\x00\x04GET ", 9)), "");
  EXPECT_EQ(transport->change(), Change::failed);
  EXPECT_NE(transport->error(), "");
  EXPECT_TRUE(transport->reads_clear());
  EXPECT_TRUE(send("HS"));
  EXPECT_TRUE(received().ends_with("HS"));
}

TEST_F(HislipTransportTest, GivingUpIsInClearUntilTlsIsThere) {
  start();
  transport->turn();
  EXPECT_FALSE(transport->open());
  transport->give_up_turns();
  EXPECT_TRUE(transport->open() && transport->reads_clear());
  EXPECT_TRUE(send("FatalError"));
  EXPECT_EQ(received(), "FatalError");
  start();
  transport->turn();
  shake();
  transport->give_up_turns();
  EXPECT_FALSE(transport->reads_clear());
  EXPECT_TRUE(send("FatalError"));
  transport->farewell();
  transport->farewell();
  EXPECT_TRUE(transport->flush());
  client.give(received());
  EXPECT_EQ(client.read(), "FatalError");
  EXPECT_EQ(SSL_get_shutdown(client.ssl.get()), SSL_RECEIVED_SHUTDOWN);
}

TEST_F(HislipTransportTest, AClientThatAsksForKeysAndDoesNotReadIsReadNoMore) {
  start();
  transport->turn();
  shake();
  int asked = 0;
  while (!transport->crowded() && asked < 100000) {
    for (int i = 0; i < 100; ++i, ++asked) {
      ASSERT_EQ(SSL_key_update(client.ssl.get(), SSL_KEY_UPDATE_REQUESTED), 1);
      ASSERT_EQ(SSL_do_handshake(client.ssl.get()), 1);
    }
    read(client.take());
    ASSERT_TRUE(transport->flush());
    if (transport->change() == Change::failed) return;  // this OpenSSL limits them itself
  }
  EXPECT_TRUE(transport->crowded());
  EXPECT_TRUE(transport->blocked());
}

TEST_F(HislipTransportTest, FaultsEndTheHandshakeAtAByte) {
  start(Spoiled::close, 10);
  transport->turn();
  SSL_do_handshake(client.ssl.get());
  read(client.take());
  EXPECT_FALSE(transport->flush());
  EXPECT_EQ(received().size(), 10U);
}

TEST_F(HislipTransportTest, FaultsSilenceTheHandshakeAtAByte) {
  start(Spoiled::silence, 10);
  transport->turn();
  SSL_do_handshake(client.ssl.get());
  read(client.take());
  EXPECT_TRUE(transport->flush());
  EXPECT_EQ(received().size(), 10U);
  EXPECT_FALSE(transport->blocked()) << "nothing waits for TCP";
  EXPECT_TRUE(transport->flush());
  EXPECT_EQ(received(), "");
}

TEST_F(HislipTransportTest, GarbageIsNoTls) {
  start(Spoiled::garbage, 33);
  transport->turn();
  SSL_do_handshake(client.ssl.get());
  read(client.take());
  EXPECT_TRUE(transport->flush());
  const std::string bytes = received();
  EXPECT_EQ(bytes.size(), 33U);
  client.give(bytes);
  EXPECT_EQ(SSL_do_handshake(client.ssl.get()), -1);
  EXPECT_EQ(openssl_reason(), "wrong version number");
}

}  // namespace
}  // namespace visa::sim
