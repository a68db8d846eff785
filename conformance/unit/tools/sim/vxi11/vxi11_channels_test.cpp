// SPDX-License-Identifier: MIT
// Beside the core channel: the interrupt channel, the gateway, the portmapper.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/vxi11/vxi11_fixture.h"
#include "tools/sim/net/listener.h"

namespace visa::sim {
namespace {

using P = Vxi11Procedure;

// Waits for service requests as a client's interrupt channel.
class Listener {
 public:
  Listener() : socket_(listen_on("127.0.0.1", 0)) {}
  Arguments where(std::uint32_t host = 0x7F000001U, std::uint32_t family = 0,
                  std::uint32_t program = kInterruptProgram) const {
    return Arguments()
        .number(host)
        .number(bound_port(socket_.get()))
        .number(program)
        .number(1)
        .number(family);
  }
  void accept() {
    pollfd ready{socket_.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 10000), 1);
    channel_ = FileDescriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const timeval limit{10, 0};
    ::setsockopt(channel_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  // One record without its mark; empty when the channel is closed.
  std::string receive() {
    const std::string mark = bytes(4);
    return mark.size() < 4 ? mark : bytes(Results(mark).number() & 0x7FFFFFFFU);
  }
  bool quiet() const {
    pollfd ready{channel_.get(), POLLIN, 0};
    return ::poll(&ready, 1, 30) == 0;
  }
  int fd() const { return channel_.get(); }

 private:
  std::string bytes(std::size_t count) {
    std::string all;
    while (all.size() < count) {
      char part[256];
      const ssize_t got =
          ::recv(channel_.get(), part, std::min(sizeof part, count - all.size()), 0);
      if (got <= 0) {
        break;
      }
      all.append(part, static_cast<std::size_t>(got));
    }
    return all;
  }
  FileDescriptor socket_;
  FileDescriptor channel_;
};

class Vxi11InterruptTest : public Vxi11FaultTest {
 protected:
  Listener listener;
  std::uint32_t enable(std::uint32_t which, bool on, std::string_view handle = "handle") {
    return client
        .call(P::device_enable_srq, Arguments().number(which).number(on ? 1 : 0).opaque(handle))
        .number();
  }
  std::uint32_t create(const Arguments& arguments) {
    return client.call(P::create_intr_chan, arguments).number();
  }
  void request_service() {
    client.query(link, "*CLS;*SRE 32;*ESE 1;*OPC?");
    client.query(link, "*OPC;*OPC?");
  }
  static std::string expected(std::string_view handle) {
    return Arguments().opaque(handle).bytes();
  }
};

TEST_F(Vxi11InterruptTest, ServiceRequestComesWithTheHandle) {
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  EXPECT_EQ(create(listener.where()), 29U);
  EXPECT_EQ(enable(link, true, "0123456789012345678901234567890123456789"), 0U);
  request_service();
  const std::string message = listener.receive();
  ASSERT_GT(message.size(), 40U);
  EXPECT_EQ(message.substr(40), expected("0123456789012345678901234567890123456789"));
  Results head(message);
  head.number();
  const std::uint32_t wanted[] = {0, 2, kInterruptProgram, 1, 30};
  for (const std::uint32_t value : wanted) {
    EXPECT_EQ(head.number(), value);
  }
  EXPECT_TRUE(listener.quiet()) << "one request, one message";
  // A reply, which most clients do not send, is thrown away.
  ASSERT_GT(::send(listener.fd(), "\x80\0\0\x04word", 8, MSG_NOSIGNAL), 0);
  EXPECT_EQ(client.call(P::device_readstb, Vxi11Client::generic(link)).number(), 0U);
  request_service();
  EXPECT_EQ(listener.receive().size(), message.size());
  EXPECT_EQ(enable(link, false, "x"), 0U);
  request_service();
  EXPECT_TRUE(listener.quiet());
  EXPECT_EQ(client.call(P::destroy_intr_chan, Arguments()).number(), 0U);
  EXPECT_EQ(listener.receive(), "");
  EXPECT_EQ(client.call(P::destroy_intr_chan, Arguments()).number(), 6U);
}

TEST_F(Vxi11InterruptTest, RequestThatWaitsIsToldWhenItIsEnabled) {
  request_service();
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  EXPECT_EQ(enable(link, true), 0U);
  EXPECT_NE(listener.receive(), "");
}

TEST_F(Vxi11InterruptTest, MessageThatClearsTheReasonAndSetsItAgainIsHeardAgain) {
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  EXPECT_EQ(enable(link, true), 0U);
  for (int i = 0; i < 3; ++i) {
    client.write(link, "*CLS;*ESE 1;*SRE 32;*OPC");
    EXPECT_NE(listener.receive(), "") << "message " << i;
    auto poll = client.call(P::device_readstb, Vxi11Client::generic(link));
    EXPECT_EQ(poll.number(), 0U);
    EXPECT_EQ(poll.number(), 0x60U);
  }
}

// The client waits for the request before it reads, so nothing but the time brings it.
TEST_F(Vxi11InterruptTest, AnswerThatTakesTimeRequestsServiceWhenItIsThere) {
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  EXPECT_EQ(enable(link, true), 0U);
  client.write(link, "*CLS;*SRE 16");
  fault(R"("kind":"late","ms":50)");
  client.write(link, "*IDN?");
  EXPECT_NE(listener.receive(), "");
  auto poll = client.call(P::device_readstb, Vxi11Client::generic(link));
  EXPECT_EQ(poll.number(), 0U);
  EXPECT_EQ(poll.number(), 0x50U);
  EXPECT_EQ(client.read(link).data.substr(0, 8), "FreeVISA");
}

TEST_F(Vxi11InterruptTest, ChannelsThatCannotBe) {
  EXPECT_EQ(create(listener.where(0x7F000001U, 1)), 8U) << "UDP";
  EXPECT_EQ(create(listener.where(0x7F000001U, 0, 1234)), 8U);
  EXPECT_EQ(create(listener.where(0xC0000201U)), 6U) << "only to the client itself";
  EXPECT_EQ(
      create(
          Arguments().number(0x7F000001U).number(1).number(kInterruptProgram).number(1).number(0)),
      6U)
      << "nobody listens";
  EXPECT_EQ(client
                .call(P::device_enable_srq,
                      Arguments().number(link).number(1).opaque(std::string(40, 'x')))
                .number(),
            0U);
  client.start(P::device_enable_srq,
               Arguments().number(link).number(1).opaque(std::string(41, 'x')));
  EXPECT_EQ(client.finish()->accepted, 4U);
  EXPECT_EQ(create(listener.where()), 0U) << "after all that";
}

TEST_F(Vxi11InterruptTest, ChannelGoesWithTheConnectionAndMayGoBeforeIt) {
  {
    Vxi11Client other(vxi11_of(bench).core_port());
    EXPECT_EQ(other.call(P::create_intr_chan, listener.where()).number(), 0U);
    listener.accept();
  }
  EXPECT_EQ(listener.receive(), "");
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  listener = Listener();  // the client closes its end
  EXPECT_EQ(enable(link, true), 0U);
  for (int i = 0; i < 3; ++i) {
    request_service();
    client.call(P::device_readstb, Vxi11Client::generic(link));
  }
  EXPECT_EQ(create(listener.where()), 0U) << "a broken channel is none";
}

TEST_F(Vxi11InterruptTest, FaultsOfServiceRequests) {
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  enable(link, true, "abcd");
  const auto next = [&](const std::string& kind) {
    fault("\"kind\":\"" + kind + "\",\"count\":1");
    client.call(P::device_readstb, Vxi11Client::generic(link));
    request_service();
  };
  next("srq-short");
  EXPECT_EQ(listener.receive().size(), 40U + 4);
  next("srq-twice");
  EXPECT_EQ(listener.receive().size(), 40U + 8);
  EXPECT_EQ(listener.receive().size(), 40U + 8);
  next("srq-lost");
  EXPECT_TRUE(listener.quiet());
}

TEST_F(Vxi11InterruptTest, PyvisaInstrumentRequestsServiceEachTimeAndAnswersLater) {
  const auto its = client.create_link("inst0").link;
  ASSERT_EQ(create(listener.where()), 0U);
  listener.accept();
  enable(its, true);
  client.write(its, "RCVSLOWSRQ\n");
  client.write(its, "slow\n");
  for (int i = 0; i < 2; ++i) {
    client.write(its, "SENDSLOWSRQ\n");
    EXPECT_NE(listener.receive(), "");
    const auto answer = client.read(its);
    EXPECT_EQ(answer.data, "slow\n");
    EXPECT_EQ(answer.reason, 4U);
  }
  client.write(its, "SENDSLOWSRQ\n");
  EXPECT_EQ(client.read(its).data, "slow\n") << "a read that waits already";
}

class GatewayTest : public Vxi11FaultTest {
 protected:
  std::uint32_t bus = client.create_link("gpib0").link;
  // {error, data}
  std::pair<std::uint32_t, std::string> docmd(std::uint32_t which, std::uint32_t command,
                                              std::uint32_t size, std::string_view data,
                                              bool network_order = true) {
    Results r = client.call(P::device_docmd, Arguments()
                                                 .number(which)
                                                 .number(0)
                                                 .number(1000)
                                                 .number(0)
                                                 .number(command)
                                                 .number(network_order ? 1 : 0)
                                                 .number(size)
                                                 .opaque(data));
    const std::uint32_t error = r.number();
    return {error, r.opaque()};
  }
  int bus_status(char selector) {
    const auto [error, data] = docmd(bus, 0x020001, 2, std::string{'\0', selector});
    EXPECT_EQ(error, 0U);
    return data.size() == 2 ? data[1] : -1;
  }
};

TEST_F(GatewayTest, InstrumentsHaveAddressesBehindIt) {
  const auto meter = client.create_link("gpib0,22");
  const auto generator = client.create_link("GPIB0,10,2");
  EXPECT_EQ(client.create_link("gpib0,10").error, 3U) << "it has a secondary address";
  EXPECT_NE(client.query(meter.link, "*IDN?").find("Multimeter"), std::string::npos);
  EXPECT_NE(client.query(generator.link, "*IDN?").find("Generator"), std::string::npos);
  EXPECT_EQ(client.lock(meter.link), 0U);
  EXPECT_EQ(client.write(link, "*CLS").first, 11U) << "by another name it is the same device";
  EXPECT_EQ(docmd(meter.link, 0x020000, 1, "\x3F").first, 8U);
}

TEST_F(GatewayTest, InterfaceLinkMovesBytesToWhoIsAddressed) {
  EXPECT_EQ(client.write(bus, "*IDN?").first, 15U) << "nobody listens";
  EXPECT_EQ(client.read(bus, 10, 10).error, 15U);
  EXPECT_EQ(docmd(bus, 0x020000, 1, "\x40\x3F\x36").first, 0U);  // talk 0, unlisten, listen 22
  EXPECT_EQ(bus_status(3), 1) << "NDAC: somebody is there";
  EXPECT_EQ(bus_status(6), 1);
  EXPECT_EQ(client.write(bus, "*IDN?").first, 0U);
  EXPECT_EQ(docmd(bus, 0x020000, 1, "\x3F\x20\x56").second, "\x3F\x20\x56");
  EXPECT_NE(client.read(bus).data.find("Multimeter"), std::string::npos);
  EXPECT_EQ(docmd(bus, 0x020000, 1, "\x3F\x2A\x62").first, 0U);  // 10, secondary 2
  EXPECT_EQ(bus_status(3), 1);
  EXPECT_EQ(docmd(bus, 0x020000, 1, "\x3F\x29").first, 0U);
  EXPECT_EQ(bus_status(3), 0) << "how programs look for listeners";
  EXPECT_EQ(client.simple(P::device_clear, bus), 0U);
  EXPECT_EQ(client.simple(P::device_trigger, bus), 0U);
  EXPECT_EQ(client.simple(P::device_readstb, bus), 8U);
  EXPECT_EQ(client.simple(P::device_remote, bus), 8U);
}

TEST_F(GatewayTest, CommandsOfTheBusMeetFaultsThatNameThem) {
  fault(R"("kind":"rpc-error","error":17,"count":1)");
  EXPECT_EQ(bus_status(1), 1);
  EXPECT_EQ(client.write(link, "*CLS").first, 17U) << "it is of the instrument";
  fault(R"("kind":"rpc-error","procedure":"device_docmd","error":8,"count":1)");
  EXPECT_EQ(client.write(bus, "x").first, 15U);
  EXPECT_EQ(docmd(bus, 0x020010, 0, "").first, 8U);
  EXPECT_EQ(docmd(bus, 0x020010, 0, "").first, 0U);
}

TEST_F(GatewayTest, CommandsOfTheBusAreCheckedAsTheGridSays) {
  EXPECT_EQ(docmd(bus, 0x020000, 2, "\x3F").first, 5U);
  EXPECT_EQ(docmd(bus, 0x020000, 1, std::string(129, '\x3F')).first, 5U);
  EXPECT_EQ(docmd(bus, 0x020001, 2, std::string("\0\x09", 2)).first, 5U);
  EXPECT_EQ(docmd(bus, 0x020001, 2, std::string("\1\0", 2), false).second, std::string("\1\0", 2))
      << "REN, little-endian";
  EXPECT_EQ(docmd(bus, 0x020002, 2, std::string("\0\1", 2)).second, std::string("\0\1", 2));
  EXPECT_EQ(docmd(bus, 0x020003, 2, std::string("\0\0", 2)).first, 0U);
  EXPECT_EQ(bus_status(1), 0);
  EXPECT_EQ(docmd(bus, 0x02000A, 4, std::string("\0\0\0\x1E", 4)).first, 0U);
  EXPECT_EQ(bus_status(8), 30);
  EXPECT_EQ(docmd(bus, 0x02000A, 4, std::string("\0\0\0\x1F", 4)).first, 5U);
  EXPECT_EQ(docmd(bus, 0x020004, 4, std::string("\0\0\0\x05", 4)).first, 0U);
  EXPECT_EQ(bus_status(5), 0);
  EXPECT_EQ(docmd(bus, 0x020010, 9, "").second, "");
  EXPECT_EQ(bus_status(5), 1);
  EXPECT_EQ(docmd(bus, 0x030000, 1, "").first, 8U);
}

TEST_F(GatewayTest, EveryLinkOfTheBusHearsAServiceRequest) {
  Listener listener;
  const auto meter = client.create_link("gpib0,22").link;
  const auto supply = client.create_link("gpib0,5").link;
  ASSERT_EQ(client.call(P::create_intr_chan, listener.where()).number(), 0U);
  listener.accept();
  for (const std::uint32_t which : {meter, supply}) {
    client.call(P::device_enable_srq,
                Arguments().number(which).number(1).opaque("link" + std::to_string(which)));
  }
  client.query(meter, "*CLS;*SRE 32;*ESE 1;*OPC;*OPC?");
  std::string both = listener.receive() + listener.receive();
  EXPECT_NE(both.find("link" + std::to_string(meter)), std::string::npos);
  EXPECT_NE(both.find("link" + std::to_string(supply)), std::string::npos);
}

class PortmapperTest : public Vxi11FaultTest {
 protected:
  std::uint16_t port = vxi11_of(bench).portmapper_port();
  static Arguments getport(std::uint32_t program, std::uint32_t version = 1,
                           std::uint32_t transport = 6) {
    return Arguments().number(program).number(version).number(transport).number(0);
  }
  // The reply to a datagram; nothing within 200 ms if `expect` is false.
  std::optional<Reply> datagram(const std::string& message, bool expect = true) const {
    const FileDescriptor socket = datagram_socket("127.0.0.1", 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::sendto(socket.get(), message.data(), message.size(), 0,
             reinterpret_cast<const sockaddr*>(&name), sizeof name);
    pollfd ready{socket.get(), POLLIN, 0};
    if (::poll(&ready, 1, expect ? 10000 : 50) != 1) {
      return std::nullopt;
    }
    std::string bytes(1000, '\0');
    const ssize_t count = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return parse_reply(bytes);
  }
};

TEST_F(PortmapperTest, KnowsThePortsOverTcpAndUdp) {
  RpcClient tcp(port);
  EXPECT_EQ(tcp.call(kGetport, getport(kCoreProgram)).number(), vxi11_of(bench).core_port());
  EXPECT_EQ(tcp.call(kGetport, getport(kAbortProgram)).number(), vxi11_of(bench).abort_port());
  EXPECT_EQ(tcp.call(kGetport, getport(kCoreProgram, 1, 17)).number(), 0U) << "not over UDP";
  EXPECT_EQ(tcp.call(kGetport, getport(kPortmapProgram, 2, 17)).number(), port);
  EXPECT_EQ(tcp.call(kGetport, getport(12345)).number(), 0U);
  Results dump = tcp.call(kDump, Arguments());
  std::vector<std::uint32_t> programs;
  while (dump.number() == 1) {
    programs.push_back(dump.number());
    dump.number();
    dump.number();
    EXPECT_NE(dump.number(), 0U);
  }
  EXPECT_TRUE(dump.finished());
  EXPECT_EQ(programs, (std::vector<std::uint32_t>{kPortmapProgram, kPortmapProgram, kCoreProgram,
                                                  kAbortProgram}));
  const auto call = [&](std::uint32_t version, std::uint32_t procedure) {
    return call_message(9, kPortmapProgram, version, procedure, getport(kCoreProgram).bytes());
  };
  auto reply = datagram(call(2, 3));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->xid, 9U);
  EXPECT_EQ(reply->results.number(), vxi11_of(bench).core_port());
  EXPECT_EQ(datagram(call(2, 0))->accepted, 0U);
  EXPECT_EQ(datagram(call(2, 1))->accepted, 3U) << "nobody registers here";
  EXPECT_EQ(datagram(call(2, 5))->accepted, 3U) << "nor calls others through it";
  EXPECT_EQ(datagram(call(4, 3))->accepted, 2U);
  EXPECT_FALSE(datagram("word", false));
}

TEST_F(PortmapperTest, FaultsMeetItOnlyByName) {
  fault(R"("kind":"rpc-error","error":5)");
  RpcClient tcp(port);
  EXPECT_EQ(tcp.call(kGetport, getport(kCoreProgram)).number(), vxi11_of(bench).core_port());
  fault(R"("kind":"rpc-silence","procedure":"getport","count":1)");
  const std::string call = call_message(9, kPortmapProgram, 2, 3, getport(kCoreProgram).bytes());
  EXPECT_FALSE(datagram(call, false));
  EXPECT_TRUE(datagram(call));
  fault(R"("kind":"rpc-xid","procedure":"getport","count":1)");
  EXPECT_NE(datagram(call)->xid, 9U);
}

}  // namespace
}  // namespace visa::sim
