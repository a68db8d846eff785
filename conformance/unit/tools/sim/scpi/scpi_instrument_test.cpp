// SPDX-License-Identifier: MIT
// Common commands, status model and message exchange, by the clauses of IEEE 488.2 and SCPI-99.
#include "tools/sim/scpi/scpi_instrument.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/scpi/block.h"

namespace visa::sim {
namespace {

// As little as an instrument can be.
class Plain : public ScpiInstrument {
 public:
  Plain() : ScpiInstrument("Maker,Model,Serial,Version") {
    add_number("LEVel#[:VALue]", level_);
    commands().add("BIG?", [](Command& command) { command.answer(std::string(1 << 20, 'x')); });
    commands().add("SUFFix#?", [](Command& command) {
      if (const auto number = command.suffix(0, 4)) {
        command.answer_integer(static_cast<std::int64_t>(*number));
      }
    });
    commands().add("BLOCk?", [this](Command& command) {
      command.answer_block(pool_.make(5, [](std::string& bytes) { bytes = "a\nb;c"; }));
    });
  }
  using ScpiInstrument::status;
  int resets = 0;
  int triggers = 0;

 protected:
  void reset() override { ++resets; }
  void on_trigger() override { ++triggers; }

 private:
  NumberSetting level_{1, 0, 10, 1};
  BlockPool pool_{1000};
};

class ScpiInstrumentTest : public ::testing::Test {
 protected:
  Plain instrument;
  Asking ask{instrument};
};

TEST_F(ScpiInstrumentTest, IdentityInAnyCase) {
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,Serial,Version");
  EXPECT_EQ(ask("  *idn?\r"), "Maker,Model,Serial,Version");
}

TEST_F(ScpiInstrumentTest, ResetAndTriggerReachTheInstrument) {
  EXPECT_EQ(ask("*RST"), "");
  EXPECT_EQ(instrument.resets, 1);
  EXPECT_EQ(ask("*TRG;*TRG"), "");
  EXPECT_EQ(instrument.triggers, 2);
  ask.link().trigger();
  EXPECT_EQ(instrument.triggers, 3);
}

TEST_F(ScpiInstrumentTest, SelfTestAndOperationComplete) {
  EXPECT_EQ(ask("*TST?"), "0");
  EXPECT_EQ(ask("*OPC?"), "1");
  EXPECT_EQ(ask("*ESR?"), "128") << "power on; *OPC? sets no bit";
  EXPECT_EQ(ask("*OPC;*WAI;*ESR?"), "1");
}

TEST_F(ScpiInstrumentTest, EventStatusIsClearedByReading) {
  EXPECT_EQ(ask("*ESR?"), "128");
  EXPECT_EQ(ask("*ESR?"), "0");
  ask("NONSENSE");
  EXPECT_EQ(ask("*ESR?"), "32");
  ask("LEV 11");
  EXPECT_EQ(ask("*ESR?"), "16");
}

TEST_F(ScpiInstrumentTest, EnableRegistersKeepTheirBits) {
  EXPECT_EQ(ask("*ESE 60;*ESE?"), "60");
  EXPECT_EQ(ask("*SRE 255;*SRE?"), "191") << "bit 6 cannot be enabled";
  EXPECT_EQ(ask("*ESE 256;*ESE?"), "60");
  EXPECT_EQ(ask("SYST:ERR?"), "-222,\"Data out of range;*ESE\"");
  EXPECT_EQ(ask("*SRE -1;*SRE?"), "191");
}

TEST_F(ScpiInstrumentTest, StatusByteSumsUpWhatIsEnabled) {
  EXPECT_EQ(ask("*CLS;*STB?"), "0");
  ask("*ESE 32;FOO");
  EXPECT_EQ(ask("*STB?"), std::to_string(4 + 32));
  ask("*SRE 32");
  EXPECT_EQ(ask("*STB?"), std::to_string(4 + 32 + 64)) << "MSS";
  EXPECT_EQ(ask("*IDN?;*STB?"), "Maker,Model,Serial,Version;" + std::to_string(4 + 16 + 32 + 64))
      << "MAV: an answer is in the queue";
  ask("*CLS");
  EXPECT_EQ(ask("*STB?;*ESE?;*SRE?"), "0;32;32") << "*CLS leaves the enable registers";
}

TEST_F(ScpiInstrumentTest, SerialPollClearsTheRequestAndNotTheStatus) {
  ask("*CLS;*ESE 32;*SRE 32");
  EXPECT_EQ(ask.link().serial_poll(), 0);
  ask("FOO");
  EXPECT_TRUE(ask.link().service_requested());
  EXPECT_EQ(ask.link().serial_poll(), 4 + 32 + 64);
  EXPECT_EQ(ask.link().serial_poll(), 4 + 32);
  ask("BAR");
  EXPECT_EQ(ask.link().serial_poll(), 4 + 32) << "no new reason while the old one stands";
  ask("*ESR?");
  ask("BAR");
  EXPECT_EQ(ask.link().serial_poll(), 4 + 32 + 64);
}

TEST_F(ScpiInstrumentTest, EveryLinkGetsItsOwnServiceRequest) {
  Asking other(instrument);
  ask("*CLS;*ESE 32;*SRE 32;FOO");
  EXPECT_TRUE(ask.link().service_requested());
  EXPECT_TRUE(other.link().service_requested());
  EXPECT_EQ(other.link().serial_poll() & 0x40, 0x40);
  EXPECT_TRUE(ask.link().service_requested());
}

TEST_F(ScpiInstrumentTest, MessageAvailableRequestsServiceOnTheLinkThatHasIt) {
  Asking asker(instrument, Exchange::strict);
  ask("*CLS;*SRE 16");
  asker.send("*IDN?\n");
  EXPECT_EQ(asker.link().serial_poll(), 16 + 64);
  EXPECT_EQ(ask.link().serial_poll(), 0);
}

TEST_F(ScpiInstrumentTest, ErrorQueueIsFirstInFirstOut) {
  EXPECT_EQ(ask("SYSTem:ERRor:NEXT?"), "0,\"No error\"");
  ask("FOO:BAR 1");
  ask("*ESE");
  ask("*RST 1");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "3");
  EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;FOO:BAR\"");
  EXPECT_EQ(ask("syst:err?"), "-109,\"Missing parameter;*ESE\"");
  EXPECT_EQ(ask("SYSTEM:ERROR?"), "-108,\"Parameter not allowed;*RST\"");
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(ScpiInstrumentTest, FullErrorQueueEndsInOverflow) {
  for (int i = 0; i < 100; ++i) {
    ask("FOO");
  }
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "20");
  EXPECT_EQ(ask("*ESR?"), std::to_string(128 + 32 + 8)) << "the overflow is a device error";
  for (int i = 0; i < 19; ++i) {
    EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;FOO\"");
  }
  EXPECT_EQ(ask("SYST:ERR?"), "-350,\"Queue overflow\"");
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(ScpiInstrumentTest, ErrorTextIsOneLineWhateverTheHeaderWas) {
  ask("A\x01\"\xFF 1");
  EXPECT_EQ(ask("SYST:ERR?").find_first_of("\x01\xFF\n"), std::string::npos);
  ask(std::string(5000, 'A'));
  EXPECT_LT(ask("SYST:ERR?").size(), 270U);
}

TEST_F(ScpiInstrumentTest, AnswersOfOneMessageShareALine) {
  ask.send("*OPC?;*TST?;*OPC?\n*TST?\n");
  EXPECT_EQ(ask.answer(), "1;0;1\n0");
}

TEST_F(ScpiInstrumentTest, NumbersObeyTheirRange) {
  EXPECT_EQ(ask("LEV 2.5;LEV?"), "+2.50000000E+00");
  EXPECT_EQ(ask("LEVel1:VALue MAX;VALue?"), "+1.00000000E+01");
  EXPECT_EQ(ask("LEV? MIN;:LEV? DEF"), "+0.00000000E+00;+1.00000000E+00");
  ask("*CLS;LEV 10.1;:LEV 'x';:LEV FOO;:LEV 1..2");
  EXPECT_EQ(ask("SYST:ERR?;ERR?;ERR?;ERR?"),
            "-222,\"Data out of range;LEV\";-104,\"Data type error;:LEV\";"
            "-224,\"Illegal parameter value;:LEV\";-121,\"Invalid character in number;:LEV\"");
}

TEST_F(ScpiInstrumentTest, NumericSuffixHasARange) {
  EXPECT_EQ(ask("SUFF?;:SUFFIX3?"), "1;3");
  EXPECT_EQ(ask("SUFF5?;:SUFF0?;:SUFF99999999999?"), "");
  EXPECT_EQ(ask("SYST:ERR:COUN?;:SYST:ERR?"), "3;-114,\"Header suffix out of range;SUFF5?\"");
}

TEST_F(ScpiInstrumentTest, BlockAnswerIsDefiniteLength) {
  EXPECT_EQ(ask("*OPC?;BLOC?;*OPC?"), "1;#15a\nb;c;1");
}

TEST_F(ScpiInstrumentTest, StatusGroupsReportTransitions) {
  ask("*CLS;STAT:QUES:ENAB 1");
  instrument.status().questionable.set_condition(1, true);
  EXPECT_EQ(ask("*STB?"), "8");
  EXPECT_EQ(ask("STAT:QUES:COND?;EVEN?;EVEN?;ENAB?"), "1;1;0;1");
  instrument.status().questionable.set_condition(1, true);
  EXPECT_EQ(ask("STAT:QUES?"), "0") << "no transition";
  EXPECT_EQ(ask("STAT:PRES;:STAT:QUES:ENAB?"), "0");
  instrument.status().operation.set_condition(4, true);
  EXPECT_EQ(ask("STAT:OPER:ENAB 4;:STATus:OPERation:EVENt?"), "4");
}

TEST_F(ScpiInstrumentTest, NewMessageInterruptsAnUnreadAnswer) {
  Asking strict(instrument, Exchange::strict);
  strict.send("*IDN?\n");
  strict.send("*OPC?\n");
  EXPECT_EQ(strict.answer(), "1") << "the first answer is gone";
  EXPECT_EQ(ask("*ESR?"), std::to_string(128 + 4));
  EXPECT_EQ(ask("SYST:ERR?"), "-410,\"Query INTERRUPTED\"");
}

TEST_F(ScpiInstrumentTest, PartlyReadAnswerIsInterruptedToo) {
  Asking strict(instrument, Exchange::strict);
  strict.send("*IDN?", true);
  EXPECT_EQ(strict.link().read(5).bytes, "Maker");
  strict.send("*OPC?", true);
  const auto part = strict.link().read(100);
  EXPECT_EQ(part.bytes, "1\n");
  EXPECT_TRUE(part.end);
  EXPECT_EQ(ask("SYST:ERR?"), "-410,\"Query INTERRUPTED\"");
}

TEST_F(ScpiInstrumentTest, OnAStreamAnswersFollowOneAnother) {
  ask.send("*IDN?\n");
  ask.send("*OPC?\n");
  EXPECT_EQ(ask.answer(), "Maker,Model,Serial,Version\n1");
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(ScpiInstrumentTest, ReadingWithNothingAskedIsUnterminated) {
  Asking strict(instrument, Exchange::strict);
  EXPECT_EQ(strict.link().read(100).bytes, "");
  EXPECT_EQ(ask("SYST:ERR?"), "-420,\"Query UNTERMINATED\"");
}

TEST_F(ScpiInstrumentTest, OutputThatGrowsWithoutBoundIsDeadlocked) {
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += "BIG?;";
  }
  EXPECT_EQ(ask(many), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-430,\"Query DEADLOCKED\"");
  EXPECT_EQ(ask("*OPC?"), "1") << "the link goes on";
}

TEST_F(ScpiInstrumentTest, MessageLongerThanTheInputBufferIsRefused) {
  EXPECT_EQ(ask("*IDN? " + std::string(2 << 20, 'x')), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-363,\"Input buffer overrun\"");
  EXPECT_EQ(ask("*OPC?"), "1");
}

TEST_F(ScpiInstrumentTest, DeviceClearEmptiesQueuesAndKeepsStatusAndSettings) {
  Asking strict(instrument, Exchange::strict);
  ask("*ESE 32;FOO");
  strict.send("LEV 3;");
  strict.link().device_clear();
  strict.send("*IDN?\n");
  strict.link().device_clear();
  EXPECT_EQ(strict.answer(), "");
  EXPECT_EQ(ask("*ESE?;:SYST:ERR:COUN?"), "32;1") << "no INTERRUPTED, no half command";
  strict.send("*OPC?", true);
  EXPECT_EQ(strict.answer(), "1");
}

TEST_F(ScpiInstrumentTest, LinksShareTheInstrumentAndNotTheirAnswers) {
  Asking other(instrument);
  ask("LEV 7");
  other.send("LEV?\n");
  EXPECT_EQ(ask.answer(), "");
  EXPECT_EQ(other.answer(), "+7.00000000E+00");
}

}  // namespace
}  // namespace visa::sim
