// SPDX-License-Identifier: MIT
// For the tests of the secure connection: a HiSLIP client whose channels go over to TLS and back,
// by OpenSSL on their sockets. Every wait is bounded by the sockets' time limits.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"
#include "conformance/unit/tools/sim/security/tls_client.h"

namespace visa::sim {

enum : int {
  kStartTls = 28,
  kAsyncStartTls = 29,
  kAsyncStartTlsResponse = 30,
  kEndTls = 31,
  kAsyncEndTls = 32,
  kAsyncEndTlsResponse = 33,
  kGetMechanisms = 34,
  kMechanisms = 35,
  kAuthenticationStart = 36,
  kAuthenticationExchange = 37,
  kAuthenticationResult = 38,
};
enum : unsigned { kTurnBusy = 0, kTurnSuccess = 1, kTurnError = 3 };

// A connection's TLS at the client's end.
class ChannelTls {
 public:
  ChannelTls(SSL_CTX& context, int socket, const char* host, SSL_SESSION* session = nullptr)
      : ssl_(SSL_new(&context)) {
    SSL_set_fd(ssl_.get(), socket);
    SSL_set1_host(ssl_.get(), host);
    if (session != nullptr) SSL_set_session(ssl_.get(), session);
  }
  bool connect() {
    ERR_clear_error();
    const bool connected = SSL_connect(ssl_.get()) == 1;
    if (!connected) reason = openssl_reason();
    return connected;
  }
  void put(int type, unsigned control = 0, std::uint32_t parameter = 0,
           std::string_view payload = {}) {
    const std::string bytes = hislip_message(type, control, parameter, payload);
    EXPECT_EQ(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  // Type -1: there was none.
  Got next() {
    Got got;
    const std::string bytes = receive(16);
    if (bytes.size() < 16 || bytes.substr(0, 2) != "HS") return got;
    const std::string_view view = bytes;
    got.control = static_cast<unsigned char>(bytes[3]);
    got.parameter = static_cast<std::uint32_t>(bytes_number(view.substr(4, 4)));
    got.length = bytes_number(view.substr(8));
    got.payload = receive(static_cast<std::size_t>(got.length));
    if (got.payload.size() == got.length) got.type = static_cast<unsigned char>(bytes[2]);
    return got;
  }
  Got ask(int type, unsigned control = 0, std::uint32_t parameter = 0,
          std::string_view payload = {}) {
    put(type, control, parameter, payload);
    return next();
  }
  // Both say close_notify.
  bool end() {
    const int first = SSL_shutdown(ssl_.get());
    return first == 1 || (first == 0 && SSL_shutdown(ssl_.get()) == 1);
  }
  SSL* ssl() const { return ssl_.get(); }
  std::string reason;  // why connect() failed

 private:
  std::string receive(std::size_t count) {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const int got = SSL_read(ssl_.get(), bytes.data() + have, static_cast<int>(count - have));
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
  }
  SslOwner ssl_;
};

// "open" (hislip0) has optional encryption and every mechanism; "first" (hislip1) initial
// encryption, "always" (hislip2) mandatory one, both without authentication; "changing" (hislip3)
// lets a device clear change it; "plain" (hislip4) has none.
class HislipSecureTest : public ::testing::Test {
 protected:
  HislipSecureTest() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes on the sockets of this client
    bench.on_bench_thread([this](Bench& one) {
      dynamic_cast<HislipServer&>(*one.server("hislip")).authority().write_files(folder.path());
    });
    context = client_context(folder);
  }
  static std::shared_ptr<const Description> described(const std::string& name,
                                                      const std::string& rest) {
    return hislip_described(name, "[hislip]\n" + rest);
  }

  BenchServer bench{
      {.instruments = {},
       .described = {described("open",
                               "encryption = \"optional\"\nmechanisms = [\"SCRAM-SHA-256\", "
                               "\"EXTERNAL\", \"PLAIN\", \"ANONYMOUS\"]\n"
                               "users = { alice = \"secret\" }\n"),
                     described("first", "encryption = \"initial\"\n"),
                     described("always", "encryption = \"mandatory\"\noverlap = \"preferred\"\n"),
                     described("changing",
                               "encryption = \"optional\"\nclear_changes_encryption = true\n"),
                     described("plain", "overlap = \"never\"\n")},
       .wires = {"hislip"}}};
  std::uint16_t port = hislip_of(bench).port();
  Folder folder;
  SslContextOwner context;

  // One client with its TLS.
  struct Session : HislipClient {
    explicit Session(std::uint16_t at, std::string_view device, std::uint16_t version = 0x0200)
        : HislipClient(at, device, {.version = version}) {}
    unsigned ask_turn(int type, std::uint32_t received) {
      const std::string payload = number_bytes(received, 4);
      const unsigned flag = delivered ? 1 : 0;
      delivered = false;
      const Got got = async_tls != nullptr ? async_tls->ask(type, flag, last_id, payload)
                                           : ask(type, flag, last_id, payload);
      EXPECT_EQ(got.type, type + 1) << got.payload;
      return got.control;
    }
    // False with `reason` where it fails.
    bool start(SSL_CTX& made_by, const char* host = "localhost") {
      EXPECT_EQ(ask_turn(kAsyncStartTls, received_id), kTurnSuccess);
      if (!turn_async(made_by, host)) return false;
      sync.put(kStartTls, 0, 0);
      return turn_sync(made_by, host);
    }
    bool turn_async(SSL_CTX& made_by, const char* host = "localhost") {
      async_tls = std::make_unique<ChannelTls>(made_by, async.fd(), host);
      return async_tls->connect();
    }
    bool turn_sync(SSL_CTX& made_by, const char* host = "localhost") {
      sync_tls = std::make_unique<ChannelTls>(made_by, sync.fd(), host);
      return sync_tls->connect();
    }
    bool end() {
      if (ask_turn(kAsyncEndTls, received_id) != kTurnSuccess || !async_tls->end()) return false;
      async_tls.reset();
      sync_tls->put(kEndTls);
      if (!sync_tls->end()) return false;
      sync_tls.reset();
      return true;
    }
    std::string query(std::string_view text) {
      if (sync_tls == nullptr) {
        const std::string answer = HislipClient::query(text);
        received_id = overlapped ? delivered_id : last_id;
        return answer;
      }
      const std::uint32_t id = next_id;
      sync_tls->put(kDataEnd, delivered ? 1 : 0, id, text);
      delivered = false;
      last_id = id;
      next_id += 2;
      std::string all;
      while (true) {
        const Got got = sync_tls->next();
        if (got.type != kData && got.type != kDataEnd) return all + "?" + got.payload;
        received_id = got.parameter;
        all += got.payload;
        if (got.type == kDataEnd) break;
      }
      delivered = true;
      return all;
    }
    Got authenticate(std::string_view mechanism, std::string_view response) {
      sync_tls->put(kAuthenticationStart, 0, 0, mechanism);
      return sync_tls->ask(kAuthenticationExchange, 0, 0, response);
    }
    std::uint32_t received_id = kFirst - 2;
    std::unique_ptr<ChannelTls> sync_tls;
    std::unique_ptr<ChannelTls> async_tls;
  };

  // Both channels say FatalError `code`, in clear.
  static void expect_fatal(HislipConnected& channel, unsigned code) {
    Got got = channel.next();
    EXPECT_EQ(got.type, kFatalError) << got.payload;
    EXPECT_EQ(got.control, code) << got.payload;
    EXPECT_TRUE(channel.closed());
  }
  static void expect_fatal(ChannelTls& channel, unsigned code) {
    Got got = channel.next();
    EXPECT_EQ(got.type, kFatalError) << got.payload;
    EXPECT_EQ(got.control, code) << got.payload;
    EXPECT_EQ(channel.next().type, -1);
  }

  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& b) { answer = execute_control(b, request); });
    return answer;
  }
  // The rest of a fault_on for hislip0.
  void fault(const std::string& rest) {
    const std::string answer =
        control(R"({"op":"fault_on","instrument":"open-hislip",)" + rest + "}");
    EXPECT_NE(answer.find("\"ok\":true"), std::string::npos) << answer;
  }
  void no_fault() { control(R"({"op":"fault_off","instrument":"open-hislip"})"); }
};

}  // namespace visa::sim
