// SPDX-License-Identifier: MIT
// What the two channels do together: RMT-delivered and interrupted, status and service requests,
// locks, remote and local.
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
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

TEST_F(HislipTest, ExclusiveLockLeavesTheOthersInputUnread) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*OPC?");
  EXPECT_EQ(other.lock(0), 0U);
  EXPECT_EQ(other.ask(kLockInfo).control, 1U);
  EXPECT_EQ(other.ask(kLockInfo).parameter, 1U);
  EXPECT_EQ(other.ask(kMaximumSize, 0, 0, number_bytes(1 << 20, 8)).type, kMaximumSizeResponse);
  EXPECT_EQ(other.ask(kStatusQuery, 0, other.last_id).control & kMav, 0U);
  EXPECT_EQ(other.ask(kRemoteLocal, 1, other.last_id).type, kRemoteLocalResponse);
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
  EXPECT_FALSE(other.sync.readable(0));
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_EQ(other.get(), "1\n") << "what was left unread";
  EXPECT_EQ(holder.unlock(), 3U);
}

TEST_F(HislipTest, ClientWithoutTheLockIsStoppedByTcp) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  const timeval limit{0, 300000};
  ::setsockopt(other.sync.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const std::string message = hislip_message(kDataEnd, 0, 0xFFFFFF00, std::string(60000, ' '));
  int sent = 0;
  while (sent < 10000 && other.sync.send(message)) {
    ++sent;
  }
  EXPECT_LT(sent, 10000) << "600 MB were taken";
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
}

TEST_F(HislipTest, DeviceClearGoesThroughWithoutTheLock) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*ESE 9");
  EXPECT_EQ(other.clear(0), 0U);
  EXPECT_EQ(holder.query("*ESE?"), "0\n");
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_EQ(other.query("*ESE?"), "0\n") << "the clear has dropped it";
}

TEST_F(HislipTest, LockIsWaitedForAndHandedOver) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  EXPECT_EQ(other.lock(50), 0U) << "after 50 ms";
  other.async.put(kLock, 1, 60000);
  EXPECT_EQ(holder.ask(kLockInfo).type, kLockInfoResponse);
  EXPECT_EQ(holder.unlock(), 1U);
  const Got granted = other.async.next();
  EXPECT_EQ(granted.type, kLockResponse);
  EXPECT_EQ(granted.control, 1U);
  EXPECT_EQ(holder.lock(0), 0U);
  holder.async.put(kLock, 1, 60000);
  holder.async.put(kLock, 1, 60000);
  EXPECT_EQ(holder.async.next().control, 3U) << "one is waited for already";
  holder.async.put(kAsyncClear, 0, 0);
  const Got ended = holder.async.next();
  EXPECT_EQ(ended.type, kLockResponse) << "a device clear ends the wait";
  EXPECT_EQ(ended.control, 0U);
  EXPECT_EQ(holder.async.next().type, kAsyncClearAcknowledge);
}

TEST_F(HislipTest, SharedLockIsForThoseWhoKnowTheKey) {
  HislipClient first(port, "hislip1");
  HislipClient second(port, "hislip1");
  HislipClient third(port, "hislip1");
  const std::string key(256, 'k');
  EXPECT_EQ(first.lock(0, key), 1U);
  EXPECT_EQ(second.lock(0, key), 1U);
  EXPECT_EQ(third.lock(0, "another"), 0U);
  EXPECT_EQ(first.ask(kLockInfo).control, 0U);
  EXPECT_EQ(first.ask(kLockInfo).parameter, 2U);
  EXPECT_EQ(first.query("*OPC?"), "1\n");
  EXPECT_EQ(second.query("*OPC?"), "1\n");
  EXPECT_EQ(first.lock(0), 1U) << "both";
  second.put("*OPC?");
  EXPECT_EQ(first.unlock(), 1U);
  EXPECT_EQ(second.get(), "1\n");
  EXPECT_EQ(first.unlock(), 2U);
  EXPECT_EQ(second.unlock(), 2U);
  EXPECT_EQ(third.lock(0, "another"), 1U);
}

TEST_F(HislipTest, LocksGoWithTheirSession) {
  HislipClient waiting(port, "hislip1");
  {
    HislipClient holder(port, "hislip1");
    EXPECT_EQ(holder.lock(0), 1U);
    waiting.put("*OPC?");
    waiting.async.put(kLock, 1, 60000);
    EXPECT_EQ(waiting.ask(kLockInfo).type, kLockInfoResponse);
  }
  EXPECT_EQ(waiting.async.next().control, 1U);
  EXPECT_EQ(waiting.get(), "1\n");
}

TEST_F(HislipTest, ReleaseWaitsForTheMessagesBefore) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  EXPECT_EQ(holder.lock(0), 1U);
  other.put("*ESE?");
  const std::string message = hislip_message(kDataEnd, 0, 0xFFFFFF00, "*ESE 77");
  holder.sync.send(std::string_view(message).substr(0, 20));
  holder.async.put(kLock, 0, 0xFFFFFF00);
  EXPECT_FALSE(holder.async.readable(50)) << "the message of that number is not there yet";
  holder.async.put(kLock, 1, 0);
  EXPECT_EQ(holder.async.next().type, kError) << "a release is under way";
  holder.sync.send(std::string_view(message).substr(20));
  const Got released = holder.async.next();
  EXPECT_EQ(released.type, kLockResponse);
  EXPECT_EQ(released.control, 1U);
  EXPECT_EQ(other.get(), "77\n");
}

TEST_F(HislipTest, ReleaseDoesNotWaitForWhatWasDiscarded) {
  HislipClient own(port, "hislip3");
  EXPECT_EQ(own.lock(0), 1U);
  own.put("*ESE 5;" + std::string(100, ' '));
  EXPECT_EQ(own.sync.next().type, kError);
  const auto begun = Clock::now();
  EXPECT_EQ(own.unlock(), 1U);
  EXPECT_LT(Clock::now() - begun, HislipSession::kOrderTime);
}

TEST_F(HislipTest, ReleaseAfterAMessageThatNeverComesIsDoneInTheEnd) {
  HislipClient client(port, "hislip1");
  EXPECT_EQ(client.lock(0), 1U);
  client.last_id += 20;
  EXPECT_EQ(client.unlock(), 1U);
}

TEST_F(HislipTest, RemoteAndLocalFollowTheirTable) {
  HislipClient client(port, "hislip1");
  const auto state = [this] {
    HislipRemote found;
    on_server([&found](HislipServer& server) {
      found = server.registry().find_device("hislip1")->remote;
    });
    return std::array<bool, 3>{found.enabled, found.lockout, found.remote};
  };
  const auto control = [&](unsigned code) {
    EXPECT_EQ(client.ask(kRemoteLocal, code, client.last_id).type, kRemoteLocalResponse);
    return state();
  };
  using State = std::array<bool, 3>;
  EXPECT_EQ(state(), (State{true, false, false}));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(state(), (State{true, false, true})) << "by being used";
  EXPECT_EQ(control(6), (State{true, false, false}));
  EXPECT_EQ(control(5), (State{true, true, true}));
  EXPECT_EQ(control(6), (State{true, true, false}));
  EXPECT_EQ(control(2), (State{false, false, false}));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  EXPECT_EQ(state(), (State{false, false, false})) << "remote is not enabled";
  EXPECT_EQ(control(1), (State{true, false, false}));
  EXPECT_EQ(control(4), (State{true, true, false}));
  EXPECT_EQ(control(3), (State{true, true, true}));
  EXPECT_EQ(control(0), (State{false, false, false}));
}

TEST_F(HislipTest, RemoteAndLocalWaitForTheirTurn) {
  HislipClient holder(port, "hislip1");
  HislipClient other(port, "hislip1");
  const auto enabled = [](HislipServer& server) {
    return server.registry().find_device("hislip1")->remote.enabled;
  };
  EXPECT_EQ(holder.lock(0), 1U);
  EXPECT_EQ(other.ask(kRemoteLocal, 0, other.last_id).type, kRemoteLocalResponse);
  EXPECT_EQ(holder.query("*OPC?"), "1\n");
  on_server([&](HislipServer& server) { EXPECT_TRUE(enabled(server)) << "the lock is held"; });
  EXPECT_EQ(holder.unlock(), 1U);
  EXPECT_TRUE(eventually([&](HislipServer& server) { return !enabled(server); }));
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
