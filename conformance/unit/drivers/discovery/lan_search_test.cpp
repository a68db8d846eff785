// SPDX-License-Identifier: MIT
// The search itself over the loopback: both ways of asking, what gets lost, who stays silent, and
// what is left of it. Namespaces with real responders: conformance/clients/discovery.
#include "drivers/discovery/lan_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "conformance/unit/drivers/discovery/fake_lan.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::drivers {
namespace {

using test::announce;
using test::asks;
using test::DnsPacket;
using test::getport_answer;
using test::Responder;
using test::wire_a;
using test::wire_name;
using test::wire_srv;
using test::wire_text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;
using Clock = Deadline::Clock;

constexpr auto kTime = 150ms;  // for a search that needs the first question only
const std::string kVxi11 = wire_name({"_vxi-11", "_tcp", "local"});
const std::string kHislip = wire_name({"_hislip", "_tcp", "local"});

class LanSearch : public testing::Test {
 protected:
  /// Ports nobody has: what is not answered goes there.
  LanSearch() : silent_(false, [](auto&, auto&) {}) {
    plan_.interfaces = {test::loopback_interface()};
    plan_.portmapper_port = silent_.port();
    plan_.mdns_port = silent_.port();
  }

  std::vector<std::string> search(Clock::duration time = kTime) {
    Call call(Deadline::at(Clock::now() + time));
    std::vector<std::string> list;
    for (const LanAnswer& one : search_lan(plan_, call)) {
      list.push_back(std::string(service_name(one.service)) + " " + one.address.numeric() + " " +
                     std::to_string(one.address.port()) + " " + one.host_name +
                     (one.sub_address.empty() ? "" : " " + one.sub_address));
    }
    detail_ = call.detail;
    return list;
  }

  /// Searches until there are `count` answers: a busy computer may lose one search.
  std::vector<std::string> search_for(std::size_t count) {
    std::vector<std::string> list;
    for (int i = 0; i < 100 && list.size() < count; ++i) list = search();
    return list;
  }

  Responder silent_;
  LanPlan plan_;
  std::string detail_;
};

TEST_F(LanSearch, APortmapperThatHasVxi11IsFoundByBroadcast) {
  const Responder portmapper(
      false, [](auto& question, auto& send) { send(getport_answer(question, 1024)); });
  plan_.portmapper_port = portmapper.port();
  EXPECT_THAT(search_for(1), ElementsAre("_vxi-11._tcp.local 127.0.0.1 0 "));
  const auto asked = portmapper.asked().at(0);
  // vxi11.md section 8: 56 bytes, GETPORT of DEVICE_CORE version 1 over TCP.
  ASSERT_EQ(asked.size(), 56u);
  EXPECT_EQ(asked.substr(4, 20), test::wire_number(0, 4) + test::wire_number(2, 4) +
                                     test::wire_number(100000, 4) + test::wire_number(2, 4) +
                                     test::wire_number(3, 4));
  EXPECT_EQ(asked.substr(40), test::wire_number(0x0607AF, 4) + test::wire_number(1, 4) +
                                  test::wire_number(6, 4) + test::wire_number(0, 4));
}

TEST_F(LanSearch, AnyOtherAnswerOfAPortmapperFindsNothing) {
  const Responder portmapper(false, [](auto& question, auto& send) {
    send(getport_answer(question, 0));        // the rpcbind of a computer
    send(getport_answer("\1\2\3\4", 1024));   // another host's answer
    send(getport_answer(question, 0x10000));  // no port
    send(getport_answer(question, 1024).substr(0, 20));
    send(question);  // our own question back
    send("");
  });
  plan_.portmapper_port = portmapper.port();
  EXPECT_THAT(search(), IsEmpty());
  EXPECT_GE(portmapper.questions(), 1);
}

TEST_F(LanSearch, AQuestionThatGetsLostIsAskedAgain) {
  const Responder portmapper(false, [](auto& question, auto& send) {
    if (send.question() > 1) send(getport_answer(question, 1024));
  });
  plan_.portmapper_port = portmapper.port();
  // Not the first question of the first search.
  EXPECT_THAT(search(2s), ElementsAre("_vxi-11._tcp.local 127.0.0.1 0 "));
  EXPECT_GE(portmapper.questions(), 2);
}

TEST_F(LanSearch, AnInstrumentIsFoundByMdnsThatAnswersTheAskerAlone) {
  const Responder mdns(true, [](auto& question, auto& send) {
    if (!asks(question, kHislip)) return;
    DnsPacket packet;
    send(announce(packet, "Toy", "_hislip", 4881, "toy", wire_a(192, 0, 2, 55)).bytes());
  });
  plan_.mdns_port = mdns.port();
  EXPECT_THAT(search_for(1), ElementsAre("_hislip._tcp.local 192.0.2.55 4881 toy.local"));
}

// Pain 21: instruments that answer by multicast to port 5353 only.
TEST_F(LanSearch, AnInstrumentIsFoundByMdnsThatAnswersEverybody) {
  const Responder mdns(true, [](auto& question, auto& send) {
    if (!asks(question, kVxi11)) return;
    DnsPacket packet;
    send.multicast(announce(packet, "Toy", "_vxi-11", 111, "toy", wire_a(192, 0, 2, 55)).bytes());
  });
  plan_.mdns_port = mdns.port();
  EXPECT_THAT(search_for(1), ElementsAre("_vxi-11._tcp.local 192.0.2.55 0 toy.local"));
}

TEST_F(LanSearch, ASparingResponderIsAskedOnForPlaceAndAddress) {
  const auto name = wire_name({"My Toy", "_hislip", "_tcp", "local"});
  const auto host = wire_name({"toy", "local"});
  const Responder mdns(true, [&](auto& question, auto& send) {
    DnsPacket packet;
    if (asks(question, host)) {
      packet.record(host, DnsPacket::kA, wire_a(192, 0, 2, 55));
    } else if (asks(question, wire_name({"my toy"}))) {
      packet.record(name, DnsPacket::kSrv, wire_srv(4880, host));
    } else if (asks(question, kHislip)) {
      packet.record(kHislip, DnsPacket::kPtr, name);
    }
    send(packet.bytes());
  });
  plan_.mdns_port = mdns.port();
  EXPECT_THAT(search_for(1), ElementsAre("_hislip._tcp.local 192.0.2.55 4880 toy.local"));
}

// Host and port are those of the answer, whatever the hint says.
TEST_F(LanSearch, EachSubAddressThatIsAnnouncedIsAnAnswer) {
  const Responder mdns(true, [](auto& question, auto& send) {
    if (!asks(question, kHislip)) return;
    DnsPacket packet;
    const auto hint = [&](const std::string& name, const std::string& text) {
      announce(packet, name, "_hislip", 4880, "toy", wire_a(192, 0, 2, 55), wire_text(text));
    };
    hint("One", "VisaAddress=TCPIP0::127.0.0.1::hislip1,4999::INSTR");
    hint("One again", "visaaddress=TCPIP::toy.local::HISLIP1::INSTR");
    hint("Two", "VisaAddress=TCPIP0::192.0.2.99::hislip2::INSTR");
    hint("Usual", "VisaAddress=TCPIP0::toy::hislip0::INSTR");
    hint("Plain", "Model=x");
    hint("Hostile", "VisaAddress=TCPIP0::a::hislip3;rm::INSTR");
    hint("Other", "VisaAddress=TCPIP0::a::inst7::INSTR");
    send(packet.bytes());
  });
  plan_.mdns_port = mdns.port();
  EXPECT_THAT(search_for(3), testing::UnorderedElementsAre(
                                 "_hislip._tcp.local 192.0.2.55 4880 toy.local",
                                 "_hislip._tcp.local 192.0.2.55 4880 toy.local hislip1",
                                 "_hislip._tcp.local 192.0.2.55 4880 toy.local hislip2"));
}

TEST_F(LanSearch, ASparingResponderIsAskedForTheHint) {
  const auto name = wire_name({"My Toy", "_hislip", "_tcp", "local"});
  const auto host = wire_name({"toy", "local"});
  const Responder mdns(true, [&](auto& question, auto& send) {
    DnsPacket packet;
    const bool text = question.substr(question.size() - 4, 2) == test::wire_number(16, 2);
    if (asks(question, wire_name({"my toy"}))) {
      if (!text) return;
      packet.record(name, DnsPacket::kTxt, wire_text("VisaAddress=TCPIP::x::hislip1::INSTR"));
    } else if (asks(question, kHislip)) {
      packet.record(kHislip, DnsPacket::kPtr, name)
          .record(name, DnsPacket::kSrv, wire_srv(4880, host))
          .record(host, DnsPacket::kA, wire_a(192, 0, 2, 55));
    }
    send(packet.bytes());
  });
  plan_.mdns_port = mdns.port();
  const std::vector<std::string> wanted{"_hislip._tcp.local 192.0.2.55 4880 toy.local hislip1"};
  // The question for the hint comes second; a search may end before its answer.
  auto found = search();
  for (int i = 0; i < 100 && found != wanted; ++i) found = search();
  EXPECT_EQ(found, wanted);
}

TEST_F(LanSearch, OneInstrumentIsOneAnswerHoweverOftenItAnswers) {
  const Responder portmapper(false, [](auto& question, auto& send) {
    for (int i = 0; i < 3; ++i) send(getport_answer(question, 1024));
  });
  const Responder mdns(true, [](auto&, auto& send) {
    DnsPacket packet;
    announce(packet, "Toy", "_vxi-11", 111, "toy", wire_a(192, 0, 2, 55));
    announce(packet, "Toy (2)", "_vxi-11", 1024, "toy", wire_a(192, 0, 2, 55));
    // The one we share a network with comes first, whatever the order.
    announce(packet, "Two", "_hislip", 4880, "two", wire_a(10, 0, 0, 1));
    packet.record(wire_name({"two", "local"}), DnsPacket::kA, wire_a(192, 0, 2, 56));
    send(packet.bytes());
    send(packet.bytes());
  });
  plan_.portmapper_port = portmapper.port();
  plan_.mdns_port = mdns.port();
  plan_.interfaces.front().subnets.push_back({0xC0000202, 0xFFFFFF00, 0});
  EXPECT_THAT(search_for(3),
              testing::UnorderedElementsAre("_vxi-11._tcp.local 192.0.2.55 0 toy.local",
                                            "_vxi-11._tcp.local 127.0.0.1 0 ",
                                            "_hislip._tcp.local 192.0.2.56 4880 two.local"));
}

TEST_F(LanSearch, OnlyWhatIsWantedIsAskedFor) {
  const Responder mdns(true, [](auto&, auto&) {});
  plan_.mdns_port = mdns.port();
  plan_.vxi11 = false;
  plan_.sockets = false;
  EXPECT_THAT(search(), IsEmpty());
  EXPECT_EQ(silent_.questions(), 0);  // the portmapper
  const auto asked = mdns.asked();
  ASSERT_FALSE(asked.empty());
  for (const auto& question : asked) EXPECT_TRUE(asks(question, kHislip));
}

TEST_F(LanSearch, ASilentNetworkTakesTheTimeItIsGivenAndLeavesNothing) {
  const auto before = test::open_descriptors();
  const auto start = Clock::now();
  EXPECT_THAT(search(), IsEmpty());
  EXPECT_GE(Clock::now() - start, kTime);
  EXPECT_LT(Clock::now() - start, kTime + 5s);
  EXPECT_EQ(detail_, "");
  EXPECT_EQ(test::open_descriptors(), before);
}

TEST_F(LanSearch, WhereNobodyCanBeAskedNobodyIsWaitedFor) {
  plan_.interfaces.clear();
  EXPECT_THAT(search(1h), IsEmpty());
  EXPECT_THAT(detail_, HasSubstr("no question could be sent"));
  // An interface that is gone meanwhile.
  plan_.interfaces = {{"gone", 999999, true, true, {{0xC0000201, 0xFFFFFF00, 0}}}};
  EXPECT_THAT(search(1h), IsEmpty());
  EXPECT_THAT(detail_, HasSubstr("gone"));
}

TEST_F(LanSearch, ACancelledSearchEndsSoon) {
  Call call(Deadline::after(1h));
  std::thread canceller([&] {
    while (silent_.questions() == 0) std::this_thread::yield();
    call.cancel();
  });
  search_lan(plan_, call);
  canceller.join();
  EXPECT_TRUE(call.cancelled());
}

// pthread_cancel: the search runs on the caller's thread.
TEST_F(LanSearch, AThreadEndedByForceLeavesNothing) {
  const auto before = test::open_descriptors();
  {
    test::EndedThread thread([this] { search(1h); });
    while (silent_.questions() == 0) std::this_thread::yield();
    thread.cancel();
    EXPECT_TRUE(thread.join());
  }
  EXPECT_EQ(test::open_descriptors(), before);
}

// Its answers ended the search after some thousand messages: whatever answered later was missing,
// and viFindRsrc said success.
TEST_F(LanSearch, AHostThatNeverStopsNeitherEndsTheSearchNorHidesOthers) {
  for (const bool by_mdns : {true, false}) {
    const Responder flood(
        false,
        [&](auto& question, auto& send) {
          DnsPacket packet;
          announce(packet, "Noise", "_hislip", 4880, "noise", wire_a(10, 0, 0, 1));
          const auto message = by_mdns ? packet.bytes() : getport_answer(question, 1024);
          while (!send.ending()) send(message);
        },
        ipv4_endpoint(INADDR_LOOPBACK + 1, 0));
    const Responder late(
        false,
        [](auto& question, auto& send) {
          if (send.question() > 1) send(getport_answer(question, 1024));
        },
        ipv4_endpoint(INADDR_LOOPBACK + 2, flood.port()));
    plan_.portmapper_port = flood.port();
    plan_.interfaces.front().subnets = {{INADDR_LOOPBACK, 0xff000000, INADDR_LOOPBACK + 1},
                                        {INADDR_LOOPBACK, 0xff000000, INADDR_LOOPBACK + 2}};
    const auto start = Clock::now();
    const auto found = search(1500ms);
    EXPECT_THAT(found, testing::Contains("_vxi-11._tcp.local 127.0.0.3 0 ")) << by_mdns;
    EXPECT_GE(Clock::now() - start, 1500ms);
    EXPECT_LT(Clock::now() - start, 20s);
    EXPECT_EQ(detail_, "");
  }
}

// The same by what one message can say.
TEST_F(LanSearch, AHostThatAnnouncesHundredsOfServicesHidesNobody) {
  const Responder flood(
      false,
      [](auto&, auto& send) {
        for (unsigned i = 0; i < 600; ++i) {
          DnsPacket packet;
          const auto id = std::to_string(i);
          announce(packet, "Toy" + id, "_hislip", 4880, "toy" + id,
                   wire_a(10, 0, i / 200, i % 200));
          send(packet.bytes());
          if (i % 32 == 0) std::this_thread::yield();
        }
      },
      ipv4_endpoint(INADDR_LOOPBACK + 1, 0));
  const Responder other(
      false,
      [](auto&, auto& send) {
        DnsPacket packet;
        if (send.question() < 2) return;
        send(announce(packet, "Other", "_hislip", 4880, "other", wire_a(192, 0, 2, 55)).bytes());
      },
      ipv4_endpoint(INADDR_LOOPBACK + 2, flood.port()));
  plan_.portmapper_port = flood.port();
  plan_.interfaces.front().subnets = {{INADDR_LOOPBACK, 0xff000000, INADDR_LOOPBACK + 1},
                                      {INADDR_LOOPBACK, 0xff000000, INADDR_LOOPBACK + 2}};
  const auto found = search(1500ms);
  EXPECT_THAT(found, testing::Contains("_hislip._tcp.local 192.0.2.55 4880 other.local"));
  EXPECT_LE(found.size(), kMostOfOneSender + 1);
}

}  // namespace
}  // namespace visa::drivers
