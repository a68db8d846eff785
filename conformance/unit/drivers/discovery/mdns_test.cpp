// SPDX-License-Identifier: MIT
// DNS messages in and out, and what a browser keeps of them: from well-behaved responders, from
// sparing ones and from hostile ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/unit/drivers/discovery/dns_packet.h"
#include "drivers/discovery/mdns_browser.h"

namespace visa::drivers {
namespace {

using test::announce;
using test::as_bytes;
using test::DnsPacket;
using test::wire_a;
using test::wire_name;
using test::wire_number;
using test::wire_srv;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kToy = wire_name({"toy", "local"});
const std::string kVxi11 = wire_name({"_vxi-11", "_tcp", "local"});

std::vector<DnsRecord> read(const DnsPacket& packet) {
  const auto bytes = packet.bytes();
  return read_dns_response(as_bytes(bytes));
}
void take(MdnsBrowser& browser, const DnsPacket& packet) {
  const auto bytes = packet.bytes();
  browser.take(as_bytes(bytes));
}

TEST(DnsMessage, ReadsTheFiveKindsOfRecords) {
  const std::string v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
  const auto records =
      read(DnsPacket()
               .record(kToy, DnsPacket::kA, wire_a(10, 77, 0, 2))
               .record(kToy, DnsPacket::kAaaa, v6)
               .record(kVxi11, DnsPacket::kPtr, wire_name({"Toy", "_vxi-11", "_tcp", "local"}))
               .record(kToy, DnsPacket::kSrv, wire_srv(4880, wire_name({"TOY", "Local"})))
               .record(kToy, DnsPacket::kTxt,
                       std::string("\x03"
                                   "a=b\0\x02\xc3\x9f",
                                   8)));
  ASSERT_THAT(records, SizeIs(5));
  EXPECT_EQ(records[0].name, "toy.local");
  EXPECT_EQ(records[0].address.numeric(), "10.77.0.2");
  EXPECT_EQ(records[1].address.numeric(), "2001:db8::7");
  EXPECT_EQ(records[2].target, "toy._vxi-11._tcp.local");
  EXPECT_EQ(records[3].target, "toy.local");
  EXPECT_EQ(records[3].port, 4880);
  EXPECT_EQ(records[4].text, "a=b, ??");
}

TEST(DnsMessage, FollowsCompressedNames) {
  // The host's name is the question's behind the header; ours is "my" and the rest of it.
  const std::string pointer("\x02my\xc0\x10", 5);
  const auto records = read(DnsPacket()
                                .record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1))
                                .record(pointer, DnsPacket::kA, wire_a(10, 0, 0, 2)));
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[1].name, "my.local");
}

TEST(DnsMessage, QuestionsFailuresAndGoodbyesSayNothing) {
  for (const unsigned flags : {0x0000U, 0x8403U, 0x8405U, 0xa400U}) {
    EXPECT_THAT(read(DnsPacket(flags).record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1))), IsEmpty());
  }
  EXPECT_THAT(read(DnsPacket().record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1), 0)), IsEmpty());
  EXPECT_THAT(read(DnsPacket().record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1), 120, 3)),
              IsEmpty());
}

TEST(DnsMessage, BrokenRecordsAreLeftOutAndTheOthersCount) {
  const auto good = wire_a(10, 0, 0, 1);
  const auto records = read(DnsPacket()
                                .record(kToy, DnsPacket::kA, "abc")
                                .record(kToy, DnsPacket::kA, "abcde")
                                .record(kToy, DnsPacket::kAaaa, good)
                                .record(kToy, DnsPacket::kSrv, wire_number(0, 6))
                                .record(kToy, DnsPacket::kSrv, wire_number(0, 3))
                                .record(kToy, DnsPacket::kPtr, "")
                                .record(kToy, DnsPacket::kPtr, std::string("\0", 1))
                                .record(kToy, DnsPacket::kPtr, "\x3flonger than its record")
                                .record(kToy, DnsPacket::kPtr, "\xc0\xff")
                                .record(kToy, 47, "something else")
                                .record(kToy, DnsPacket::kA, good));
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].address.numeric(), "10.0.0.1");
}

TEST(DnsMessage, ANameMayNotRunBeyondItsRecord) {
  // Two bytes of data that begin a name whose rest is the next record's name.
  const auto records = read(DnsPacket()
                                .record(kVxi11, DnsPacket::kPtr, "\x02t")
                                .record(kToy, DnsPacket::kA, wire_a(1, 2, 3, 4)));
  for (const auto& record : records) EXPECT_NE(record.type, DnsType::ptr);
}

TEST(DnsMessage, HostileMessagesAreRefusedWhole) {
  const auto whole = DnsPacket().record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1)).bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(read_dns_response(as_bytes(whole.substr(0, size))), IsEmpty()) << size;
  }
  // Names in circles: onto itself, and two that point at each other.
  EXPECT_THAT(read(DnsPacket().record("\xc0\x0c", DnsPacket::kA, wire_a(10, 0, 0, 1))), IsEmpty());
  EXPECT_THAT(
      read(DnsPacket().record(std::string("\x01x\xc0\x0c", 4), DnsPacket::kA, wire_a(10, 0, 0, 1))),
      IsEmpty());
  // More records than there are; a label of a reserved type; a message of 64 KB.
  EXPECT_THAT(read(DnsPacket().record(kToy, DnsPacket::kA, wire_a(10, 0, 0, 1)).raw("", 1000)),
              IsEmpty());
  EXPECT_THAT(
      read(DnsPacket().record(std::string("\x80x\0", 3), DnsPacket::kA, wire_a(10, 0, 0, 1))),
      IsEmpty());
  EXPECT_THAT(read(DnsPacket().record(kToy, DnsPacket::kTxt, std::string(60000, '\1'))), IsEmpty());
}

TEST(DnsMessage, OnlySoManyRecordsOfAMessageCount) {
  DnsPacket packet;
  for (unsigned i = 0; i < 540; ++i) {
    packet.record(std::string(1, '\0'), DnsPacket::kA, wire_a(10, 0, i >> 8, i & 255));
  }
  EXPECT_THAT(read(packet), SizeIs(kMostDnsRecords));
}

TEST(DnsMessage, WritesAQuestionAsRfc1035HasIt) {
  const auto bytes =
      write_dns_question("Bad\\.Name\\226._hislip._tcp.local", DnsType::srv, true, 0x1234);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_EQ(text, wire_number(0x1234, 2) + wire_number(0, 2) + wire_number(1, 2) +
                      wire_number(0, 6) + wire_name({"Bad.Name\xe2", "_hislip", "_tcp", "local"}) +
                      wire_number(33, 2) + wire_number(0x8001, 2));
  EXPECT_THAT(write_dns_question(std::string(64, 'x') + ".local", DnsType::a, false, 0), IsEmpty());
  EXPECT_THAT(write_dns_question("a..b", DnsType::a, false, 0), IsEmpty());
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
  EXPECT_THAT(browser_.follow_ups(true), IsEmpty());
  EXPECT_THAT(browser_.announced(), SizeIs(1));
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

TEST_F(Browser, WhateverComesItKeepsSoMuchAndAsksSoMuch) {
  for (unsigned i = 0; i < 3000; ++i) {
    const auto name = wire_name({"i" + std::to_string(i), "_vxi-11", "_tcp", "local"});
    DnsPacket packet;
    packet.record(kVxi11, DnsPacket::kPtr, name);
    if (i % 2 == 0) {
      const auto host = wire_name({"h" + std::to_string(i), "local"});
      packet.record(name, DnsPacket::kSrv, wire_srv(111, host));
      for (unsigned j = 0; j < 20; ++j) packet.record(host, DnsPacket::kA, wire_a(10, 0, j, 1));
    }
    take(browser_, packet);
  }
  const auto found = browser_.announced();
  EXPECT_THAT(found, SizeIs(kMostInstances / 2));
  for (const auto& one : found) EXPECT_THAT(one.addresses, SizeIs(kMostHostAddresses));
  std::size_t asked = 0;
  for (int i = 0; i < 100; ++i) asked += browser_.follow_ups(true).size();
  EXPECT_EQ(asked, static_cast<std::size_t>(kMostFollowUps));
}

}  // namespace
}  // namespace visa::drivers
