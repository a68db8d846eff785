// SPDX-License-Identifier: MIT
// From answers to names: which are listed, under which name, for which expression, and for how long
// an answer counts.
#include "drivers/discovery/lan_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/unit/drivers/discovery/fake_lan.h"
#include "conformance/unit/support/once_within.h"

namespace visa::drivers {
namespace {

using model::Kind;
using test::announce;
using test::DnsPacket;
using test::once_within;
using test::Responder;
using test::wire_a;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;

Endpoint v4(std::uint32_t bits, std::uint16_t port) {
  return ipv4_endpoint(bits, port);
}
Endpoint v6(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr.s6_addr[0] = 0x20;
  address.sin6_addr.s6_addr[1] = 0x01;
  address.sin6_addr.s6_addr[15] = 7;
  address.sin6_port = htons(port);
  return Endpoint(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// Each name is canonical and opens again as what was found.
TEST(LanFinderNames, EveryServiceHasItsNameThatParsesToItself) {
  const std::pair<LanAnswer, const char*> cases[] = {
      {{LanService::vxi11, v4(0x0A4D0002, 0), ""}, "TCPIP0::10.77.0.2::inst0::INSTR"},
      {{LanService::vxi11, v6(0), ""}, "TCPIP0::[2001::7]::inst0::INSTR"},
      {{LanService::hislip, v4(0x0A4D0002, 4880), ""}, "TCPIP0::10.77.0.2::hislip0::INSTR"},
      {{LanService::hislip, v4(0x0A4D0002, 4881), ""}, "TCPIP0::10.77.0.2::hislip0,4881::INSTR"},
      {{LanService::hislip, v4(0x0A4D0002, 4880), "", "hislip1"},
       "TCPIP0::10.77.0.2::hislip1::INSTR"},
      {{LanService::hislip, v6(4881), "", "hislipa"}, "TCPIP0::[2001::7]::hislipa,4881::INSTR"},
      {{LanService::scpi_raw, v4(0x0A4D0002, 5025), ""}, "TCPIP0::10.77.0.2::5025::SOCKET"},
      {{LanService::scpi_raw, v6(5025), ""}, "TCPIP0::[2001::7]::5025::SOCKET"},
  };
  for (const auto& [answer, name] : cases) {
    const auto found = describe(answer);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->name.canonical(), name);
    EXPECT_EQ(model::parse_resource_name(name)->canonical(), name);
  }
  EXPECT_FALSE(describe({LanService::lxi, v4(0x0A4D0002, 80), ""}));
}

TEST(LanFinderNames, WhatIsKnownAnswersAttributeExpressions) {
  const auto found = describe({LanService::vxi11, v4(0x0A4D0002, 0), "toy.local"});
  EXPECT_EQ(found->known.at(VI_ATTR_TCPIP_ADDR), model::AttributeValue(std::string("10.77.0.2")));
  EXPECT_EQ(found->known.at(VI_ATTR_TCPIP_HOSTNAME),
            model::AttributeValue(std::string("toy.local")));
  EXPECT_THAT(describe({LanService::vxi11, v4(0x0A4D0002, 0), ""})->known, SizeIs(1));
}

TEST(LanFinderNames, SocketsAreForExpressionsThatAskForThem) {
  const auto socket = *model::parse_resource_name("TCPIP0::10.77.0.2::5025::SOCKET");
  for (const char* text : {"TCPIP?*SOCKET", "?*::SOCKET", "tcpip?*socket", "?*(SOCKET|INSTR)",
                           "TCPIP0::10.77.0.2::5025::SOCKET", "TCPIP?*5025?*", "?*::502[0-9]::?*",
                           "?*SOCKET{VI_ATTR_TCPIP_PORT == 5025}"}) {
    EXPECT_TRUE(asks_for_socket(*model::FindExpression::parse(text), socket)) << text;
  }
  for (const char* text : {"?*", "TCPIP?*", "TCPIP0::10.77.0.2::?*", "?*INSTR", "USB?*SOCKET",
                           "TCPIP?*5026?*", "?*[0-9]?*"}) {
    EXPECT_FALSE(asks_for_socket(*model::FindExpression::parse(text), socket)) << text;
  }
}

// One instrument with everything, and its network.
class LanFinderTest : public testing::Test {
 protected:
  LanFinderTest()
      : responder_(true,
                   [this](auto& question, auto& send) {
                     if (silent_ || !test::asks(question, test::wire_name({"_tcp", "local"})))
                       return;
                     DnsPacket packet;
                     const auto address = wire_a(192, 0, 2, 55);
                     announce(packet, "Toy", "_vxi-11", 111, "toy", address);
                     announce(packet, "Toy", "_hislip", 4880, "toy", address);
                     if (const std::string hint(hint_); !hint.empty()) {
                       announce(packet, "Two", "_hislip", 4880, "toy", address,
                                test::wire_text("VisaAddress=" + hint));
                     }
                     announce(packet, "Toy", "_scpi-raw", 5025, "toy", address);
                     announce(packet, "Toy", "_lxi", 80, "toy", address);
                     send(packet.bytes());
                   }),
        finder_(*this) {}

  Names find(const char* text = "?*", std::chrono::seconds cache = 30s,
             model::KindSet openable = model::kIoKinds, bool search = true) {
    return find_with({{"search", search}, {"cache_s", std::int64_t{cache.count()}}}, text,
                     openable);
  }
  /// Searches until there are `count` names: a busy computer may lose one search. The last is
  /// remembered.
  Names find_all(std::size_t count, const char* text = "?*",
                 model::KindSet openable = model::kIoKinds) {
    Names names;
    for (int i = 0; i < 100 && names.size() < count; ++i) names = find(text, 0s, openable);
    return names;
  }
  Names find_with(const spi::Settings& settings, const char* text = "?*",
                  model::KindSet openable = model::kIoKinds) {
    const auto expression = *model::FindExpression::parse(text);
    Call call(Deadline::after(120ms));
    Sink sink;
    finder_.find({expression, openable, settings}, call, sink);
    detail_ = call.detail;
    return sink.names;
  }

  struct Sink final : spi::DescriptorSink {
    void found(spi::Descriptor descriptor) override {
      names.push_back(descriptor.name.canonical());
    }
    Names names;
  };
  struct Finder final : LanFinder {
    explicit Finder(LanFinderTest& owner) : test(owner) {}
    LanPlan plan(Call&) const override {
      ++test.plans_;
      LanPlan plan;
      if (test.connected_) plan.interfaces = {test::loopback_interface()};
      for (auto& one : plan.interfaces) one.subnets.front().broadcast = test.broadcast_;
      plan.mdns_port = test.responder_.port();
      return plan;
    }
    LanFinderTest& test;
  };

  std::atomic<bool> silent_{false};
  std::atomic<const char*> hint_{""};
  bool connected_ = true;
  std::uint32_t broadcast_ = 0;
  int plans_ = 0;
  std::string detail_;
  Responder responder_;
  Finder finder_;
};

constexpr const char* kVxi11Name = "TCPIP0::192.0.2.55::inst0::INSTR";
constexpr const char* kHislipName = "TCPIP0::192.0.2.55::hislip0::INSTR";
constexpr const char* kSocketName = "TCPIP0::192.0.2.55::5025::SOCKET";

// Pain 19: LAN devices missing from list_resources.
TEST_F(LanFinderTest, EveryProtocolOfAnInstrumentIsListed) {
  EXPECT_THAT(find_all(2), UnorderedElementsAre(kVxi11Name, kHislipName));
  EXPECT_THAT(find_all(3, "TCPIP?*SOCKET"), testing::Contains(kSocketName));
}

// Two instruments behind one port, of which only one has the sub-address that everyone knows.
TEST_F(LanFinderTest, AnAnnouncedSubAddressIsListedAtTheHostThatAnswered) {
  hint_ = "TCPIP0::10.9.9.9::hislip1,4999::INSTR";
  EXPECT_THAT(find_all(3),
              UnorderedElementsAre(kVxi11Name, kHislipName, "TCPIP0::192.0.2.55::hislip1::INSTR"));
}

TEST_F(LanFinderTest, AHintThatIsNoNameIsPassedOver) {
  hint_ = "TCPIP0::10.9.9.9::hislip1::INSTR::x";
  EXPECT_THAT(find_all(2), UnorderedElementsAre(kVxi11Name, kHislipName));
}

TEST_F(LanFinderTest, ANameThatNobodyCouldOpenIsNotListed) {
  EXPECT_THAT(find_all(1, "?*", Kind::tcpip_vxi11), ElementsAre(kVxi11Name));
  // The core sieves.
  EXPECT_THAT(find_all(1, "?*SOCKET", Kind::tcpip_vxi11), ElementsAre(kVxi11Name));
  EXPECT_THAT(find_all(1, "?*SOCKET", Kind::tcpip_socket), ElementsAre(kSocketName));
  const int asked = responder_.questions();
  EXPECT_THAT(find("?*", 0s, Kind::usb_instr | Kind::asrl_instr), IsEmpty());
  EXPECT_EQ(responder_.questions(), asked);
}

TEST_F(LanFinderTest, SwitchedOffItLooksAtNoNetwork) {
  EXPECT_THAT(find("?*", 30s, model::kIoKinds, false), IsEmpty());
  EXPECT_EQ(plans_, 0);
  EXPECT_EQ(responder_.questions(), 0);
}

TEST_F(LanFinderTest, ItNamesTheSettingsItReads) {
  EXPECT_THAT(finder_.setting_keys(), ElementsAre("search", "cache_s"));
  find_all(2);
  EXPECT_THAT(find_with({}), SizeIs(2)) << "by default it searches";
  const int asked = responder_.questions();
  find_with({});
  EXPECT_EQ(responder_.questions(), asked) << "and remembers";
}

TEST_F(LanFinderTest, AMistakeInASettingIsReportedAndTheDefaultCounts) {
  spi::Settings settings{{"search", "no"}};
  settings.at("search").origin = "f.toml:7";
  find_all(2);
  EXPECT_THAT(find_with(settings), SizeIs(2));
  EXPECT_THAT(detail_, testing::HasSubstr("setting search: true or false is wanted"));
  EXPECT_THAT(detail_, testing::HasSubstr("correct f.toml:7"));
  const int asked = responder_.questions();
  for (const spi::Setting& wrong : {spi::Setting(std::int64_t{3601}), spi::Setting(-0.5),
                                    spi::Setting(std::string("30")), spi::Setting(true)}) {
    find_with({{"cache_s", wrong}});
    EXPECT_THAT(detail_, testing::HasSubstr("setting cache_s: a time from 0 to 3600 seconds"));
  }
  EXPECT_EQ(responder_.questions(), asked) << "30 seconds, whatever the mistake";
  find_with({{"cache_s", 0.0}});
  EXPECT_GT(responder_.questions(), asked);
  connected_ = false;
  EXPECT_THAT(find_with(settings), IsEmpty());
  EXPECT_THAT(detail_, testing::HasSubstr("f.toml:7; no network interface is up"));
}

TEST_F(LanFinderTest, AnAnswerCountsForAWhileInTheSameNetwork) {
  EXPECT_THAT(find_all(3, "TCPIP?*SOCKET"), testing::Contains(kSocketName));
  const auto first = find_all(2);
  const int asked = responder_.questions();
  EXPECT_GT(asked, 0);
  EXPECT_EQ(find(), first);
  EXPECT_THAT(find("TCPIP?*SOCKET"), testing::Contains(kSocketName));
  EXPECT_EQ(responder_.questions(), asked);
  find("?*", 0s);  // as the configuration wants it
  EXPECT_GT(responder_.questions(), asked);
  const int asked_again = responder_.questions();
  broadcast_ = INADDR_LOOPBACK;  // the cable is in another network now
  find();
  EXPECT_GT(responder_.questions(), asked_again);
}

TEST_F(LanFinderTest, NothingFoundIsRememberedToo) {
  silent_ = true;
  EXPECT_THAT(find(), IsEmpty());
  const int asked = responder_.questions();
  EXPECT_THAT(find(), IsEmpty());
  EXPECT_EQ(responder_.questions(), asked);
}

TEST_F(LanFinderTest, ASearchThatWasCutOffIsNotRemembered) {
  const auto expression = *model::FindExpression::parse("?*");
  Call call(Deadline::after(1h));
  call.cancel();
  Sink sink;
  finder_.find({expression, model::kIoKinds, {}}, call, sink);
  const int before = responder_.questions();
  find();
  EXPECT_GT(responder_.questions(), before) << "it searches";
}

TEST_F(LanFinderTest, WithoutANetworkItIsThroughAtOnce) {
  connected_ = false;
  EXPECT_TRUE(once_within(900ms, [&] {
    const auto start = Deadline::Clock::now();
    EXPECT_THAT(find("?*", 0s), IsEmpty());
    return Deadline::Clock::now() - start;
  }));
  EXPECT_THAT(detail_, testing::HasSubstr("no network interface"));
  EXPECT_EQ(responder_.questions(), 0);
  connected_ = true;
  EXPECT_THAT(find_all(2), SizeIs(2));
}

}  // namespace
}  // namespace visa::drivers
