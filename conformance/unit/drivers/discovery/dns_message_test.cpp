// SPDX-License-Identifier: MIT
// DNS messages in and out: from well-behaved responders and from hostile ones.
#include "drivers/discovery/dns_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/unit/drivers/discovery/dns_packet.h"

namespace visa::drivers {
namespace {

using test::as_bytes;
using test::DnsPacket;
using test::wire_a;
using test::wire_name;
using test::wire_number;
using test::wire_srv;
using test::wire_text;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kToy = wire_name({"toy", "local"});
const std::string kVxi11 = wire_name({"_vxi-11", "_tcp", "local"});

std::vector<DnsRecord> read(const DnsPacket& packet) {
  const auto bytes = packet.bytes();
  return read_dns_response(as_bytes(bytes));
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

std::string visa_address_of(const std::string& text) {
  const auto records = read(DnsPacket().record(kToy, DnsPacket::kTxt, text));
  return records.empty() ? "no record" : records[0].visa_address;
}

// RFC 6763, section 6: keys without case, the first of several, a key may have no value.
TEST(DnsMessage, FindsTheKeyVisaAddressInATextRecord) {
  const std::string name = "TCPIP::a::hislip1::INSTR";
  EXPECT_EQ(visa_address_of(wire_text("txtvers=1") + wire_text("VisaAddress=" + name)), name);
  EXPECT_EQ(visa_address_of(wire_text("VISAADDRESS=" + name) + wire_text("visaaddress=x")), name);
  EXPECT_EQ(visa_address_of(wire_text("VisaAddress") + wire_text("VisaAddress=" + name)), "");
  EXPECT_EQ(visa_address_of(wire_text("VisaAddress=a=b, c")), "a=b, c");
  EXPECT_EQ(visa_address_of(wire_text("Model=VisaAddress=" + name)), "");
  EXPECT_EQ(visa_address_of(wire_text("VisaAddress2=" + name) + wire_text("=" + name)), "");
  EXPECT_EQ(visa_address_of(wire_text(std::string("VisaAddress=a\0\n\xff", 16))), "a???");
  // After more text than is kept for the trace; and where the string is cut short.
  EXPECT_EQ(visa_address_of(wire_text(std::string(255, 'x')) + wire_text(std::string(255, 'y')) +
                            wire_text("VisaAddress=" + name)),
            name);
  EXPECT_EQ(visa_address_of("\x20VisaAddress=" + name.substr(0, 5)), "");
  EXPECT_EQ(visa_address_of(""), "");
}

TEST(DnsMessage, FollowsCompressedNames) {
  // The host's name is the question's after the header; ours is "my" and the rest of it.
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

}  // namespace
}  // namespace visa::drivers
