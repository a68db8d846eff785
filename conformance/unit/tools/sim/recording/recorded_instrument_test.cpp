// SPDX-License-Identifier: MIT
// What a client of a recorded instrument sees: the answers in their order, and errors for what was
// not recorded.
#include "tools/sim/recording/recorded_instrument.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tools/sim/engine/link.h"

namespace visa::sim {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

RecordedExchange exchange(std::string message, std::vector<std::string> answers) {
  RecordedExchange one;
  one.message = std::move(message);
  for (std::string& answer : answers) {
    one.answers.push_back(std::make_shared<const std::string>(std::move(answer)));
  }
  return one;
}

class RecordedInstrumentTest : public ::testing::Test {
 protected:
  RecordedInstrumentTest() {
    Recording recording;
    recording.name = "dmm";
    recording.exchanges = {exchange("*IDN?", {"A,B,C,D\n"}), exchange("READ?", {"1\n"}),
                           exchange("READ?", {"2\n"}), exchange("OUTP ON", {}),
                           exchange("TWO?", {"a\n", "b\n"})};
    RecordedExchange secret = exchange("L:PSK *****", {"0\n"});
    secret.secret = 6;
    RecordedExchange polled = exchange("*OPC", {});
    polled.status = {0, 0x60};
    RecordedExchange trigger = exchange("", {"3\n"});
    trigger.kind = RecordedExchange::Kind::trigger;
    RecordedExchange clear = exchange("", {});
    clear.kind = RecordedExchange::Kind::clear;
    clear.status = {4};
    recording.exchanges.insert(recording.exchanges.end(), {secret, polled, trigger, clear});
    instrument = std::make_unique<RecordedInstrument>(
        std::make_shared<const Recording>(std::move(recording)));
    instrument->set_remark([this](std::string_view text) { remarks.emplace_back(text); });
    link = std::make_unique<Link>(*instrument, Exchange::strict);
  }
  std::string ask(std::string_view message, bool end = true) {
    link->receive(message, end);
    return link->output().empty() ? "" : link->read(1000000).bytes;
  }
  std::unique_ptr<RecordedInstrument> instrument;
  std::unique_ptr<Link> link;
  std::vector<std::string> remarks;
};

TEST_F(RecordedInstrumentTest, AnswersComeInTheirOrderAndTheLastAgain) {
  EXPECT_EQ(ask("READ?"), "1\n");
  EXPECT_EQ(ask("*IDN?\n"), "A,B,C,D\n");
  EXPECT_EQ(ask("READ?\r\n"), "2\n");
  EXPECT_EQ(ask("READ?"), "2\n");
  EXPECT_EQ(ask("OUTP ON"), "");
  EXPECT_TRUE(remarks.empty());
}

TEST_F(RecordedInstrumentTest, SeveralAnswersOfOneMessageAreSeveralMessages) {
  link->receive("TWO?", true);
  const auto first = link->read(100);
  EXPECT_EQ(first.bytes, "a\n");
  EXPECT_TRUE(first.end);
  EXPECT_EQ(link->read(100).bytes, "b\n");
}

TEST_F(RecordedInstrumentTest, WhatWasNotRecordedIsAnErrorAndARemark) {
  EXPECT_EQ(ask("MEAS \"x\"?"), "-113,\"Undefined header;not in the recording: MEAS .x.?\"\n");
  EXPECT_EQ(ask("OUTP OFF"), "");
  EXPECT_THAT(ask("syst:err?"), HasSubstr("not in the recording: OUTP OFF"));
  EXPECT_THAT(ask("SYST:ERR?"), HasSubstr("not in the recording: SYST:ERR?")) << "was not recorded";
  ASSERT_EQ(remarks.size(), 3u);
  EXPECT_EQ(remarks[1], "not in the recording: 'OUTP OFF'");
}

TEST_F(RecordedInstrumentTest, SecretDoesNotCountWhenMessagesAreCompared) {
  EXPECT_EQ(ask("L:PSK hunter2\n"), "0\n");
  EXPECT_EQ(ask("L:PSK x"), "0\n");
  EXPECT_TRUE(remarks.empty());
}

TEST_F(RecordedInstrumentTest, PollsSeeWhatPollsSawThen) {
  EXPECT_EQ(link->serial_poll(), 0);
  link->receive("*OPC", true);
  EXPECT_EQ(link->serial_poll(), 0);
  EXPECT_EQ(link->serial_poll(), 0x60);
  EXPECT_EQ(link->serial_poll(), 0x60);
  link->receive("READ?", true);
  EXPECT_EQ(link->serial_poll(), 0x10) << "nothing was recorded here: a message is available";
  link->device_clear();
  EXPECT_EQ(link->serial_poll(), 4);
}

TEST_F(RecordedInstrumentTest, TriggerIsAnExchange) {
  link->trigger();
  EXPECT_EQ(link->read(10).bytes, "3\n");
}

TEST_F(RecordedInstrumentTest, ServiceIsRequestedWhenItWasThen) {
  Recording recording;
  RecordedExchange one = exchange("GO", {});
  one.service_requests = {0ms, 3600000ms};
  recording.exchanges = {one};
  RecordedInstrument other(std::make_shared<const Recording>(std::move(recording)));
  Link client(other, Exchange::strict);
  client.receive("GO", true);
  ASSERT_TRUE(other.due());
  other.on_due(Clock::now());
  EXPECT_TRUE(client.service_requested());
  EXPECT_GT(*other.due(), Clock::now() + 1000s);
}

TEST_F(RecordedInstrumentTest, MessagesMayEndByAnotherCharacter) {
  Recording recording;
  recording.terminator = '\r';
  recording.exchanges = {exchange("A?", {"1\r"}), exchange("B?", {"2\r"})};
  RecordedInstrument other(std::make_shared<const Recording>(std::move(recording)));
  Link client(other, Exchange::stream);
  client.receive("A?\rB?\r", false);
  EXPECT_EQ(client.read(10).bytes, "1\r");
  EXPECT_EQ(client.read(10).bytes, "2\r");
}

TEST_F(RecordedInstrumentTest, TooLongMessageIsNoted) {
  instrument->refuse_long_message(*link);
  EXPECT_EQ(remarks.size(), 1u);
}

}  // namespace
}  // namespace visa::sim
