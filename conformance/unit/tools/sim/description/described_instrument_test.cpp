// SPDX-License-Identifier: MIT
// What a file says is what an instrument does.
#include "tools/sim/description/described_instrument.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/bundled.h"

namespace visa::sim {
namespace {

constexpr std::string_view kFile = R"(
[instrument]
name = "x"
identity = "Maker,Model,0,1"
options = "A,B"
[[property]]
name = "level"
header = ["LEVel", "[SOURce:]AMPLitude"]
type = "number"
unit = "V"
min = -10
max = 10
default = 1
format = "f3"
errors = { range = -221, choice = -108 }
status = [ { register = "operation", bit = 3 } ]
[[property]]
name = "count"
header = "COUNt#"
count = 3
type = "integer"
min = 0
max = 100
default = [1, 2, 3]
[[property]]
name = "label"
header = "LABel"
type = "string"
longest = 5
default = "abc"
[[property]]
name = "mode"
header = "MODE"
type = "choice"
choices = ["FAST", "SLOW", "AUTOmatic"]
default = "SLOW"
errors = { type = -128 }
[[property]]
name = "serial"
header = "SERial"
type = "integer"
min = 0
max = 99999
default = 42
read_only = true
[[property]]
name = "cable"
header = "CABLe"
type = "boolean"
default = true
keeps_on_reset = true
[[channel]]
prefix = "INPut"
count = 2
  [[channel.property]]
  name = "gain"
  header = "GAIN"
  type = "number"
  min = 0
  max = 100
  default = [1, 10]
  [[channel.dialogue]]
  query = "READ?"
  answer = "{channel|d}:{level * gain|f1}"
  [[channel.command]]
  header = "DOUBle"
  set = { gain = "gain * 2" }
[[dialogue]]
query = "ALL?"
answer = "{label|quoted},{mode},{level},{count[2]|d},{{}}"
[[dialogue]]
query = "BROKen?"
error = -300
[[dialogue]]
query = "SYSTem:VERSion?"
answer = "2026.0"
[[dialogue]]
query = "WITH?"
arguments = 2
answer = "yes"
[[command]]
header = "APPLy"
parameters = ["level", "mode", "label"]
required = 1
[[command]]
header = "ZERO"
reset = ["level", "count"]
[[command]]
header = "PREset"
reset = true
keep = ["label"]
[[command]]
header = "ALARm"
service_request = true
status = [ { register = "standard", bit = 6 }, { register = "questionable", bit = 2 } ]
[[command]]
header = "CALM"
status = [ { register = "questionable", bit = 2, on = false } ]
[[status]]
register = "operation"
bit = 0
when = "level > 5 or gain[2] > 50"
)";

class DescribedInstrumentTest : public ::testing::Test {
 protected:
  DescribedInstrument instrument{read_description(kFile, "x.toml")};
  Asking ask{instrument};
};

TEST_F(DescribedInstrumentTest, NumbersHaveUnitsFormatAndErrorsOfTheirOwn) {
  EXPECT_EQ(ask("*IDN?;*OPT?"), "Maker,Model,0,1;A,B");
  EXPECT_EQ(ask("LEV 250 mV;LEV?"), "+0.250");
  EXPECT_EQ(ask("SOURCE:AMPLITUDE -2.5;:AMPL?"), "-2.500");
  EXPECT_EQ(ask("LEV? MAX;:LEV? DEF"), "+10.000;+1.000");
  ask("LEV 11;:LEV FOO;:LEV 1 A;:LEV 'x';:COUN 5 V");
  EXPECT_EQ(ask("SYST:ERR?;ERR?;ERR?;ERR?;ERR?"),
            "-221,\"Settings conflict;LEV\";-108,\"Parameter not allowed;:LEV\";"
            "-131,\"Invalid suffix;:LEV\";-104,\"Data type error;:LEV\";"
            "-138,\"Suffix not allowed;:COUN\"");
}

TEST_F(DescribedInstrumentTest, SuffixSelectsTheChannel) {
  EXPECT_EQ(ask("COUN?;COUN2?;COUNT3?"), "1;2;3");
  EXPECT_EQ(ask("COUN2 7.6;COUN2?;COUN1?"), "8;1");
  EXPECT_EQ(ask("COUN4?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-114,\"Header suffix out of range;COUN4?\"");
}

TEST_F(DescribedInstrumentTest, StringsAndChoices) {
  EXPECT_EQ(ask("LAB 'it''s';LAB?"), "\"it's\"");
  EXPECT_EQ(ask("LAB 'longer';LAB?"), "\"it's\"");
  EXPECT_EQ(ask("MODE AUTO;MODE?;MODE FAST;MODE?"), "AUTO;FAST");
  EXPECT_EQ(ask("MODE MEDIUM;MODE 5;MODE?"), "FAST");
  EXPECT_EQ(ask("SYST:ERR?;ERR?;ERR?"),
            "-223,\"Too much data;LAB\";-224,\"Illegal parameter value;MODE\";"
            "-128,\"Device-specific error;MODE\"");
}

TEST_F(DescribedInstrumentTest, ReadOnlyIsAsked) {
  EXPECT_EQ(ask("SER?"), "42");
  ask("SER 1");
  EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;SER\"");
}

TEST_F(DescribedInstrumentTest, ChannelsRepeatTheBlock) {
  EXPECT_EQ(ask("INP1:GAIN?;:INPUT2:GAIN?;:INP:GAIN?"),
            "+1.00000000E+00;+1.00000000E+01;+1.00000000E+00");
  EXPECT_EQ(ask("LEV 2;:INP1:READ?;:INP2:READ?"), "1:+2.0;2:+20.0");
  EXPECT_EQ(ask("INP2:DOUB;GAIN?"), "+2.00000000E+01");
  EXPECT_EQ(ask("INP1:GAIN?"), "+1.00000000E+00");
  ask("INP3:GAIN 1");
  EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;INP3:GAIN\"");
}

TEST_F(DescribedInstrumentTest, DialoguesAnswerWithValues) {
  EXPECT_EQ(ask("ALL?"), "\"abc\",SLOW,+1.000,2,{}");
  EXPECT_EQ(ask("SYST:VERS?"), "2026.0") << "the file's answer and not the built-in one";
  EXPECT_EQ(ask("BROK?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-300,\"Device-specific error;BROK?\"");
  EXPECT_EQ(ask("WITH? 1,(@2);WITH?"), "yes;yes");
}

TEST_F(DescribedInstrumentTest, CommandTakesAllItsParametersOrNone) {
  ask("APPL 3,FAST,'ab'");
  EXPECT_EQ(ask("LEV?;MODE?;LAB?"), "+3.000;FAST;\"ab\"");
  ask("APPL 4");
  EXPECT_EQ(ask("LEV?;MODE?"), "+4.000;FAST");
  ask("APPL 5,WRONG");
  EXPECT_EQ(ask("LEV?"), "+4.000") << "nothing of a refused command is taken";
  ask("APPL;:APPL 1,FAST,'x',2");
  EXPECT_EQ(ask("SYST:ERR?;ERR?;ERR?"),
            "-224,\"Illegal parameter value;APPL\";-109,\"Missing parameter;APPL\";"
            "-108,\"Parameter not allowed;:APPL\"");
}

TEST_F(DescribedInstrumentTest, ResetsReachWhatTheyName) {
  ask("LEV 9;:COUN2 50;:LAB 'zz';:CABL 0;:MODE FAST");
  ask("ZERO");
  EXPECT_EQ(ask("LEV?;COUN2?;LAB?"), "+1.000;2;\"zz\"");
  ask("PRE");
  EXPECT_EQ(ask("LAB?;MODE?;CABL?"), "\"zz\";SLOW;0");
  ask("*RST");
  EXPECT_EQ(ask("LAB?;CABL?"), "\"abc\";0") << "a cable stays where it is";
}

TEST_F(DescribedInstrumentTest, ConditionsFollowTheSettings) {
  EXPECT_EQ(ask("STAT:OPER:COND?"), "0");
  ask("LEV 6");
  EXPECT_EQ(ask("STAT:OPER:COND?"), "9") << "bit 0 by the condition, bit 3 by the property";
  ask("LEV 1;:INP2:GAIN 60");
  EXPECT_EQ(ask("STAT:OPER:COND?"), "9");
  ask("INP2:GAIN 1");
  EXPECT_EQ(ask("STAT:OPER:COND?"), "8");
}

TEST_F(DescribedInstrumentTest, ConditionRequestsServiceWhenItIsEnabled) {
  ask("*CLS;STAT:OPER:ENAB 1;*SRE 128");
  EXPECT_FALSE(ask.link().service_requested());
  ask("LEV 6");
  EXPECT_TRUE(ask.link().service_requested());
  EXPECT_EQ(ask.link().serial_poll() & 0xC0, 0xC0);
}

TEST_F(DescribedInstrumentTest, CommandSetsBitsAndRequestsService) {
  Asking other(instrument);
  ask("*CLS;ALAR");
  EXPECT_TRUE(ask.link().service_requested());
  EXPECT_TRUE(other.link().service_requested());
  EXPECT_EQ(ask("*ESR?;STAT:QUES:COND?"), "64;4");
  EXPECT_EQ(ask("CALM;STAT:QUES:COND?;EVEN?"), "0;4");
}

TEST_F(DescribedInstrumentTest, TriggerWithoutUseIsIgnored) {
  ask("*TRG");
  EXPECT_EQ(ask("SYST:ERR?"), "-211,\"Trigger ignored\"");
}

TEST(BundledInstruments, PowerSupplyHoldsTheCurrent) {
  DescribedInstrument psu{bundled_description("psu")};
  Asking ask{psu};
  const auto late = [&ask](std::string_view line) {
    ask.send(std::string(line) + "\n");
    ask.link().release(Clock::time_point::max());
    return ask.answer();
  };
  late("SOUR2:VOLT 5;CURR 1;:SIM2:LOAD 10;:OUTP2 ON");
  EXPECT_NEAR(std::stod(late("MEAS2:VOLT?")), 5, 0.001);
  EXPECT_NEAR(std::stod(late("MEAS2:CURR?")), 0.5, 0.0001);
  EXPECT_EQ(late("STAT:QUES:COND?;:STAT:OPER:COND?"), "0;256");
  late("SIM2:LOAD 1");
  EXPECT_NEAR(std::stod(late("MEAS2:VOLT?")), 1, 0.001);
  EXPECT_EQ(late("STAT:QUES:COND?"), "2");
  late("*RST");
  EXPECT_EQ(late("OUTP2?;:MEAS2:VOLT?"), "0;+0.0000");
}

TEST(BundledInstruments, FunctionGeneratorGivesItsOutputInEveryCoding) {
  DescribedInstrument fgen{bundled_description("fgen")};
  Asking ask{fgen};
  ask("APPL:SQU 1 kHz,2,0.5;:SIM:POIN 100;PER 1;:FORM:BORD SWAP");
  const std::string list = ask("SIM:OUTP?");
  EXPECT_NEAR(std::stod(list), 1.5, 0.01);
  const auto second_half = [&ask](const char* coding, std::size_t size) {
    ask(std::string("FORM ") + coding);
    const std::string answer = ask("SIM:OUTP?");
    EXPECT_EQ(answer.size(), 2 + std::to_string(100 * size).size() + 100 * size) << coding;
    return answer.substr(answer.size() - size);
  };
  double wide = 0;
  std::memcpy(&wide, second_half("DOUB", 8).data(), 8);
  EXPECT_NEAR(wide, -0.5, 0.01);
  float real = 0;
  std::memcpy(&real, second_half("REAL", 4).data(), 4);
  EXPECT_NEAR(real, -0.5, 0.01);
  std::int32_t integer = 0;
  std::memcpy(&integer, second_half("INT32", 4).data(), 4);
  EXPECT_NEAR(integer * (10 / 2147483647.0), -0.5, 0.01);
  EXPECT_NEAR(static_cast<signed char>(second_half("INT8", 1)[0]) * (10 / 127.0), -0.5, 0.1);
  ask("FORM:BORD NORM");
  const std::string big = second_half("INT16", 2);
  const auto word = static_cast<std::int16_t>(static_cast<unsigned char>(big[0]) << 8 |
                                              static_cast<unsigned char>(big[1]));
  EXPECT_NEAR(word * (10 / 32767.0), -0.5, 0.01);
  EXPECT_EQ(ask("STAT:QUES:COND?;:VOLT 10;:STAT:QUES:COND?"), "0;1")
      << "looked at after each command";
  EXPECT_EQ(ask("STAT:QUES:COND?"), "1");
}

// As drivers of two-channel generators and of others say it.
TEST(BundledInstruments, FunctionGeneratorTakesOtherWordsForTheSame) {
  DescribedInstrument fgen{bundled_description("fgen")};
  Asking ask{fgen};
  EXPECT_EQ(ask("SOUR1:FUNC PULS;FREQ 2000;:SOUR:FREQ?;:FREQ?;:FUNC?"),
            "+2.00000000E+03;+2.00000000E+03;PULS");
  EXPECT_EQ(ask("SOUR2:FREQ?;:SYST:ERR?"), "-114,\"Header suffix out of range;SOUR2:FREQ?\"");
  EXPECT_EQ(ask("VOLT:HIGH 3;LOW -1;HIGH?;LOW?;:VOLT?;VOLT:OFFS?"),
            "+3.00000000E+00;-1.00000000E+00;+4.00000000E+00;+1.00000000E+00");
  EXPECT_EQ(ask("FUNC:PULS:PER 1 ms;PER?;WIDT 0.25 ms;WIDT?;DCYC?;:FREQ?"),
            "+1.00000000E-03;+2.50000000E-04;+2.50000000E+01;+1.00000000E+03");
  EXPECT_EQ(ask("VOLT:UNIT Vpp;UNIT?;:OUTP1 ON;:OUTP?"), "VPP;1");
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST(BundledInstruments, WorkedExampleKnowsWhatProgramsSend) {
  DescribedInstrument dmm{bundled_description("keysight_34461a")};
  Asking ask{dmm};
  ask("*RST;*CLS;:CONF:VOLT:DC 10,0.001;:VOLT:DC:NPLC 1;:SAMP:COUN 3;:TRIG:SOUR IMM");
  ask.send("READ?\n");
  EXPECT_EQ(ask.answer(), "") << "a reading takes time";
  ask.link().release(Clock::time_point::max());
  EXPECT_EQ(ask.answer().size(), 3 * 16 - 1U);
  EXPECT_EQ(ask("SENS:VOLT:DC:NPLC?;:SYST:VERS?;:ROUT:TERM?"), "+1.00000000E+00;1994.0;FRON");
  EXPECT_EQ(ask("SYST:ERR?"), "+0,\"No error\"");
}

TEST(BundledInstruments, WorkedExampleAnswersIntegersWhereTheInstrumentDoes) {
  DescribedInstrument dmm{bundled_description("keysight_34461a")};
  Asking ask{dmm};
  EXPECT_EQ(ask("*CLS;*ESE 48;*ESE?;*SRE?;*ESR?;*STB?;*TST?"), "+48;+0;+0;+16;+0");
  EXPECT_EQ(ask("SAMP:COUN 3;COUN?;COUN? MAX"), "+3;+100000");
  EXPECT_EQ(ask("TRIG:COUN?;:DATA:POIN?;:SYST:LFR?"), "+1.00000000E+00;+0;+50");
  EXPECT_EQ(ask("STAT:QUES:PTR?;NTR?"), "+32767;+0");
  EXPECT_EQ(ask("FOO;:SYST:ERR?"), "-113,\"Undefined header;FOO\"");
  EXPECT_EQ(ask("*OPC?;:VOLT:RANG:AUTO?;:DISP?"), "1;1;1") << "no numbers, no sign";
}

TEST(BundledInstruments, WorkedExampleTakesAutozeroOnce) {
  DescribedInstrument dmm{bundled_description("keysight_34461a")};
  Asking ask{dmm};
  EXPECT_EQ(ask("ZERO:AUTO?;:SENS:CURR:DC:ZERO:AUTO?;:RES:ZERO:AUTO?"), "1;1;1");
  EXPECT_EQ(ask("ZERO:AUTO ONCE;AUTO?;:VOLT:ZERO:AUTO?"), "0;0");
  EXPECT_EQ(ask("DISP ONCE;:SYST:ERR?"), "-224,\"Illegal parameter value;DISP\"");
  EXPECT_EQ(ask("TRIG:DEL 0.5;DEL?;DEL:AUTO?"), "+5.00000000E-01;0");
}

}  // namespace
}  // namespace visa::sim
