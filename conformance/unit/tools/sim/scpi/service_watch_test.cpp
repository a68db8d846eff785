// SPDX-License-Identifier: MIT
// When service is requested: at each rise of the master summary status, however many one message
// has, on each link that sees it.
#include "tools/sim/scpi/service_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/described_instrument.h"

namespace visa::sim {
namespace {

std::shared_ptr<const Description> described() {
  return read_description(R"toml(
[instrument]
name = "x"
identity = "Maker,Model,0,1"
[[property]]
name = "level"
header = "LEVel"
type = "number"
min = 0
max = 10
default = 0
[[dialogue]]
query = "LATE?"
answer = "late"
delay_ms = 3600000
[[command]]
header = "ALARm"
service_request = true
[[status]]
register = "operation"
bit = 0
when = "level > 5"
)toml",
                          "x.toml");
}

class ServiceWatchTest : public ::testing::Test {
 protected:
  // Counts the requests, as a wire with a service request line sends them.
  struct Wire : LinkEvents {
    void on_service_request() override { ++requests; }
    int requests = 0;
  };
  void send(std::string_view message) {
    const std::string line = std::string(message) + "\n";
    link.receive(line, false);
  }
  std::string answer() { return link.output().take(1000).bytes; }

  DescribedInstrument instrument{described()};
  Wire wire;
  Link link{instrument, Exchange::strict, &wire};
};

TEST_F(ServiceWatchTest, MessageThatClearsAndSetsTheReasonRequestsEachTime) {
  for (int i = 1; i <= 3; ++i) {
    send("*CLS;*ESE 1;*SRE 32;*OPC");
    EXPECT_EQ(wire.requests, i);
    EXPECT_EQ(link.serial_poll(), 0x60) << "message " << i;
    EXPECT_EQ(link.serial_poll(), 0x20);
  }
}

TEST_F(ServiceWatchTest, RequestIsMadeAgainWithoutAPollInBetween) {
  send("*CLS;*ESE 1;*SRE 32;*OPC");
  send("*CLS;*ESE 1;*SRE 32;*OPC");
  EXPECT_EQ(wire.requests, 2);
  EXPECT_EQ(link.serial_poll(), 0x60);
}

TEST_F(ServiceWatchTest, ReasonThatStandsRequestsOnce) {
  send("*CLS;*ESE 1;*SRE 32;*OPC;*OPC;*OPC");
  send("*OPC");
  EXPECT_EQ(wire.requests, 1);
}

TEST_F(ServiceWatchTest, QueryThatTakesTheReasonAwayAllowsANewOne) {
  send("*CLS;*ESE 1;*SRE 32;*OPC");
  EXPECT_EQ(link.serial_poll(), 0x60);
  send("*ESR?;*OPC");
  EXPECT_EQ(answer(), "1\n");
  EXPECT_EQ(wire.requests, 2);
  EXPECT_EQ(link.serial_poll(), 0x60);
}

TEST_F(ServiceWatchTest, ReasonThatComesAndGoesInOneMessageWasARequest) {
  send("*CLS;*ESE 1;*SRE 32;*OPC;*ESR?");
  EXPECT_EQ(wire.requests, 1);
  EXPECT_EQ(answer(), "1\n");
  EXPECT_EQ(link.serial_poll(), 0) << "withdrawn with its reason";
}

TEST_F(ServiceWatchTest, ErrorQueueThatIsEmptiedAndFilledRequestsAgain) {
  send("*CLS;*SRE 4;FOO");
  EXPECT_EQ(link.serial_poll(), 0x44);
  send(":SYST:ERR?;:BAR");
  EXPECT_EQ(answer(), "-113,\"Undefined header;FOO\"\n");
  EXPECT_EQ(wire.requests, 2);
  EXPECT_EQ(link.serial_poll(), 0x44);
}

TEST_F(ServiceWatchTest, EnableRegisterThatBecomesTrueIsAReason) {
  send("*CLS;*ESE 1;*OPC");
  EXPECT_EQ(wire.requests, 0);
  send("*SRE 32");
  EXPECT_EQ(wire.requests, 1);
  send("*SRE 0;*SRE 32");
  EXPECT_EQ(wire.requests, 2);
  send("*ESE 0;*ESE 1");
  EXPECT_EQ(wire.requests, 3);
  send("*SRE 0");
  EXPECT_EQ(link.serial_poll(), 0x20) << "nobody may ask for service any more";
}

TEST_F(ServiceWatchTest, EveryAnswerIsAReasonAgain) {
  send("*CLS;*SRE 16");
  for (int i = 1; i <= 2; ++i) {
    send("*IDN?");
    EXPECT_EQ(wire.requests, i);
    EXPECT_EQ(link.serial_poll(), 0x50);
    EXPECT_EQ(answer(), "Maker,Model,0,1\n");
  }
  EXPECT_EQ(link.serial_poll(), 0);
  send("*IDN?");
  EXPECT_EQ(answer(), "Maker,Model,0,1\n");
  EXPECT_EQ(link.serial_poll(), 0) << "fetched before the poll: no reason is left";
}

TEST_F(ServiceWatchTest, InterruptedAnswerMakesRoomForItsErrorAsAReason) {
  send("*CLS;*SRE 20;*IDN?");
  EXPECT_EQ(link.serial_poll(), 0x50);
  send("*ESE 0");  // drops the answer: -410
  EXPECT_EQ(wire.requests, 2);
  EXPECT_EQ(link.serial_poll(), 0x44);
}

TEST_F(ServiceWatchTest, AnswerThatComesLaterIsAReasonWhenItIsThere) {
  send("*CLS;*SRE 16;LATE?");
  EXPECT_EQ(wire.requests, 0);
  EXPECT_EQ(link.serial_poll(), 0);
  link.release(Clock::now() + std::chrono::hours(2));
  EXPECT_EQ(wire.requests, 1);
  EXPECT_EQ(link.serial_poll(), 0x50);
  EXPECT_EQ(answer(), "late\n");
}

TEST_F(ServiceWatchTest, PartOfALateAnswerIsNotThereBeforeIt) {
  send("*CLS;*SRE 16;*IDN?;:LATE?");
  EXPECT_EQ(link.serial_poll(), 0);
  EXPECT_EQ(wire.requests, 0) << "the first part was never to be had alone";
  link.release(Clock::now() + std::chrono::hours(2));
  EXPECT_EQ(wire.requests, 1);
}

TEST_F(ServiceWatchTest, OtherLinksSeeTheSameRises) {
  Wire beside;
  Link other(instrument, Exchange::strict, &beside);
  send("*CLS;*ESE 1;*SRE 48;*OPC");
  EXPECT_EQ(beside.requests, 1);
  send("*CLS;*OPC");
  EXPECT_EQ(beside.requests, 2);
  EXPECT_EQ(other.serial_poll(), 0x60);
  // With an answer of its own the other has a reason all the time.
  send("*CLS");
  other.receive("*IDN?\n", false);
  EXPECT_EQ(beside.requests, 3);
  const int before = wire.requests;
  send("*OPC;*CLS;*OPC");
  EXPECT_EQ(beside.requests, 3);
  EXPECT_EQ(wire.requests, before + 1);
  EXPECT_EQ(other.serial_poll(), 0x70);
  // It fetches its answer between two messages of the first: the next reason is new to it.
  send("*CLS");
  EXPECT_EQ(other.output().take(1000).bytes, "Maker,Model,0,1\n");
  send("*OPC");
  EXPECT_EQ(beside.requests, 4);
}

TEST_F(ServiceWatchTest, ConditionsAreLookedAtAfterEachCommand) {
  send("*CLS;*SRE 128;:STAT:OPER:ENAB 1;:LEV 6;LEV 1");
  EXPECT_EQ(wire.requests, 1);
  send("STAT:OPER?;:LEV 7");
  EXPECT_EQ(answer(), "1\n");
  EXPECT_EQ(wire.requests, 2);
  EXPECT_EQ(link.serial_poll(), 0xC0);
}

TEST_F(ServiceWatchTest, CommandThatRequestsServiceNeedsNoReason) {
  send("*CLS;ALAR");
  EXPECT_EQ(wire.requests, 1);
  EXPECT_EQ(link.serial_poll(), 0x40);
  EXPECT_EQ(link.serial_poll(), 0);
  send("*ESE 1;*SRE 32;*OPC");
  link.serial_poll();
  send("*CLS;ALAR");
  EXPECT_EQ(link.serial_poll(), 0x40) << "although the other reason has just gone";
}

}  // namespace
}  // namespace visa::sim
