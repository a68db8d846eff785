// SPDX-License-Identifier: MIT
// The bundled multimeter: its meter, and what its file adds.
#include "tools/sim/description/meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/bundled.h"
#include "tools/sim/description/described_instrument.h"

namespace visa::sim {
namespace {

class MultimeterTest : public ::testing::Test {
 protected:
  double value(std::string_view query) { return std::stod(ask(query)); }
  DescribedInstrument dmm{bundled_description("dmm")};
  Asking ask{dmm};
};

TEST_F(MultimeterTest, ShortAndLongFormsAskTheSame) {
  for (const char* const query :
       {"MEASure:VOLTage:DC?", "MEAS:VOLT?", "meas:voltage?", ":MEAS:VOLT:DC? AUTO"}) {
    EXPECT_NEAR(value(query), 4.9987, 0.001) << query;
  }
}

TEST_F(MultimeterTest, EveryFunctionMeasures) {
  for (const char* const function : {"VOLT:AC", "CURR", "CURR:AC", "RES", "FRES", "FREQ"}) {
    EXPECT_GT(value("MEAS:" + std::string(function) + "?"), 0) << function;
  }
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(MultimeterTest, ConfigureSelectsTheRangeThatHoldsTheValue) {
  ask("CONF:VOLT:DC 5");
  EXPECT_EQ(ask("CONF?"), "\"VOLT +1.00000000E+01,+3.00000000E-06\"");
  EXPECT_EQ(ask("VOLT:RANG?;RANG:AUTO?"), "+1.00000000E+01;0");
  EXPECT_EQ(ask("SENS:VOLT:RANG 100 mV;RANG?"), "+1.00000000E-01");
  EXPECT_EQ(ask("VOLT:RANG MAX;RANG?"), "+1.00000000E+03");
  EXPECT_EQ(ask("VOLT:RANG:AUTO ON;AUTO?"), "1");
}

TEST_F(MultimeterTest, RangeBeyondTheInstrumentIsRefused) {
  ask("CONF:VOLT 5000");
  EXPECT_EQ(ask("SYST:ERR?"), "-222,\"Data out of range;CONF:VOLT\"");
  EXPECT_EQ(ask("MEAS:VOLT? FOO"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-224,\"Illegal parameter value;MEAS:VOLT?\"");
  EXPECT_EQ(ask("MEAS:TEMP?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-113,\"Undefined header;MEAS:TEMP?\"");
}

TEST_F(MultimeterTest, OverloadAnswersTheNumberScpiPrescribesAndSaysSoInTheStatus) {
  ask("CONF:VOLT 0.1");
  EXPECT_EQ(value("READ?"), 9.9e37);
  EXPECT_EQ(ask("STAT:QUES:COND?"), "1");
  ask("SIM:INP -0.05");
  EXPECT_NEAR(value("READ?"), -0.05, 1e-5);
  EXPECT_EQ(ask("STAT:QUES:COND?;EVEN?"), "0;1");
}

TEST_F(MultimeterTest, SampleCountGivesAList) {
  ask("CONF:RES;:SAMP:COUN 5");
  const std::string list = ask("READ?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 4);
  EXPECT_EQ(ask("FETC?"), list) << "the same readings again";
}

TEST_F(MultimeterTest, BusTriggerTakesTheReadings) {
  ask("CONF:VOLT;:TRIG:SOUR BUS;:SAMP:COUN 2;:INIT");
  EXPECT_EQ(ask("TRIG:SOUR?"), "BUS");
  EXPECT_EQ(ask("FETC?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-230,\"Data corrupt or stale;FETC?\"");
  ask("INIT");
  EXPECT_EQ(ask("SYST:ERR?"), "-213,\"Init ignored;INIT\"");
  ask("*TRG");
  const std::string list = ask("FETC?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 1);
  ask("*TRG");
  EXPECT_EQ(ask("SYST:ERR?"), "-211,\"Trigger ignored\"");
  EXPECT_EQ(ask("READ?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-214,\"Trigger deadlock;READ?\"");
}

TEST_F(MultimeterTest, FunctionSwitchesTheMeter) {
  EXPECT_EQ(ask("FUNC?"), "\"VOLT\"");
  for (const char* const name : {"CURR", "CURRent:DC", "curr:dc", "CURRENT"}) {
    ask("FUNC \"VOLT\"");
    ask("SENS:FUNC:ON '" + std::string(name) + "'");
    EXPECT_EQ(ask("SENSe:FUNCtion?"), "\"CURR\"") << name;
    EXPECT_NEAR(value("READ?"), 0.012345, 1e-6) << name;
  }
  ask("FUNC 'VOLT:AC'");
  EXPECT_NEAR(value("READ?"), 0.56568, 1e-5);
  for (const char* const wrong :
       {"'TEMP'", "'VOLT:DC?'", "'VOLT 5'", "'VOLT;RES'", "''", "'*RST'"}) {
    ask("FUNC " + std::string(wrong));
    EXPECT_EQ(ask("SYST:ERR?"), "-224,\"Illegal parameter value;FUNC\"") << wrong;
  }
  ask("FUNC VOLT");
  EXPECT_EQ(ask("SYST:ERR?"), "-104,\"Data type error;FUNC\"");
  EXPECT_EQ(ask("FUNC?;:CONF?").substr(0, 18), "\"VOLT:AC\";\"VOLT:AC");
}

TEST_F(MultimeterTest, FunctionKeepsItsSettingsAndDropsTheReadings) {
  ask("VOLT:RANG 100;:SAMP:COUN 2;:READ?;:FUNC 'RES'");
  EXPECT_EQ(ask("FETC?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-230,\"Data corrupt or stale;FETC?\"");
  const std::string list = ask("FUNC 'VOLT';:READ?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 1);
  EXPECT_EQ(ask("VOLT:RANG?;RANG:AUTO?"), "+1.00000000E+02;0");
}

TEST_F(MultimeterTest, RangeOnceHoldsWhatIsConnected) {
  ask("VOLT:RANG 1000;RANG:AUTO ONCE");
  EXPECT_EQ(ask("VOLT:RANG?;RANG:AUTO?"), "+1.00000000E+01;0");
}

TEST_F(MultimeterTest, EveryTriggerTakesItsSamples) {
  ask("TRIG:COUN 3;:SAMP:COUN 2");
  std::string list = ask("READ?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 5);
  EXPECT_EQ(ask("DATA:POIN?"), "6");
  ask("TRIG:SOUR BUS;:TRIG:COUN 2;:INIT;*TRG");
  EXPECT_EQ(ask("DATA:POIN?"), "2");
  ask("*TRG");
  list = ask("FETC?");
  EXPECT_EQ(std::count(list.begin(), list.end(), ','), 3);
  EXPECT_EQ(ask("SYST:ERR?"), "0,\"No error\"");
  ask("*TRG");
  EXPECT_EQ(ask("SYST:ERR?"), "-211,\"Trigger ignored\"") << "both have come";
}

TEST_F(MultimeterTest, TriggersWithoutEndFillTheMemoryAndNoMore) {
  EXPECT_EQ(ask("TRIG:COUN INF;COUN?"), "+9.90000000E+37");
  EXPECT_EQ(ask("READ?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-221,\"Settings conflict;READ?\"");
  EXPECT_EQ(ask("INIT;:DATA:POIN?"), "10000");
  ask("TRIG:SOUR BUS;:SAMP:COUN 7000;:INIT;*TRG;*TRG;*TRG");
  EXPECT_EQ(ask("DATA:POIN?"), "10000") << "the newest";
  EXPECT_EQ(ask("ABOR;:TRIG:SOUR IMM;:TRIG:COUN MAX;COUN?"), "+1.00000000E+06");
  EXPECT_EQ(ask("READ?"), "");
  EXPECT_EQ(ask("SYST:ERR?"), "-321,\"Out of memory;READ?\"");
  EXPECT_EQ(ask("CONF:VOLT;:TRIG:COUN?"), "+1.00000000E+00");
}

TEST(Integration, GivesTheResolutionAndIsChosenByIt) {
  DescribedInstrument dmm{bundled_description("keysight_34461a")};
  Asking ask{dmm};
  EXPECT_EQ(ask("VOLT:NPLC?;:VOLT:RES?"), "+1.00000000E+01;+1.00000000E-05");
  EXPECT_EQ(ask("VOLT:DC:NPLC 0.02;NPLC?;:VOLT:RES?"), "+2.00000000E-02;+1.00000000E-03");
  EXPECT_EQ(ask("VOLT:NPLC 5;NPLC?"), "+1.00000000E+01") << "no less than was asked for";
  EXPECT_EQ(ask("VOLT:RES 3e-05;:VOLT:NPLC?"), "+1.00000000E+00");
  EXPECT_EQ(ask("VOLT:RANG 1;RES MIN;NPLC?;RES?"), "+1.00000000E+02;+3.00000000E-07");
  EXPECT_EQ(ask("VOLT:NPLC? MIN;NPLC? MAX;NPLC? DEF"),
            "+2.00000000E-02;+1.00000000E+02;+1.00000000E+01");
  EXPECT_EQ(ask("SYST:ERR?"), "+0,\"No error\"");
  ask("VOLT:RES 1e-9;:VOLT:NPLC 101");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "+2");
  EXPECT_EQ(ask("CONF:VOLT 10,1e-4;:CONF?"), "\"VOLT +1.00000000E+01,+1.00000000E-04\"");
  EXPECT_EQ(ask("VOLT:NPLC?;:CURR:NPLC?"), "+2.00000000E-01;+1.00000000E+01");
  EXPECT_EQ(ask("CONF:VOLT DEF,DEF;:VOLT:NPLC?"), "+1.00000000E+01");
}

TEST_F(MultimeterTest, ResetRestoresTheSettings) {
  ask("CONF:RES 100;:TRIG:SOUR BUS;:SAMP:COUN 9;:DISP:TEXT 'busy';*RST");
  EXPECT_EQ(ask("CONF?;:TRIG:SOUR?;:SAMP:COUN?;:DISP:TEXT?"),
            "\"VOLT +1.00000000E+01,+3.00000000E-06\";IMM;+1.00000000E+00;\"\"");
}

TEST_F(MultimeterTest, DisplayTakesTextInEitherQuote) {
  EXPECT_EQ(ask("DISP:TEXT 'it''s';TEXT?"), "\"it's\"");
  EXPECT_EQ(ask("DISP:TEXT \"a \"\"b\"\"\";TEXT?"), "\"a \"\"b\"\"\"");
  ask("DISP:TEXT 5");
  EXPECT_EQ(ask("SYST:ERR?"), "-104,\"Data type error;DISP:TEXT\"");
}

}  // namespace
}  // namespace visa::sim
