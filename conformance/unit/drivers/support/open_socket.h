// SPDX-License-Identifier: MIT
// A SOCKET channel made by the driver, with its far end in the hands of the test.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/loopback.h"
#include "drivers/socket/socket_driver.h"
#include "lib/base/call.h"

namespace visa::test {

inline constexpr std::chrono::milliseconds kLong{20000};
inline constexpr std::chrono::milliseconds kShort{60};

using InitialAttributes = std::vector<std::pair<ViAttr, model::AttributeValue>>;

inline model::ResourceName socket_name(std::string host, std::uint16_t port) {
  model::ResourceName name;
  name.interface = model::Interface::tcpip;
  name.resource_class = model::ResourceClass::socket;
  name.kind = model::Kind::tcpip_socket;
  name.host = std::move(host);
  name.port = port;
  return name;
}

inline Result<std::unique_ptr<spi::Channel>> open_channel(const model::ResourceName& name,
                                                          Call& call,
                                                          const spi::Settings& settings = {},
                                                          const InitialAttributes& initial = {}) {
  return drivers::make_socket_driver()->open({name, settings, initial}, call);
}

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The two reading modes a test names most.
inline spi::EndRule line_rule() {
  spi::EndRule rule;
  rule.suppress_end = true;
  rule.termchar_enabled = true;
  return rule;
}
inline spi::EndRule count_rule() {
  spi::EndRule rule;
  rule.suppress_end = true;
  return rule;
}
inline spi::EndRule pause_rule() {
  return {};
}

/// What a read delivered, with its data as text.
struct Reading {
  Status status;
  spi::StopReason reason;
  std::string data;
  std::string detail;
};

class OpenSocket {
 public:
  explicit OpenSocket(const spi::Settings& settings = {}, const InitialAttributes& initial = {}) {
    Call call(Deadline::after(kLong));
    auto opened = open_channel(socket_name("127.0.0.1", server_.port()), call, settings, initial);
    if (!opened) throw std::runtime_error(call.detail);
    channel = *std::move(opened);
    peer = server_.accept();
  }
  ~OpenSocket() {
    Call call(Deadline::after(kLong));
    if (channel) channel->close(call);
  }

  Reading read(std::size_t size, const spi::EndRule& rule, Deadline deadline) {
    Call call(deadline);
    return read(size, rule, call);
  }
  Reading read(std::size_t size, const spi::EndRule& rule,
               std::chrono::milliseconds timeout = kLong) {
    return read(size, rule, Deadline::after(timeout));
  }
  Reading read(std::size_t size, const spi::EndRule& rule, Call& call) {
    std::string data(size, '\0');
    const auto result = channel->read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    return {result.status, result.reason, data, call.detail};
  }

  spi::WriteResult write(std::string_view data, std::chrono::milliseconds timeout = kLong) {
    Call call(Deadline::after(timeout));
    return channel->write(bytes(data), spi::WriteEnd::end, call);
  }

  std::uint16_t port() const { return server_.port(); }

  std::unique_ptr<spi::Channel> channel;
  PeerEnd peer;

 private:
  LoopbackServer server_;
};

}  // namespace visa::test
