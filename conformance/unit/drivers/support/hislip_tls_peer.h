// SPDX-License-Identifier: MIT
// A HiSLIP instrument with a secure connection in the hands of a test: whole messages in clear text
// and over TLS, on both connections, and the transactions that switch between the two.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/unit/drivers/support/open_hislip.h"
#include "conformance/unit/drivers/support/tls_peer.h"

namespace visa::test {

/// One connection, as it is at the moment.
class SecureEnd {
 public:
  SecureEnd() = default;
  explicit SecureEnd(PeerEnd below) : below_(std::move(below)) {}

  void put(const Message& message) {
    const std::string bytes = wire(message);
    if (secure_) {
      tls_.send(bytes);
    } else {
      below_.send(bytes);
    }
  }

  /// Bytes that are no whole message.
  void put_raw(std::string_view bytes) {
    if (secure_) {
      tls_.send(bytes);
    } else {
      below_.send(bytes);
    }
  }

  Message take() {
    const std::string head = receive(drivers::hislip::kHeaderSize);
    if (head.size() < drivers::hislip::kHeaderSize) return {MessageType::error, 0xEE};
    const auto header = drivers::hislip::decode(
        std::as_bytes(std::span(head)).first<drivers::hislip::kHeaderSize>());
    if (!header) return {MessageType::error, 0xEF};
    return {header->type, header->control, header->parameter,
            receive(static_cast<std::size_t>(header->length))};
  }

  bool start(const TlsServerContext& context) {
    tls_ = TlsPeer(below_, context);
    secure_ = true;  // also where it fails: what follows is no clear text
    return tls_.accept();
  }
  bool end() {
    const bool good = tls_.end();
    secure_ = false;
    return good;
  }

  TlsPeer& tls() { return tls_; }
  PeerEnd& below() { return below_; }

 private:
  std::string receive(std::size_t size) {
    return secure_ ? tls_.receive(size) : below_.receive(size);
  }

  PeerEnd below_;
  TlsPeer tls_;
  bool secure_ = false;
};

struct SecureGreeting {
  std::uint8_t features = 0;  // of InitializeResponse: 2 mandatory, 4 initial
  bool capable = true;
  std::uint16_t version = 0x0200;
};

class SecureInstrument {
 public:
  explicit SecureInstrument(const TlsServerContext& context) : context_(context) {}

  void initialize(const LoopbackServer& server, const SecureGreeting& greeting) {
    sync = SecureEnd(server.accept());
    sync.take();
    sync.put({MessageType::initialize_response, greeting.features,
              std::uint32_t{greeting.version} << 16U | kSessionId});
    async = SecureEnd(server.accept());
    async.take();
    async.put({MessageType::async_initialize_response,
               static_cast<std::uint8_t>(greeting.capable ? 1 : 0), 0x4142});
  }

  /// AsyncStartTLS as it came.
  Message start_tls() {
    const Message asked = async.take();
    EXPECT_EQ(asked.type, MessageType::async_start_tls);
    EXPECT_EQ(asked.payload.size(), 4U);
    async.put({MessageType::async_start_tls_response, 1});
    async_good = async.start(context_);
    if (!async_good) return asked;
    EXPECT_EQ(sync.take().type, MessageType::start_tls);
    sync_good = sync.start(context_);
    resumed = sync_good && sync.tls().resumed();
    return asked;
  }

  Message end_tls() {
    const Message asked = async.take();
    EXPECT_EQ(asked.type, MessageType::async_end_tls);
    async.put({MessageType::async_end_tls_response, 1});
    EXPECT_TRUE(async.end());
    EXPECT_EQ(sync.take().type, MessageType::end_tls);
    EXPECT_TRUE(sync.end());
    return asked;
  }

  /// Offers `mechanisms` and accepts any client that uses a mechanism of one message, which it
  /// returns.
  std::string authenticate(std::string_view mechanisms) {
    EXPECT_EQ(sync.take().type, MessageType::get_sasl_mechanism_list);
    sync.put({MessageType::get_sasl_mechanism_list_response, 0, 0, std::string(mechanisms)});
    const Message start = sync.take();
    EXPECT_EQ(start.type, MessageType::authentication_start);
    const Message first = sync.take();
    EXPECT_EQ(first.type, MessageType::authentication_exchange);
    sync.put({MessageType::authentication_result, 1});
    return start.payload + ":" + first.payload;
  }

  void agree_on_size() {
    EXPECT_EQ(async.take().type, MessageType::async_maximum_message_size);
    async.put({MessageType::async_maximum_message_size_response, 0, 0,
               std::string("\0\0\0\0\0\x10\0\0", 8)});
  }

  const TlsServerContext& server_context() const { return context_; }

  SecureEnd sync;
  SecureEnd async;
  bool async_good = false;
  bool sync_good = false;
  bool resumed = false;  // the second handshake took up the session of the first

 private:
  const TlsServerContext& context_;
};

}  // namespace visa::test
