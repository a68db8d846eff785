// SPDX-License-Identifier: MIT
// What the two channels do together: RMT-delivered and interrupted, status and service requests.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "conformance/unit/tools/sim/hislip/hislip_fixture.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

constexpr unsigned kMav = 0x10;
constexpr unsigned kRqs = 0x40;
constexpr char kNoError[] = "0,\"No error\"\n";
constexpr char kQueryInterrupted[] = "-410,\"Query INTERRUPTED\"\n";

// What the instrument has noted, asked by another client.
std::string noted(std::uint16_t port, std::string_view device) {
  return HislipClient(port, device).query("SYST:ERR?");
}

TEST_F(HislipTest, MessageIsAvailableFromItsSendingToItsDelivery) {
  HislipClient client(port, "hislip3");
  EXPECT_EQ(client.status() & kMav, 0U);
  client.put("*OPC?");
  EXPECT_TRUE(client.sync.readable(10000));
  EXPECT_EQ(client.status() & kMav, kMav);
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_EQ(client.status() & kMav, 0U) << "RMT-delivered by the status query";
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  client.put("*ESE 0");  // RMT-delivered by Data
  EXPECT_EQ(client.query("SYST:ERR?"), kNoError);
}

TEST_F(HislipTest, MessageIsNotAvailableForAQueryThatIsStillUnderWay) {
  HislipClient own(port, "hislip3");  // strict
  own.put("*OPC?");
  EXPECT_TRUE(own.sync.readable(10000));
  EXPECT_EQ(own.ask(kStatusQuery, 0, own.next_id).control & kMav, 0U);
  EXPECT_EQ(own.ask(kStatusQuery, 0, own.last_id).control & kMav, kMav);
  HislipClient client(port, "hislip1");  // takes the id that some clients send, the next one
  client.put("*OPC?");
  EXPECT_TRUE(client.sync.readable(10000));
  EXPECT_EQ(client.ask(kStatusQuery, 0, client.next_id).control & kMav, kMav);
  EXPECT_EQ(client.ask(kStatusQuery, 0, client.next_id + 2).control & kMav, 0U);
  EXPECT_EQ(client.ask(kStatusQuery, 0, client.last_id - 2).control & kMav, 0U);
}

TEST_F(HislipTest, AnswerThatWasSentIsInterruptedInSilence) {
  HislipClient client(port, "hislip1");
  client.put("*IDN?");
  EXPECT_TRUE(client.sync.readable(10000));
  EXPECT_EQ(client.ask(kLockInfo).type, kLockInfoResponse);
  client.put("*OPC?");  // without having read the answer
  const Got old = client.sync.next();
  EXPECT_EQ(old.type, kDataEnd);
  EXPECT_EQ(old.parameter, client.last_id - 2);
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_EQ(client.query("SYST:ERR?"), kQueryInterrupted);
  EXPECT_EQ(client.query("SYST:ERR?"), kNoError);
  EXPECT_FALSE(client.async.readable(0));
  client.delivered = true;  // although nothing was sent
  client.put("*ESE 0");
  client.delivered = true;
  client.put("*ESE 0");
  EXPECT_EQ(client.query("SYST:ERR?"), kQueryInterrupted);
}

TEST_F(HislipTest, AnswerThatWasNotSentIsInterruptedOnBothChannels) {
  HislipClient client(port, "hislip3");
  client.put("NEVER?");
  const std::uint32_t id = client.put("*OPC?");
  Got got = client.async.next();
  EXPECT_EQ(got.type, kAsyncInterrupted);
  EXPECT_EQ(got.parameter, id);
  got = client.sync.next();
  EXPECT_EQ(got.type, kInterrupted);
  EXPECT_EQ(got.parameter, id);
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_EQ(client.query("SYST:ERR?"), kQueryInterrupted);
  client.put("NEVER?");
  client.trigger();
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  EXPECT_EQ(client.sync.next().type, kInterrupted);
}

TEST_F(HislipTest, TwoQuestionsAtOnceInterruptTheFirst) {
  HislipClient client(port, "hislip1");
  client.sync.send(hislip_message(kDataEnd, 0, 0xFFFFFF00, "*IDN?") +
                   hislip_message(kDataEnd, 0, 0xFFFFFF02, "*OPC?"));
  const Got got = client.sync.next();
  EXPECT_EQ(got.type, kInterrupted);
  EXPECT_EQ(got.parameter, 0xFFFFFF02U);
  EXPECT_EQ(client.async.next().type, kAsyncInterrupted);
  const Got answer = client.sync.next();
  EXPECT_EQ(answer.payload, "1\n");
  EXPECT_EQ(answer.parameter, 0xFFFFFF02U);
}

TEST_F(HislipTest, OverlapModeCountsTheServersMessages) {
  HislipClient client(port, "hislip4");
  client.overlapped = true;
  EXPECT_EQ(client.status() & kMav, 0U);
  client.put("*OPC?");
  client.put("*ESE?");
  EXPECT_EQ(client.get(), "1\n");
  EXPECT_TRUE(client.sync.readable(10000));
  EXPECT_EQ(client.status() & kMav, kMav) << "one is left";
  EXPECT_EQ(client.get(), "0\n");
  EXPECT_EQ(client.status() & kMav, 0U);
  EXPECT_EQ(noted(port, "hislip4").find("-410"), std::string::npos);
}

TEST_F(HislipTest, ServiceIsRequestedOnceUntilItIsPolled) {
  HislipClient client(port, "hislip1");
  client.put("*SRE 32;*ESE 1;*OPC");
  Got got = client.async.next();
  EXPECT_EQ(got.type, kServiceRequest);
  EXPECT_EQ(got.control & (kRqs | 0x20U), kRqs | 0x20U);
  client.put("*ESR?;*OPC");  // another reason
  EXPECT_EQ(client.get(), "129\n");
  EXPECT_EQ(client.status() & kRqs, kRqs) << "and no second request before this";
  EXPECT_EQ(client.status() & kRqs, 0U);
  client.put("*ESR?");
  EXPECT_EQ(client.get(), "1\n");
  client.put("*OPC");
  EXPECT_EQ(client.async.next().type, kServiceRequest);
}

TEST_F(HislipTest, ServiceIsRequestedForAMessageOncePerAnswer) {
  for (const char* const device : {"hislip3", "hislip4"}) {
    HislipClient client(port, device);
    client.overlapped = (client.hello.control & 1U) != 0;
    client.put("*SRE 16");
    for (int i = 0; i < 3; ++i) {
      client.put("LATE?");
      const Got got = client.async.next();
      EXPECT_EQ(got.type, kServiceRequest);
      EXPECT_EQ(got.control & kMav, kMav);
      EXPECT_TRUE(client.sync.readable(10000));
      EXPECT_EQ(client.status() & (kMav | kRqs), kMav | kRqs);
      EXPECT_EQ(client.get(), "late\n");
      EXPECT_EQ(client.status() & (kMav | kRqs), 0U);
    }
    client.put("*SRE 0");
  }
}

TEST_F(HislipTest, SlowAnswerOfPyvisasInstrumentRequestsService) {
  HislipClient client(port, "hislip0");
  for (int i = 0; i < 2; ++i) {
    client.put("RCVSLOWSRQ\n");
    client.put("slow\n");
    client.put("SENDSLOWSRQ\n");
    const Got got = client.async.next();
    EXPECT_EQ(got.type, kServiceRequest);
    EXPECT_TRUE(client.sync.readable(10000));
    EXPECT_EQ(client.status() & (kMav | kRqs), kMav | kRqs);
    EXPECT_EQ(client.get(), "slow\n");
    EXPECT_EQ(client.status() & (kMav | kRqs), 0U);
  }
}

TEST_F(HislipTest, EveryClientIsRequestedAndPollsItsOwn) {
  HislipClient first(port, "hislip1");
  HislipClient second(port, "hislip1");
  first.put("*SRE 32;*ESE 1;*OPC");
  EXPECT_EQ(first.async.next().type, kServiceRequest);
  EXPECT_EQ(second.async.next().type, kServiceRequest);
  EXPECT_EQ(first.status() & kRqs, kRqs);
  EXPECT_EQ(second.status() & kRqs, kRqs);
}

TEST_F(HislipTest, TriggerTriggers) {
  HislipClient client(port, "hislip1");
  client.put("TRIG:SOUR BUS;COUN 1;:INIT");
  client.trigger();
  EXPECT_EQ(client.query("DATA:POIN?"), "1\n");
  EXPECT_EQ(client.query("SYST:ERR?"), kNoError);
}

TEST(HislipLog, SaysWhatCrossesTheWire) {
  const std::string file = testing::TempDir() + "hislip_log_" + std::to_string(::getpid());
  {
    WireLog log(file, 0);
    BenchServer bench({.instruments = {"dmm"}, .wires = {"hislip"}, .log = &log});
    HislipClient client(hislip_of(bench).port());
    client.query("*OPC?");
    client.status();
    client.put("*SRE 32;*ESE 1;*OPC");
    EXPECT_EQ(client.async.next().type, kServiceRequest);
  }
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  std::remove(file.c_str());
  for (const char* const part :
       {"\"event\":\"open\"", "DataEND control=0 parameter=0xFFFFFF00 length=5",
        "\"event\":\"in\",\"bytes\":5,\"data\":\"*OPC?\"",
        "\"event\":\"out\",\"bytes\":2,\"data\":\"1\\n\"", "AsyncStatusQuery control=1",
        "\"event\":\"srq\"", "\"event\":\"close\""}) {
    EXPECT_THAT(text.str(), HasSubstr(part));
  }
}

TEST_F(HislipTest, ManyClientsAtOnceGetTheirOwnAnswers) {
  std::vector<std::unique_ptr<HislipClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<HislipClient>(port, "hislip1"));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i]->put("*SRE?;*IDN?" + std::string(i % 2 == 0 ? "" : ";*OPC?"));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i]->get().ends_with(";1\n"), i % 2 == 1);
  }
  EXPECT_EQ(bench.clients(), 200U);
  clients.clear();
  EXPECT_TRUE(eventually([](HislipServer& server) { return server.tcp().clients() == 0; }));
  EXPECT_EQ(bench.clients(), 0U);
}

}  // namespace
}  // namespace visa::sim
