// SPDX-License-Identifier: MIT
// What a browser keeps of DNS messages: from well-behaved responders, from sparing ones and from
// hostile ones.
#include "drivers/discovery/mdns_browser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/unit/drivers/discovery/dns_packet.h"

namespace visa::drivers {
namespace {

using test::announce;
using test::as_bytes;
using test::DnsPacket;
using test::wire_a;
using test::wire_name;
using test::wire_srv;
using test::wire_text;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kToy = wire_name({"toy", "local"});
const std::string kVxi11 = wire_name({"_vxi-11", "_tcp", "local"});

bool take(MdnsBrowser& browser, const DnsPacket& packet, std::size_t sender = 0) {
  const auto bytes = packet.bytes();
  return browser.take(as_bytes(bytes), sender);
}

class Browser : public testing::Test {
 protected:
  static std::vector<std::string> names(const std::vector<DnsQuestion>& questions) {
    std::vector<std::string> list;
    for (const auto& one : questions) {
      list.push_back(one.name + " " + std::to_string(static_cast<int>(one.type)));
    }
    return list;
  }
  MdnsBrowser browser_{{LanService::vxi11, LanService::hislip}};
};

TEST_F(Browser, AsksForTheServicesThatAreWanted) {
  EXPECT_THAT(names(browser_.questions()),
              ElementsAre("_vxi-11._tcp.local 12", "_hislip._tcp.local 12"));
}

TEST_F(Browser, OneMessageWithEverythingNeedsNoMoreQuestions) {
  DnsPacket packet;
  take(browser_,
       announce(packet, "Toy 2000 - MY.5400", "_vxi-11", 111, "toy", wire_a(10, 77, 0, 2)));
  EXPECT_THAT(browser_.follow_ups(true), IsEmpty());
  const auto found = browser_.announced();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].service, LanService::vxi11);
  EXPECT_EQ(found[0].instance, "toy\\0322000\\032-\\032my\\.5400");
  EXPECT_EQ(found[0].host, "toy.local");
  EXPECT_EQ(found[0].port, 111);
  EXPECT_EQ(found[0].text, "txtvers=1, Model=Toy 1");
  ASSERT_THAT(found[0].addresses, SizeIs(1));
  EXPECT_EQ(found[0].addresses[0].numeric(), "10.77.0.2");
}

TEST_F(Browser, ASparingResponderIsAskedForEachStepOnce) {
  const auto name = wire_name({"Toy", "_hislip", "_tcp", "local"});
  take(browser_,
       DnsPacket().record(wire_name({"_hislip", "_tcp", "local"}), DnsPacket::kPtr, name));
  EXPECT_THAT(names(browser_.follow_ups(false)), ElementsAre("toy._hislip._tcp.local 33"));
  EXPECT_THAT(browser_.follow_ups(false), IsEmpty());
  EXPECT_THAT(browser_.follow_ups(true), SizeIs(1));
  take(browser_, DnsPacket().record(name, DnsPacket::kSrv, wire_srv(4881, kToy)));
  EXPECT_THAT(names(browser_.follow_ups(false)), ElementsAre("toy.local 1", "toy.local 28"));
  EXPECT_THAT(browser_.announced(), IsEmpty());
  take(browser_, DnsPacket().record(kToy, DnsPacket::kA, wire_a(10, 77, 0, 2)));
  EXPECT_THAT(names(browser_.follow_ups(true)), ElementsAre("toy._hislip._tcp.local 16"));
  ASSERT_THAT(browser_.announced(), SizeIs(1));
  EXPECT_EQ(browser_.announced()[0].visa_address, "");
  take(browser_, DnsPacket().record(name, DnsPacket::kTxt, wire_text("VisaAddress=here")));
  EXPECT_THAT(browser_.follow_ups(true), IsEmpty());
  EXPECT_EQ(browser_.announced()[0].visa_address, "here");
}

TEST_F(Browser, OnlyOfHislipTheTextIsAskedFor) {
  const auto name = wire_name({"Toy", "_vxi-11", "_tcp", "local"});
  take(browser_, DnsPacket()
                     .record(name, DnsPacket::kSrv, wire_srv(111, kToy))
                     .record(kToy, DnsPacket::kA, wire_a(10, 77, 0, 2)));
  EXPECT_THAT(browser_.follow_ups(true), IsEmpty());
}

TEST_F(Browser, AddressesMayStandBeforeTheServiceInAMessage) {
  const auto name = wire_name({"Toy", "_hislip", "_tcp", "local"});
  take(browser_, DnsPacket()
                     .record(kToy, DnsPacket::kA, wire_a(10, 77, 0, 2))
                     .record(name, DnsPacket::kSrv, wire_srv(4880, wire_name({"TOY", "LOCAL"}))));
  EXPECT_THAT(browser_.announced(), SizeIs(1));
}

TEST_F(Browser, OtherServicesAndOtherHostsAreNotKept) {
  DnsPacket packet;
  announce(packet, "Printer", "_ipp", 631, "printer", wire_a(10, 0, 0, 9));
  announce(packet, "Toy", "_scpi-raw", 5025, "toy", wire_a(10, 0, 0, 8));  // not wanted here
  packet.record(wire_name({"Toy.", "_vxi-11", "_tcp", "local"}), DnsPacket::kPtr, "");
  take(browser_, packet);
  EXPECT_THAT(browser_.announced(), IsEmpty());
  EXPECT_THAT(browser_.follow_ups(true), IsEmpty());
}

TEST_F(Browser, AddressesThatNoNameShouldHoldAreDropped) {
  const std::string link_local("\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
  const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01", 16);
  DnsPacket packet;
  announce(packet, "Toy", "_vxi-11", 111, "toy", wire_a(127, 0, 0, 1));
  for (const auto& one : {wire_a(0, 0, 0, 0), wire_a(224, 0, 0, 251), wire_a(255, 255, 255, 255)}) {
    packet.record(kToy, DnsPacket::kA, one);
  }
  for (const auto& one : {link_local, mapped, std::string(16, '\0'), std::string(15, '\0') + '\x01',
                          "\xff" + std::string(15, '\x02')}) {
    packet.record(kToy, DnsPacket::kAaaa, one);
  }
  take(browser_, packet);
  EXPECT_THAT(browser_.announced(), IsEmpty());
  // That of a cable without a DHCP server is an address like any other in IPv4.
  take(browser_, DnsPacket().record(kToy, DnsPacket::kA, wire_a(169, 254, 3, 4)));
  EXPECT_THAT(browser_.announced(), SizeIs(1));
}

/// One of the services that sender `sender` announces; every second without its place.
bool take_one_of_many(MdnsBrowser& browser, unsigned i, std::size_t sender) {
  const auto id = std::to_string(sender) + "-" + std::to_string(i);
  const auto name = wire_name({"i" + id, "_vxi-11", "_tcp", "local"});
  DnsPacket packet;
  packet.record(kVxi11, DnsPacket::kPtr, name);
  if (i % 2 == 0) {
    const auto host = wire_name({"h" + id, "local"});
    packet.record(name, DnsPacket::kSrv, wire_srv(111, host));
    for (unsigned j = 0; j < 20; ++j) packet.record(host, DnsPacket::kA, wire_a(10, 0, j, 1));
  }
  return take(browser, packet, sender);
}

std::size_t questions_asked(MdnsBrowser& browser) {
  std::size_t asked = 0;
  for (int i = 0; i < 100; ++i) asked += browser.follow_ups(true).size();
  return asked;
}

TEST_F(Browser, WhateverASenderSaysItKeepsSoMuchAndAsksSoMuch) {
  for (unsigned i = 0; i < 3000; ++i) {
    EXPECT_EQ(take_one_of_many(browser_, i, 0), i < kMostOfOneSender) << i;
  }
  const auto found = browser_.announced();
  EXPECT_THAT(found, SizeIs(kMostOfOneSender / 2));
  for (const auto& one : found) EXPECT_THAT(one.addresses, SizeIs(kMostHostAddresses));
  EXPECT_EQ(questions_asked(browser_), kMostFollowUpsOfOneSender);
}

// One that announced a few hundred services hid all others.
TEST_F(Browser, ASenderThatSaysTooMuchTakesNoRoomOfOthers) {
  for (unsigned i = 0; i < 1000; ++i) take_one_of_many(browser_, i, 0);
  questions_asked(browser_);
  DnsPacket packet;
  announce(packet, "Toy", "_hislip", 4880, "toy", wire_a(10, 77, 0, 2));
  EXPECT_TRUE(take(browser_, packet, 1));
  EXPECT_EQ(browser_.announced().back().host, "toy.local");
  const auto sparing = wire_name({"Sparing", "_hislip", "_tcp", "local"});
  EXPECT_TRUE(take(
      browser_,
      DnsPacket().record(wire_name({"_hislip", "_tcp", "local"}), DnsPacket::kPtr, sparing), 1));
  EXPECT_THAT(names(browser_.follow_ups(false)), ElementsAre("sparing._hislip._tcp.local 33"));
}

// The hints of a sender with many services took the questions for the places of the last ones.
TEST_F(Browser, PlacesAreAskedForBeforeHints) {
  constexpr unsigned kMany = 60;
  const auto name_of = [](unsigned i) {
    return wire_name({"Toy " + std::to_string(i), "_hislip", "_tcp", "local"});
  };
  const auto host_of = [](unsigned i) { return wire_name({"toy" + std::to_string(i), "local"}); };
  for (unsigned i = 0; i < kMany; ++i) {
    take(browser_,
         DnsPacket().record(wire_name({"_hislip", "_tcp", "local"}), DnsPacket::kPtr, name_of(i)));
  }
  EXPECT_THAT(browser_.follow_ups(false), SizeIs(kMany));
  for (unsigned i = 0; i < kMany; ++i) {
    take(browser_, DnsPacket().record(name_of(i), DnsPacket::kSrv, wire_srv(4880, host_of(i))));
  }
  const auto places = names(browser_.follow_ups(false));
  EXPECT_THAT(places, SizeIs(kMostFollowUpsOfOneSender - kMany));
  EXPECT_THAT(places, Each(testing::MatchesRegex("toy[0-9]+.local (1|28)")));
}

TEST_F(Browser, AllSendersTogetherHaveAnEnd) {
  for (std::size_t sender = 0; sender < 2 * kMostInstances / kMostOfOneSender; ++sender) {
    for (unsigned i = 0; i < kMostOfOneSender; ++i) take_one_of_many(browser_, i, sender);
  }
  EXPECT_THAT(browser_.announced(), SizeIs(kMostInstances / 2));
  EXPECT_EQ(questions_asked(browser_), kMostFollowUps);
}

}  // namespace
}  // namespace visa::drivers
