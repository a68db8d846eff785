// SPDX-License-Identifier: MIT
// The attributes of every wire over TCP, over a connection that the test plays.
#include "drivers/common/tcp_attributes.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace visa::test {
namespace {

using drivers::ConnectOptions;
using drivers::Endpoint;
using drivers::numeric_endpoint;
using drivers::TcpAttributes;
using Initial = std::vector<std::pair<ViAttr, model::AttributeValue>>;

Endpoint endpoint(const std::string& host, std::uint16_t port) {
  Endpoint where = numeric_endpoint(host).value();
  where.set_port(port);
  return where;
}

/// A session whose connection accepts options, or refuses them with `answer`.
class Session final : private TcpAttributes {
 public:
  explicit Session(const std::string& host = "scope.lan", const ConnectOptions& options = {},
                   const std::string& address = "192.0.2.7")
      : TcpAttributes(endpoint(address, 5025), host, options) {}

  std::string address() { return text(TcpAttributes::address(call)); }
  std::string hostname() { return text(TcpAttributes::hostname(call)); }
  std::uint64_t port() { return number(TcpAttributes::port(call)); }
  std::uint64_t nodelay() { return number(TcpAttributes::nodelay(call)); }
  std::uint64_t keepalive() { return number(TcpAttributes::keepalive(call)); }
  Status set_nodelay(std::uint64_t value) {
    return TcpAttributes::set_nodelay(model::AttributeValue(value), call);
  }
  Status set_keepalive(std::uint64_t value) {
    return TcpAttributes::set_keepalive(model::AttributeValue(value), call);
  }

  Call call{Deadline::immediate()};
  Status answer = Status::success;
  std::vector<std::pair<char, bool>> applied;

 private:
  static std::string text(const Result<model::AttributeValue>& value) {
    const auto* held = value ? std::get_if<std::string>(&*value) : nullptr;
    return held == nullptr ? "not a string" : *held;
  }
  static std::uint64_t number(const Result<model::AttributeValue>& value) {
    EXPECT_TRUE(value && std::holds_alternative<std::uint64_t>(*value));
    return value ? model::number(*value) : 4711;
  }
  Status apply(char option, bool on, Call& its) {
    applied.emplace_back(option, on);
    return ok(answer) ? answer : its.fail(answer, "the system refuses the option");
  }
  Status apply_nodelay(bool on, Call& its) override { return apply('n', on, its); }
  Status apply_keepalive(bool on, Call& its) override { return apply('k', on, its); }
};

TEST(TcpAttributes, AddressIsNumericAndPortIsThatOfThePeer) {
  EXPECT_EQ(Session().address(), "192.0.2.7");
  EXPECT_EQ(Session().port(), 5025u);
  EXPECT_EQ(Session("::1", {}, "::1").address(), "::1");
}

TEST(TcpAttributes, HostNameIsEmptyWhereTheSessionWasOpenedByAnAddress) {
  EXPECT_EQ(Session("scope.lan").hostname(), "scope.lan");
  EXPECT_EQ(Session("192.0.2.7").hostname(), "");
  EXPECT_EQ(Session("::1", {}, "::1").hostname(), "");
  EXPECT_EQ(Session("10.0.0").hostname(), "10.0.0");  // no address
}

TEST(TcpAttributes, OptionsBeginAsTheSocketWasConnected) {
  EXPECT_EQ(Session().nodelay(), 1u);
  EXPECT_EQ(Session().keepalive(), 0u);
  ConnectOptions options;
  options.nodelay = false;
  options.keepalive = true;
  Session other("scope.lan", options);
  EXPECT_EQ(other.nodelay(), 0u);
  EXPECT_EQ(other.keepalive(), 1u);
  EXPECT_TRUE(other.applied.empty());
}

TEST(TcpAttributes, AChangeReachesTheConnectionAndIsAnsweredAsZeroOrOne) {
  Session session;
  EXPECT_EQ(session.set_nodelay(0), Status::success);
  EXPECT_EQ(session.nodelay(), 0u);
  EXPECT_EQ(session.set_nodelay(0xFFFF), Status::success);  // any number but 0 is true
  EXPECT_EQ(session.nodelay(), 1u);
  EXPECT_EQ(session.set_keepalive(1), Status::success);
  EXPECT_EQ(session.keepalive(), 1u);
  const std::vector<std::pair<char, bool>> wanted{{'n', false}, {'n', true}, {'k', true}};
  EXPECT_EQ(session.applied, wanted);
}

TEST(TcpAttributes, WhatTheSystemRefusesIsNotAnsweredLater) {
  Session session;
  session.answer = Status::error_nsup_attr_state;
  EXPECT_EQ(session.set_nodelay(0), Status::error_nsup_attr_state);
  EXPECT_EQ(session.call.detail, "the system refuses the option");
  EXPECT_EQ(session.nodelay(), 1u);
  EXPECT_EQ(session.set_keepalive(1), Status::error_nsup_attr_state);
  EXPECT_EQ(session.keepalive(), 0u);
}

Status apply_initial(const Initial& initial, ConnectOptions& options) {
  const model::ResourceName name;
  const spi::Settings settings;
  return drivers::apply_initial({name, settings, initial}, options);
}

TEST(TcpAttributes, InitialValuesBecomeOptions) {
  ConnectOptions options;
  EXPECT_EQ(apply_initial({}, options), Status::success);
  EXPECT_TRUE(options.nodelay);
  EXPECT_FALSE(options.keepalive);
  EXPECT_EQ(apply_initial({{VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}},
                           {VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{1}}},
                          options),
            Status::success);
  EXPECT_FALSE(options.nodelay);
  EXPECT_TRUE(options.keepalive);
  EXPECT_EQ(apply_initial({{VI_ATTR_TCPIP_NODELAY, std::uint64_t{1}},
                           {VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{0}}},
                          options),
            Status::success);
  EXPECT_TRUE(options.nodelay);
  EXPECT_FALSE(options.keepalive);
}

TEST(TcpAttributes, InitialValueOfAnAttributeThatNoSocketHasIsRefused) {
  ConnectOptions options;
  EXPECT_EQ(apply_initial({{VI_ATTR_ASRL_BAUD, std::uint64_t{9600}}}, options),
            Status::error_nsup_attr);
  EXPECT_EQ(apply_initial({{VI_ATTR_TCPIP_PORT, std::uint64_t{5025}}}, options),
            Status::error_nsup_attr);
}

}  // namespace
}  // namespace visa::test
