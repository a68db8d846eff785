// SPDX-License-Identifier: MIT
// The numbered rules at the head of pyvisa_instrument.cpp.
#include "tools/sim/scpi/pyvisa_instrument.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/description/asking.h"

namespace visa::sim {
namespace {

class PyvisaInstrumentTest : public ::testing::Test {
 protected:
  PyvisaInstrument instrument;
  Asking ask{instrument, Exchange::strict};
};

TEST_F(PyvisaInstrumentTest, rule_1_EndAloneDoesNotEndALine) {
  ask("RECEIVE");
  ask.send("test\r", true);
  ask.send("\r", true);
  ask.send("\n", true);
  EXPECT_EQ(ask("SEND"), "test\r\r");
}

TEST_F(PyvisaInstrumentTest, rule_2_CommandsAreStripped) {
  ask.send("  RECEIVE \r\n");
  ask.send("data\n");
  ask.send("\r\nSEND\r\n");
  EXPECT_EQ(ask.answer(), "data");
}

TEST_F(PyvisaInstrumentTest, rule_2_IdentityNamesKeysightAndAnswersOnlyThat) {
  EXPECT_NE(ask("*IDN?").find("Keysight "), std::string::npos);
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(ask("*OPC?"), "");
  EXPECT_EQ(ask("receive"), "");
}

TEST_F(PyvisaInstrumentTest, rule_2_SlowAnswerComesAfterItsDelay) {
  ask("RCVSLOWSRQ");
  ask("slow");
  EXPECT_EQ(ask("SENDSLOWSRQ"), "");
  ASSERT_TRUE(instrument.due());
  const auto due = *instrument.due();
  EXPECT_LE(due - Clock::now(), PyvisaInstrument::kSlowAnswer);
  instrument.on_due(due - std::chrono::milliseconds(1));
  EXPECT_EQ(ask.answer(), "");
  instrument.on_due(due);
  EXPECT_EQ(ask.answer(), "slow");
  EXPECT_FALSE(instrument.due());
}

TEST_F(PyvisaInstrumentTest, rule_3_NextLineIsStoredWithEveryByteItHas) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    if (byte != '\n') {
      all += static_cast<char>(byte);
    }
  }
  ask("RECEIVE");
  ask("SEND" + all);
  EXPECT_EQ(ask("SEND"), "SEND" + all);
  ask("RECEIVE");
  ask("#15SEND");
  EXPECT_EQ(ask("SEND"), "#15SEND") << "a block header means nothing here";
}

TEST_F(PyvisaInstrumentTest, rule_4_SendReplacesUnreadOutput) {
  ask("RECEIVE");
  ask("one");
  ask.send("SEND\n");
  ask.send("SEND\n");
  EXPECT_EQ(ask.answer(), "one");
  ask.send("SEND\n");
  ask.send("\n");
  EXPECT_EQ(ask.answer(), "") << "any new message drops it";
}

TEST_F(PyvisaInstrumentTest, rule_5_LastByteOfTheMessageCarriesEnd) {
  ask("RECEIVE");
  ask("te");
  ask.send("SEND\n");
  auto part = ask.link().read(2);
  EXPECT_EQ(part.bytes, "te");
  EXPECT_FALSE(part.end);
  part = ask.link().read(1);
  EXPECT_EQ(part.bytes, "\n");
  EXPECT_TRUE(part.end);
}

TEST_F(PyvisaInstrumentTest, rule_7_DeviceClearDropsInputOutputAndMode) {
  ask("RECEIVE");
  ask("kept");
  ask.send("SEND\nRECEIVE\nhalf");
  ask.link().device_clear();
  EXPECT_EQ(ask.answer(), "");
  EXPECT_EQ(ask("SEND"), "kept") << "in command mode again, stored data is not output";
  ask("SENDSLOWSRQ");
  ask.link().device_clear();
  EXPECT_FALSE(instrument.due());
}

TEST_F(PyvisaInstrumentTest, rule_7_DeviceClearDropsARequestForService) {
  ask("SENDSLOWSRQ");
  instrument.on_due(*instrument.due());
  ask.link().device_clear();
  EXPECT_FALSE(ask.link().service_requested()) << "who enables requests now gets no old one";
}

TEST_F(PyvisaInstrumentTest, rule_8_EachSlowSendRequestsService) {
  for (int i = 0; i < 3; ++i) {
    ask("SENDSLOWSRQ");
    instrument.on_due(*instrument.due());
    EXPECT_TRUE(ask.link().service_requested()) << i;
    EXPECT_EQ(ask.link().serial_poll() & 0x40, 0x40);
    EXPECT_EQ(ask.link().serial_poll() & 0x40, 0);
  }
}

TEST_F(PyvisaInstrumentTest, AllLinksShareStoredData) {
  Asking other(instrument, Exchange::strict);
  ask("RECEIVE");
  other("from the other");
  EXPECT_EQ(ask("SEND"), "from the other");
}

TEST_F(PyvisaInstrumentTest, SlowAnswersGoToEveryLinkThatAsked) {
  Asking other(instrument, Exchange::stream);
  ask("RCVSLOWSRQ");
  ask("slow");
  ask.send("SENDSLOWSRQ\n");
  other.send("SENDSLOWSRQ\n");
  instrument.on_due(Clock::now() + PyvisaInstrument::kSlowAnswer);
  EXPECT_EQ(ask.answer(), "slow");
  EXPECT_EQ(other.answer(), "slow");
}

TEST_F(PyvisaInstrumentTest, ClientThatLeavesInTheMiddleLeavesCommandMode) {
  {
    Asking gone(instrument);
    gone("RECEIVE");
    gone("SENDSLOWSRQ is data");
    gone("SENDSLOWSRQ");
    gone("RECEIVE");
    EXPECT_TRUE(instrument.due());
  }
  EXPECT_FALSE(instrument.due());
  EXPECT_NE(ask("*IDN?"), "") << "a command again, not data";
}

TEST_F(PyvisaInstrumentTest, LineThatIsTooLongEndsTheWaitForIt) {
  ask("RECEIVE");
  ask(std::string(2 << 20, 'x'));
  EXPECT_NE(ask("*IDN?"), "");
}

}  // namespace
}  // namespace visa::sim
