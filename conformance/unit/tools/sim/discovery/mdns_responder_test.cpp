// SPDX-License-Identifier: MIT
// DNS messages and the responder: by packets handed to it, and over a real socket.
#include "tools/sim/discovery/mdns_responder.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "conformance/unit/tools/sim/vxi11/vxi11_of.h"
#include "tools/sim/net/listener.h"

namespace visa::sim {
namespace {

constexpr std::string_view kHome("\x7F\0\0\x01", 4);

std::string two(unsigned value) {
  return {static_cast<char>(static_cast<unsigned char>(value >> 8U)),
          static_cast<char>(static_cast<unsigned char>(value))};
}

std::string name_bytes(const DnsName& name) {
  std::string out;
  for (const std::string& label : name) {
    out += static_cast<char>(label.size());
    out += label;
  }
  return out + std::string(1, '\0');
}

std::string query(const DnsName& name, unsigned type = kDnsPtr, unsigned rdclass = 1) {
  return two(7) + two(0) + two(1) + two(0) + two(0) + two(0) + name_bytes(name) + two(type) +
         two(rdclass);
}

class MdnsTest : public ::testing::Test {
 protected:
  EventLoop loop;
  MdnsResponder responder{
      loop,
      "127.0.0.1",
      "bench-1",
      {{"Meter. One", "_lxi._tcp", 80, {"txtvers=1", "Model=Meter"}},
       {"Meter. One", "_scpi-raw._tcp", 5025, {"txtvers=1", std::string(300, 'x')}}},
      0};
  bool unicast = false;
  std::string ask(const std::string& packet, bool legacy = false) {
    return responder.respond(packet, kHome, legacy, unicast).value_or("");
  }
  static std::size_t count(const std::string& packet, std::size_t at) {
    return packet.size() < 12
               ? 0
               : static_cast<std::size_t>(static_cast<unsigned char>(packet[at])) * 256 +
                     static_cast<unsigned char>(packet[at + 1]);
  }
};

TEST_F(MdnsTest, AnswersWhoLooksForATypeWithAllHeNeeds) {
  const std::string reply = ask(query(dns_name("_LXI._tcp.local")));
  EXPECT_EQ(count(reply, 2), 0x8400U);
  EXPECT_EQ(count(reply, 6), 1U) << "PTR";
  EXPECT_EQ(count(reply, 10), 3U) << "SRV, TXT, A";
  EXPECT_NE(reply.find(name_bytes({"Meter. One", "_lxi", "_tcp", "local"})), std::string::npos);
  EXPECT_NE(reply.find(two(80) + name_bytes({"bench-1", "local"})), std::string::npos);
  EXPECT_NE(reply.find("\x09txtvers=1\x0BModel=Meter"), std::string::npos);
  EXPECT_TRUE(reply.ends_with(two(4) + std::string(kHome)));
  EXPECT_FALSE(unicast);
  ask(query(dns_name("_lxi._tcp.local"), kDnsPtr, 1 | kDnsTopBit));
  EXPECT_TRUE(unicast);
}

TEST_F(MdnsTest, KnowsItsTypesItsInstancesAndItsHost) {
  EXPECT_EQ(count(ask(query(dns_name("_services._dns-sd._udp.local"))), 6), 2U);
  EXPECT_EQ(count(ask(query({"meter. one", "_lxi", "_tcp", "local"}, kDnsSrv)), 6), 1U);
  EXPECT_EQ(count(ask(query({"Meter. One", "_lxi", "_tcp", "local"}, kDnsAny)), 6), 2U);
  EXPECT_EQ(count(ask(query(dns_name("bench-1.local"), kDnsA)), 6), 1U);
  EXPECT_EQ(ask(query(dns_name("_hislip._tcp.local"))), "");
  EXPECT_EQ(ask(query(dns_name("bench-2.local"), kDnsA)), "");
  EXPECT_EQ(ask(query(dns_name("_lxi._tcp.local"), kDnsTxt)), "");
}

TEST_F(MdnsTest, OldResolversGetTheirQuestionBackAndShortLives) {
  const std::string reply = ask(query(dns_name("_lxi._tcp.local")), true);
  EXPECT_TRUE(unicast);
  EXPECT_EQ(count(reply, 0), 7U);
  EXPECT_EQ(count(reply, 4), 1U);
  EXPECT_EQ(reply.find(two(4500)), std::string::npos);
  EXPECT_NE(reply.find(two(0) + two(10)), std::string::npos);
}

TEST_F(MdnsTest, WhatTheAskerKnowsIsNotRepeated) {
  const DnsName type = dns_name("_lxi._tcp.local");
  const std::string target = name_bytes({"Meter. One", "_lxi", "_tcp", "local"});
  const auto with_ttl = [&](unsigned ttl) {
    std::string packet = query(type);
    packet[7] = 1;
    return packet + name_bytes(type) + two(kDnsPtr) + two(1) + two(0) + two(ttl) +
           two(static_cast<unsigned>(target.size())) + target;
  };
  EXPECT_EQ(ask(with_ttl(4500)), "");
  EXPECT_NE(ask(with_ttl(100)), "") << "it will forget soon";
}

TEST_F(MdnsTest, HostilePacketsAreRefusedOrCutShort) {
  const std::string good = query(dns_name("_lxi._tcp.local"));
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(ask(good.substr(0, length)), "");
  }
  std::string response = good;
  response[2] = '\x84';
  EXPECT_EQ(ask(response), "") << "an answer is no question";
  // A name that points to itself, forwards, or in a circle.
  const std::string head = two(0) + two(0) + two(1) + two(0) + two(0) + two(0);
  for (const std::string& name :
       {std::string("\xC0\x0C"), std::string("\xC0\xFF"), std::string("\x01x\xC0\x0C"),
        std::string("\xC0"), std::string("\x7Fxxx"), std::string(300, '\x01')}) {
    EXPECT_EQ(ask(head + name + two(kDnsPtr) + two(1)), "");
  }
  std::string many = two(0) + two(0) + two(0xFFFF) + two(0) + two(0) + two(0);
  for (int i = 0; i < 400; ++i) {
    many += name_bytes(dns_name("_lxi._tcp.local")) + two(kDnsPtr) + two(1);
  }
  const auto parsed = parse_dns_query(many);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->questions.size(), DnsQuery::kMostQuestions);
  EXPECT_LE(ask(many, true).size(), MdnsResponder::kLongestPacket);
  // A pointer back to a name that stood there before is what everyone sends.
  std::string twice = good;
  twice[5] = 2;
  EXPECT_NE(ask(twice + "\xC0\x0C" + two(kDnsPtr) + two(1)), "");
}

TEST(MdnsResponder, AnswersOverItsSocketAndNotWithoutEnd) {
  BenchServer bench{{.instruments = {"pyvisa", "dmm"}, .wires = {"socket", "vxi11"}}};
  std::vector<MdnsService> services;
  std::unique_ptr<MdnsResponder> responder;
  std::uint16_t port = 0;
  bench.on_bench_thread([&](Bench& b) {
    services = b.services("bench-2.local");
    responder = std::make_unique<MdnsResponder>(b.loop(), "127.0.0.1", "bench-2", services, 0);
    port = responder->port();
  });
  ASSERT_EQ(services.size(), 5U);
  EXPECT_EQ(services[2].type, "_vxi-11._tcp");
  EXPECT_EQ(services[2].port, vxi11_of(bench).portmapper_port());
  EXPECT_EQ(services[3].instance, "Virtual Multimeter - SIM-DMM-0001 (dmm)");
  EXPECT_EQ(services[3].text.at(3), "SerialNumber=SIM-DMM-0001");
  const FileDescriptor socket = datagram_socket("127.0.0.1", 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string packet = query(dns_name("_vxi-11._tcp.local"));
  const auto send = [&] {
    ::sendto(socket.get(), packet.data(), packet.size(), 0,
             reinterpret_cast<const sockaddr*>(&name), sizeof name);
  };
  const auto receive = [&](int patience) {
    pollfd ready{socket.get(), POLLIN, 0};
    std::string bytes(2000, '\0');
    if (::poll(&ready, 1, patience) != 1) {
      return std::string();
    }
    const ssize_t count = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
  };
  send();
  EXPECT_NE(receive(10000).find("FreeVISA test instrument"), std::string::npos);
  std::size_t answered = 1;
  for (std::size_t i = 0; i < 2 * MdnsResponder::kMostReplies; ++i) {
    send();
    bench.on_bench_thread([](Bench&) {});
    answered += receive(0).empty() ? 0 : 1;
  }
  EXPECT_LE(answered, 2 * MdnsResponder::kMostReplies) << "a second may have begun in between";
  EXPECT_GE(answered, 50U);
  bench.on_bench_thread([&](Bench&) { responder.reset(); });
}

TEST(MdnsResponder, WantsIpv4) {
  EventLoop loop;
  EXPECT_THROW(MdnsResponder(loop, "::1", "bench", {}, 0), std::system_error);
}

}  // namespace
}  // namespace visa::sim
