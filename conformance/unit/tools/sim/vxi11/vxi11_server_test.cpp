// SPDX-License-Identifier: MIT
// The VXI-11 server over real loopback connections: links, reads, writes, status, locks, abort,
// several devices. Its faults, the interrupt channel and the gateway have files of their own.
#include "tools/sim/vxi11/vxi11_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/vxi11/vxi11_fixture.h"

namespace visa::sim {
namespace {

using P = Vxi11Procedure;

TEST_F(Vxi11Test, EveryInstrumentHasAResourceThatNamesItsPorts) {
  EXPECT_EQ(bench.resource("pyvisa-vxi11"), "TCPIP0::127.0.0.1::inst0::INSTR");
  EXPECT_EQ(bench.resource("scope-vxi11"), "TCPIP0::127.0.0.1::inst2::INSTR");
  const std::string transport = "transport = { core_port = " + std::to_string(core) +
                                ", abort_port = " + std::to_string(vxi11_of(bench).abort_port());
  EXPECT_NE(bench.configuration().find(transport), std::string::npos) << bench.configuration();
}

TEST_F(Vxi11Test, QueryEndsWithEnd) {
  const auto link = client.create_link("inst1");
  EXPECT_EQ(link.error, 0U);
  EXPECT_EQ(link.link, 0U) << "the first link's number is 0, which clients took for none";
  EXPECT_EQ(link.abort_port, vxi11_of(bench).abort_port());
  EXPECT_EQ(link.max_receive, 1U << 20U);
  EXPECT_EQ(client.write(link.link, "*IDN?"), std::pair(0U, 5U));
  const auto answer = client.read(link.link);
  EXPECT_EQ(answer.error, 0U);
  EXPECT_EQ(answer.reason, 4U);
  EXPECT_EQ(answer.data, "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  EXPECT_EQ(client.destroy_link(link.link), 0U);
  EXPECT_EQ(client.destroy_link(link.link), 4U);
}

TEST_F(Vxi11Test, MessageMayComeInSeveralWritesAndEndsWithEnd) {
  const auto link = linked("inst1");
  EXPECT_EQ(client.write(link, "*ID", 0), std::pair(0U, 3U));
  EXPECT_EQ(client.write(link, "", 0), std::pair(0U, 0U));
  EXPECT_EQ(client.read(link, 100, 0).error, 15U);
  EXPECT_EQ(client.write(link, "N?"), std::pair(0U, 2U));
  EXPECT_EQ(client.read(link).data.substr(0, 8), "FreeVISA");
}

TEST_F(Vxi11Test, ReadEndsByCountByCharacterAndByEndAndSaysWhich) {
  const auto link = linked("inst1");
  client.write(link, "*IDN?");
  auto answer = client.read(link, 8);
  EXPECT_EQ(answer.data, "FreeVISA");
  EXPECT_EQ(answer.reason, 1U);
  answer = client.read(link, 100, 1000, Vxi11Client::kTermChar, 'V');
  EXPECT_EQ(answer.data, ",V");
  EXPECT_EQ(answer.reason, 2U);
  answer = client.read(link, 100, 1000, 0, 'i');
  EXPECT_EQ(answer.data.substr(0, 6), "irtual") << "without the flag the character means nothing";
  EXPECT_EQ(answer.reason, 4U);
  client.write(link, "*OPC?");
  answer = client.read(link, 2, 1000, Vxi11Client::kTermChar, '\n');
  EXPECT_EQ(answer.data, "1\n");
  EXPECT_EQ(answer.reason, 7U) << "all three at the last byte";
  EXPECT_EQ(client.read(link, 0).reason, 1U) << "no byte is enough for a request of none";
}

TEST_F(Vxi11Test, ReadWithoutAnswerTimesOutAfterItsTime) {
  const auto link = linked("inst1");
  const auto begin = Clock::now();
  const auto answer = client.read(link, 100, 50);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(50));
  EXPECT_EQ(answer.error, 15U);
  EXPECT_EQ(answer.reason, 0U);
  EXPECT_EQ(answer.data, "");
  EXPECT_EQ(client.query(link, "SYST:ERR?").substr(0, 4), "-420") << "UNTERMINATED";
}

TEST_F(Vxi11Test, AnswerThatTakesTimeIsWaitedFor) {
  const auto link = linked("inst3");
  client.write(link, "LATE?");
  EXPECT_EQ(client.read(link, 100, 1).error, 15U);
  EXPECT_EQ(client.read(link).data, "late\n");
  client.write(link, "SYST:ERR?");
  EXPECT_EQ(client.read(link).data, "0,\"No") << "an instrument at work was asked for something";
}

TEST_F(Vxi11Test, DataBeforeATimeoutComesWithIt) {
  Fault fault;
  fault.kind = &kTruncateFault;
  fault.bytes = 7;
  bench.on_bench_thread([&](Bench& b) { b.find("dmm")->instrument->faults().add(fault); });
  const auto link = linked("inst1");
  client.write(link, "*IDN?");
  const auto answer = client.read(link, 100, 30);
  EXPECT_EQ(answer.error, 15U);
  EXPECT_EQ(answer.reason, 0U);
  EXPECT_EQ(answer.data, "FreeVIS");
}

TEST_F(Vxi11Test, NewMessageDiscardsTheUnreadAnswer) {
  const auto link = linked("inst1");
  client.write(link, "*IDN?");
  EXPECT_EQ(client.query(link, "SYST:ERR?").substr(0, 4), "-410") << "INTERRUPTED";
}

TEST_F(Vxi11Test, ServerMayTakeLittleAndAnswerInPiecesWithoutReason) {
  const auto link = client.create_link("inst3");
  EXPECT_EQ(link.max_receive, 64U);
  EXPECT_EQ(client.write(link.link, std::string(65, 'A')).first, 5U);
  client.write(link.link, "*IDN?");
  std::vector<std::string> pieces;
  std::uint32_t reason = 0;
  while (reason == 0 && pieces.size() < 10) {
    const auto answer = client.read(link.link);
    EXPECT_EQ(answer.error, 0U);
    pieces.push_back(answer.data);
    reason = answer.reason;
  }
  EXPECT_EQ(pieces, (std::vector<std::string>{"A,B,1", ",1\n"}));
  EXPECT_EQ(reason, 4U);
}

TEST_F(Vxi11Test, LargeBlockComesInOneReply) {
  const auto link = linked("inst2");
  EXPECT_EQ(client.query(link, "WAV:POIN 1000000;FORM BYTE;*OPC?"), "1\n");
  const auto answer = [&] {
    client.write(link, "WAV:DATA?");
    return client.read(link, 64 << 20);
  }();
  EXPECT_EQ(answer.data.size(), 1000000U + 9 + 1);
  EXPECT_EQ(answer.data.substr(0, 9), "#71000000");
  EXPECT_EQ(answer.reason, 4U);
}

TEST_F(Vxi11Test, LongMessagesAreReceivedWhole) {
  const auto link = linked("inst0");
  client.write(link, "RECEIVE\n");
  const std::string line = std::string(900000, 'x') + "\n";
  EXPECT_EQ(client.write(link, line), std::pair(0U, 900001U));
  client.write(link, "SEND\n");
  EXPECT_EQ(client.read(link).data, line);
}

TEST_F(Vxi11Test, IdentityIsAskedWithoutLineFeedByProgramsThatLook) {
  const auto link = linked("inst0");
  EXPECT_NE(client.query(link, "*IDN?").find("Keysight "), std::string::npos);
  client.write(link, "RECEIVE\n");
  client.write(link, "test\r");
  client.write(link, "\n");
  EXPECT_EQ(client.query(link, "SEND\n"), "test\r\n") << "END alone ends no other line";
}

TEST_F(Vxi11Test, ClearTriggerStatusRemoteAndLocal) {
  const auto link = linked("inst1");
  EXPECT_EQ(client.query(link, "*SRE 16;*CLS;*OPC?"), "1\n");
  client.write(link, "*IDN?");
  Results poll = client.call(P::device_readstb, Vxi11Client::generic(link));
  EXPECT_EQ(poll.number(), 0U);
  EXPECT_EQ(poll.number(), 0x50U) << "RQS and message available";
  poll = client.call(P::device_readstb, Vxi11Client::generic(link));
  EXPECT_EQ(poll.number(), 0U);
  EXPECT_EQ(poll.number(), 0x10U) << "the poll has cleared RQS";
  EXPECT_EQ(client.simple(P::device_clear, link), 0U);
  EXPECT_EQ(client.read(link, 100, 10).error, 15U);
  EXPECT_EQ(client.simple(P::device_remote, link), 0U);
  EXPECT_EQ(client.simple(P::device_local, link), 0U);
  EXPECT_EQ(client.query(link, "CONF:VOLT;TRIG:SOUR BUS;:INIT;*CLS;*OPC?"), "1\n");
  EXPECT_EQ(client.simple(P::device_trigger, link), 0U);
  EXPECT_NE(client.query(link, "FETC?"), "");
  EXPECT_EQ(client
                .call(P::device_docmd, Arguments()
                                           .number(link)
                                           .number(0)
                                           .number(1000)
                                           .number(0)
                                           .number(0x020000)
                                           .number(1)
                                           .number(1)
                                           .opaque("\x3F"))
                .number(),
            8U);
}

TEST_F(Vxi11Test, NamesThatMeanNothingAreRefusedEachInItsWay) {
  EXPECT_EQ(client.create_link("inst9").error, 3U);
  EXPECT_EQ(client.create_link("in st").error, 1U);
  EXPECT_EQ(client.create_link("gpib0,31").error, 21U);
  EXPECT_EQ(client.create_link("gpib0,3").error, 3U);
  EXPECT_EQ(client.create_link("").error, 0U) << "inst0";
  EXPECT_EQ(client.create_link("INST1").error, 0U);
}

TEST_F(Vxi11Test, LockIsOfOneLinkAndDoesNotNest) {
  Vxi11Client other(core);
  const auto mine = linked("inst1");
  const auto theirs = linked(other, "inst1");
  const auto elsewhere = linked(other, "inst2");
  EXPECT_EQ(client.unlock(mine), 12U);
  EXPECT_EQ(client.lock(mine), 0U);
  EXPECT_EQ(client.lock(mine, Vxi11Client::kWaitLock, 60000), 11U) << "at once";
  EXPECT_EQ(other.lock(theirs), 11U);
  EXPECT_EQ(other.write(theirs, "*CLS").first, 11U);
  EXPECT_EQ(other.read(theirs).error, 11U);
  EXPECT_EQ(other.simple(P::device_readstb, theirs), 11U);
  EXPECT_EQ(other.simple(P::device_clear, theirs), 11U);
  EXPECT_EQ(other.simple(P::device_remote, theirs), 11U);
  EXPECT_EQ(other.unlock(theirs), 12U);
  EXPECT_EQ(other.create_link("inst1", true).error, 11U);
  EXPECT_EQ(other.create_link("inst1").error, 0U) << "a link that wants no lock ignores it";
  EXPECT_NE(other.query(elsewhere, "*IDN?"), "") << "the lock is of one device";
  EXPECT_NE(client.query(mine, "*IDN?"), "");
  EXPECT_EQ(client.unlock(mine), 0U);
  EXPECT_EQ(other.lock(theirs), 0U);
}

TEST_F(Vxi11Test, WaitForALockEndsWithItsTimeOrWithTheLock) {
  Vxi11Client other(core);
  const auto mine = linked("inst1");
  const auto theirs = linked(other, "inst1");
  EXPECT_EQ(client.lock(mine), 0U);
  const auto begin = Clock::now();
  EXPECT_EQ(other.lock(theirs, Vxi11Client::kWaitLock, 40), 11U);
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(40));
  const auto xid = other.start(
      P::device_write, Vxi11Client::write_arguments(
                           theirs, "*ESE 3", Vxi11Client::kEnd | Vxi11Client::kWaitLock, 60000));
  settle();
  EXPECT_EQ(client.unlock(mine), 0U);
  const auto reply = other.finish();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->xid, xid);
  EXPECT_EQ(other.query(theirs, "*ESE?"), "3\n") << "the data survived the wait";
}

TEST_F(Vxi11Test, LockVanishesWithItsLinkAndWithItsConnection) {
  auto owner = std::make_unique<Vxi11Client>(core);
  const auto first = owner->create_link("inst1", true);
  EXPECT_EQ(first.error, 0U);
  const auto mine = linked("inst1");
  client.start(P::device_lock,
               Arguments().number(mine).number(Vxi11Client::kWaitLock).number(60000));
  settle();
  owner->destroy_link(first.link);
  EXPECT_EQ(error_of(client), 0U);
  const auto again = linked(*owner, "inst1");
  owner->start(P::device_lock,
               Arguments().number(again).number(Vxi11Client::kWaitLock).number(60000));
  settle();
  owner.reset();  // gone while it waits: nobody gets a lock for it
  EXPECT_EQ(client.unlock(mine), 0U);
  const auto other = linked("inst1");
  const std::uint32_t error = client.lock(other, Vxi11Client::kWaitLock, 10000);
  EXPECT_EQ(error, 0U);
}

TEST_F(Vxi11Test, AbortEndsTheCallInProgressAndNothingElse) {
  RpcClient abort(vxi11_of(bench).abort_port());
  const auto link = linked("inst1");
  const auto aborted = [&](std::uint32_t which) {
    return abort.call(P::device_abort, Arguments().number(which)).number();
  };
  EXPECT_EQ(aborted(link), 0U) << "nothing in progress: no effect and no error";
  EXPECT_EQ(aborted(77), 4U);
  client.start(P::device_read, Vxi11Client::read_arguments(link, 100, 60000));
  settle();
  EXPECT_EQ(aborted(link), 0U);
  const auto answer = Vxi11Client::answer(client.finish()->results);
  EXPECT_EQ(answer.error, 23U);
  EXPECT_EQ(answer.data, "");
  EXPECT_NE(client.query(link, "*IDN?"), "") << "in step afterwards";
}

TEST_F(Vxi11Test, AbortEndsAWaitForALockAndKeepsDataReadSoFar) {
  RpcClient abort(vxi11_of(bench).abort_port());
  Vxi11Client other(core);
  const auto mine = linked("inst1");
  const auto theirs = linked(other, "inst1");
  EXPECT_EQ(client.lock(mine), 0U);
  other.start(P::device_lock,
              Arguments().number(theirs).number(Vxi11Client::kWaitLock).number(60000));
  settle();
  abort.call(P::device_abort, Arguments().number(theirs));
  EXPECT_EQ(error_of(other), 23U);
  Fault fault;
  fault.kind = &kTruncateFault;
  fault.bytes = 3;
  bench.on_bench_thread([&](Bench& b) { b.find("dmm")->instrument->faults().add(fault); });
  client.write(mine, "*IDN?");
  client.start(P::device_read, Vxi11Client::read_arguments(mine, 100, 60000));
  settle();
  abort.call(P::device_abort, Arguments().number(mine));
  EXPECT_EQ(Vxi11Client::answer(client.finish()->results).data, "Fre");
}

TEST_F(Vxi11Test, ClientThatGoesWhileItsCallWaitsIsNoticed) {
  {
    Vxi11Client gone(core);
    const auto link = gone.create_link("inst1", true);
    gone.start(P::device_read, Vxi11Client::read_arguments(link.link, 100, 3600000));
    settle();
  }
  const auto link = linked("inst1");
  EXPECT_EQ(client.lock(link, Vxi11Client::kWaitLock, 10000), 0U);
}

}  // namespace
}  // namespace visa::sim
