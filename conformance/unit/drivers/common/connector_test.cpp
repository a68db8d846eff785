// SPDX-License-Identifier: MIT
// Connecting, with every way it can fail, against real sockets of this machine.
#include "drivers/common/connector.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <thread>

#include "conformance/unit/drivers/support/loopback.h"
#include "drivers/common/resolver.h"

namespace visa::test {
namespace {

using drivers::connect_tcp;
using drivers::Connection;
using drivers::Endpoint;
using std::chrono::milliseconds;

constexpr milliseconds kLong{20000};

Result<Connection> connect(const std::vector<Endpoint>& to, Call& call,
                           std::string_view host = "") {
  return connect_tcp(to, host, {}, call);
}

/// A server that accepts nobody any more: further connections get no answer at all.
class SilentServer : public LoopbackServer {
 public:
  SilentServer() : LoopbackServer(AF_INET, 0) {
    for (int i = 0; i < 16; ++i) {
      UniqueFd filler(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(filler.get(), endpoint().address(), endpoint().size());
      pollfd connecting{filler.get(), POLLOUT, 0};
      const bool connected = ::poll(&connecting, 1, 100) > 0;
      fillers_.push_back(std::move(filler));
      if (!connected) return;
    }
    throw std::runtime_error("this system has no bound on its accept queue");
  }

 private:
  std::vector<UniqueFd> fillers_;
};

TEST(Connector, ConnectsAndHandsOverABlockingSocket) {
  const LoopbackServer server;
  Call call(Deadline::after(kLong));
  const auto connection = connect({server.endpoint()}, call);
  ASSERT_TRUE(connection) << call.detail;
  EXPECT_TRUE(connection->peer == server.endpoint());
  const int flags = ::fcntl(connection->socket.get(), F_GETFL);
  EXPECT_EQ(flags & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(connection->socket.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Connector, RefusalIsReportedAtOnce) {
  const RefusedPort refused;
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(kLong));
  EXPECT_EQ(connect({refused.endpoint()}, call).status(), Status::error_rsrc_nfound);
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(5));
  EXPECT_NE(call.detail.find("127.0.0.1 port"), std::string::npos);
  EXPECT_NE(call.detail.find("connection refused"), std::string::npos);
}

TEST(Connector, NameStandsInTheDetailWithItsAddress) {
  const RefusedPort refused;
  Call call(Deadline::after(kLong));
  EXPECT_FALSE(connect({refused.endpoint()}, call, "scope.lan"));
  EXPECT_EQ(call.detail.find("scope.lan (127.0.0.1) port "), 0u) << call.detail;
}

TEST(Connector, SilenceIsATimeoutAtTheDeadline) {
  const SilentServer silent;
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(milliseconds(120)));
  EXPECT_EQ(connect({silent.endpoint()}, call).status(), Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, milliseconds(120));
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(5));
  EXPECT_NE(call.detail.find("no answer"), std::string::npos) << call.detail;
}

TEST(Connector, CancelEndsTheWait) {
  const SilentServer silent;
  Call call(Deadline::infinite());
  std::thread canceller([&] { call.cancel(); });
  EXPECT_EQ(connect({silent.endpoint()}, call).status(), Status::error_abort);
  canceller.join();
}

TEST(Connector, RefusedFirstAddressLeavesTheSecond) {
  if (!have_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  const LoopbackServer server;
  const RefusedPort refused(AF_INET6);
  Call call(Deadline::after(kLong));
  const auto connection = connect({refused.endpoint(), server.endpoint()}, call);
  ASSERT_TRUE(connection) << call.detail;
  EXPECT_TRUE(connection->peer == server.endpoint());
}

TEST(Connector, SilentFirstAddressDelaysTheSecondByTheStagger) {
  const SilentServer silent;
  const LoopbackServer server;
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(kLong));
  const auto connection = connect({silent.endpoint(), server.endpoint()}, call);
  const auto took = Deadline::Clock::now() - start;
  ASSERT_TRUE(connection) << call.detail;
  EXPECT_TRUE(connection->peer == server.endpoint());
  EXPECT_GE(took, drivers::kStagger);
  EXPECT_LT(took, std::chrono::seconds(5));
}

TEST(Connector, AllAddressesShareOneDeadline) {
  const SilentServer silent;
  const std::vector<Endpoint> many(8, silent.endpoint());
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(milliseconds(600)));
  EXPECT_EQ(connect(many, call).status(), Status::error_tmo);
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(5));
}

TEST(Connector, TheMostTellingFailureIsReported) {
  const RefusedPort refused;
  // Nobody routes to a multicast or unspecified-scope address over TCP: fails before any packet.
  Call resolving(Deadline::infinite());
  const auto odd = drivers::resolve("fe80::1", refused.port(), resolving);
  ASSERT_TRUE(odd);
  Call call(Deadline::after(kLong));
  EXPECT_FALSE(connect({odd->front(), refused.endpoint(), odd->front()}, call));
  EXPECT_NE(call.detail.find("connection refused"), std::string::npos) << call.detail;
}

TEST(Connector, LinkLocalAddressWithoutInterfaceSaysWhatIsMissing) {
  if (!have_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  Call resolving(Deadline::infinite());
  const auto address = drivers::resolve("fe80::1", 5025, resolving);
  ASSERT_TRUE(address);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(connect(*address, call).status(), Status::error_rsrc_nfound);
  EXPECT_NE(call.detail.find("needs its interface"), std::string::npos) << call.detail;
}

TEST(Connector, NoDescriptorLeftIsAnAllocationError) {
  const LoopbackServer server;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit before = limit;
  limit.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  Call call(Deadline::after(kLong));
  const Status status = connect({server.endpoint()}, call).status();
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(status, Status::error_alloc);
  EXPECT_NE(call.detail.find("ulimit -n"), std::string::npos) << call.detail;
}

TEST(Connector, NeverTakesItsOwnEndForAnInstrument) {
  // A free port of the ephemeral range: sooner or later the system gives it to our own end, and a
  // socket connected to itself looks connected. connect() walks through every second port of the
  // range, bind() hands out the others, so both neighbours are tried.
  Endpoint free_port;
  {
    const RefusedPort taken;
    free_port = taken.endpoint();
  }
  for (int i = 0; i < 32000; ++i) {
    free_port.set_port(static_cast<std::uint16_t>(free_port.port() ^ 1u));
    Call call(Deadline::after(kLong));
    ASSERT_FALSE(connect({free_port}, call)) << "port " << free_port.port() << ", attempt " << i;
  }
}

}  // namespace
}  // namespace visa::test
