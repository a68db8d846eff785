// SPDX-License-Identifier: MIT
// A HiSLIP channel made by the driver, with both far ends in the hands of the test. A thread of the
// fixture does the initialization; afterwards the test reads and writes whole messages, and the
// answers that an operation waits for are sent before it begins where that is possible.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/loopback.h"
#include "drivers/hislip/hislip_driver.h"
#include "drivers/hislip/hislip_message.h"
#include "lib/base/call.h"

namespace visa::test {

using drivers::hislip::MessageType;
using std::chrono::milliseconds;

inline constexpr milliseconds kLong{20000};
inline constexpr milliseconds kShort{60};
inline constexpr std::uint32_t kFirst = 0xFFFFFF00;
inline constexpr std::uint32_t kNone = 0xFFFFFEFE;

using InitialAttributes = std::vector<std::pair<ViAttr, model::AttributeValue>>;

struct Message {
  MessageType type;
  std::uint8_t control = 0;
  std::uint32_t parameter = 0;
  std::string payload = {};
};

inline std::string wire(const Message& message) {
  const auto bytes = drivers::hislip::encode(
      {message.type, message.control, message.parameter, message.payload.size()});
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()) + message.payload;
}

inline void put(const PeerEnd& peer, const Message& message) {
  EXPECT_TRUE(peer.send(wire(message)));
}

/// The next message that the client sent; an Error without text where it closed instead.
inline Message take(const PeerEnd& peer) {
  const std::string head = peer.receive(drivers::hislip::kHeaderSize);
  if (head.size() < drivers::hislip::kHeaderSize) return {MessageType::error};
  const auto header =
      drivers::hislip::decode(std::as_bytes(std::span(head)).first<drivers::hislip::kHeaderSize>());
  EXPECT_TRUE(header.has_value());
  if (!header) return {MessageType::error};
  return {header->type, header->control, header->parameter,
          peer.receive(static_cast<std::size_t>(header->length))};
}

inline model::ResourceName hislip_name(std::uint16_t port, std::string device = "hislip0",
                                       std::string host = "127.0.0.1") {
  model::ResourceName name;
  name.interface = model::Interface::tcpip;
  name.resource_class = model::ResourceClass::instr;
  name.kind = model::Kind::tcpip_hislip;
  name.host = std::move(host);
  name.port = port;
  name.device = std::move(device);
  return name;
}

inline Result<std::unique_ptr<spi::Channel>> open_hislip(const model::ResourceName& name,
                                                         Call& call,
                                                         const spi::Settings& settings = {},
                                                         const InitialAttributes& initial = {}) {
  return drivers::make_hislip_driver()->open({name, settings, initial}, call);
}

/// What the instrument says at the initialization.
struct Greeting {
  std::uint8_t features = 0;  // of InitializeResponse
  std::uint16_t version = 0x0100;
  std::uint64_t limit = 1U << 20U;  // its AsyncMaximumMessageSizeResponse
  std::string reserved = {};        // a payload where the standard has none
};

/// Both ends of a session as the instrument has them.
struct Ends {
  PeerEnd sync;
  PeerEnd async;
  Message initialize{};
  Message async_initialize{};
  Message size{};
};

inline constexpr std::uint16_t kSessionId = 0x1234;

/// The instrument's part of an initialization.
inline Ends greet(const LoopbackServer& server, const Greeting& greeting) {
  Ends ends;
  ends.sync = server.accept();
  ends.initialize = take(ends.sync);
  put(ends.sync, {MessageType::initialize_response, greeting.features,
                  std::uint32_t{greeting.version} << 16U | kSessionId, greeting.reserved});
  ends.async = server.accept();
  ends.async_initialize = take(ends.async);
  put(ends.async, {MessageType::async_initialize_response, 0, 0x4142, greeting.reserved});
  ends.size = take(ends.async);
  const auto limit = drivers::hislip::encode_size(greeting.limit);
  put(ends.async, {MessageType::async_maximum_message_size_response, 0, 0,
                   std::string(reinterpret_cast<const char*>(limit.data()), limit.size())});
  return ends;
}

/// What a read delivered, with its data as text.
struct Reading {
  Status status;
  spi::StopReason reason;
  std::string data;
  std::string detail;
};

class OpenHislip {
 public:
  explicit OpenHislip(const Greeting& greeting = {}, const InitialAttributes& initial = {}) {
    auto greeted = std::async(std::launch::async, [&] { return greet(server_, greeting); });
    Call call(Deadline::after(kLong));
    auto opened = open_hislip(hislip_name(server_.port()), call, {}, initial);
    ends = greeted.get();
    if (!opened) throw std::runtime_error(call.detail);
    channel = *std::move(opened);
  }
  ~OpenHislip() { close(); }

  void close() {
    if (!channel) return;
    Call call(Deadline::after(kLong));
    channel->close(call);
    channel.reset();
  }

  Reading read(std::size_t size = 1024, const spi::EndRule& rule = {},
               milliseconds timeout = kLong) {
    Call call(Deadline::after(timeout));
    std::string data(size, '\0');
    const auto result = channel->read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    return {result.status, result.reason, data, call.detail};
  }

  spi::WriteResult write(std::string_view data, milliseconds timeout = kLong,
                         spi::WriteEnd end = spi::WriteEnd::end) {
    Call call(Deadline::after(timeout));
    return channel->write(std::as_bytes(std::span(data)), end, call);
  }

  /// Sends a query and returns its message id.
  std::uint32_t ask(std::string_view query = "X?\n") {
    EXPECT_EQ(write(query).status, Status::success);
    const Message message = take(ends.sync);
    EXPECT_EQ(message.type, MessageType::data_end);
    EXPECT_EQ(message.payload, query);
    return message.parameter;
  }

  void answer(std::uint32_t id, std::string text, MessageType type = MessageType::data_end) {
    put(ends.sync, {type, 0, id, std::move(text)});
  }

  /// Asks for the status byte, which is 0x10; returns the query as the instrument saw it.
  Message poll() {
    auto polling = std::async(std::launch::async, [&] {
      Call call(Deadline::after(kLong));
      const auto byte = channel->read_status_byte(call);
      EXPECT_TRUE(byte && *byte == 0x10) << call.detail;
    });
    const Message query = take(ends.async);
    put(ends.async, {MessageType::async_status_response, 0x10, 0});
    polling.get();
    return query;
  }

  /// Acknowledges a device clear; `features` is the mode that holds afterwards.
  void acknowledge_clear(std::uint8_t features = 0) {
    put(ends.async, {MessageType::async_device_clear_acknowledge, features});
    put(ends.sync, {MessageType::device_clear_acknowledge, features});
  }

  Status clear(milliseconds timeout = kLong) {
    Call call(Deadline::after(timeout));
    return channel->clear(call);
  }

  std::unique_ptr<spi::Channel> channel;
  Ends ends;

 private:
  LoopbackServer server_;
};

}  // namespace visa::test
