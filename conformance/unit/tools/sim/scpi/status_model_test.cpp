// SPDX-License-Identifier: MIT
// The SCPI status groups: condition, transition filters, event, enable (SCPI-99 volume 1 chapter 9,
// volume 2 chapter 20).
#include "tools/sim/scpi/status_model.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/bundled.h"
#include "tools/sim/description/described_instrument.h"

namespace visa::sim {
namespace {

TEST(StatusGroup, FiltersSayWhichTransitionIsAnEvent) {
  StatusGroup group;
  group.set_condition(3, true);
  group.set_condition(3, false);
  EXPECT_EQ(group.event, 3) << "at the start what comes is one and what goes is none";
  group.event = 0;
  group.positive = 1;
  group.negative = 2;
  group.set_condition(3, true);
  EXPECT_EQ(group.event, 1);
  group.event = 0;
  group.set_condition(3, false);
  EXPECT_EQ(group.event, 2);
  group.set_condition(3, false);
  EXPECT_EQ(group.event, 2) << "no transition";
  group.positive = 4;
  group.negative = 4;
  group.event = 0;
  group.set_condition(4, true);
  EXPECT_EQ(group.event, 4);
  group.event = 0;
  group.set_condition(4, false);
  EXPECT_EQ(group.event, 4) << "both ways";
}

class StatusCommandsTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::string of_group(const std::string& rest) { return ask("STAT:" + GetParam() + rest); }
  DescribedInstrument instrument{bundled_description("psu")};
  Asking ask{instrument};
};

TEST_P(StatusCommandsTest, FiltersHaveDefaultsRangesAndQueries) {
  EXPECT_EQ(of_group(":PTR?;NTR?"), "32767;0");
  EXPECT_EQ(of_group(":PTRansition 1;NTRansition #H7FFE;PTR?;NTR?"), "1;32766");
  EXPECT_EQ(of_group(":PTR 32768"), "");
  EXPECT_EQ(of_group(":NTR -1"), "");
  EXPECT_EQ(of_group(":NTR 0,0"), "");
  EXPECT_EQ(ask("SYST:ERR:COUN?"), "3");
  EXPECT_EQ(ask("SYST:ERR?").substr(0, 4), "-222");
  EXPECT_EQ(of_group(":PTR?;NTR?"), "1;32766") << "refused";
  ask("*RST;*CLS");
  EXPECT_EQ(of_group(":PTR?;NTR?"), "1;32766") << "neither touches them";
  of_group(":ENAB 5");
  ask("STAT:PRES");
  EXPECT_EQ(of_group(":PTR?;NTR?;ENAB?"), "32767;0;0");
}

INSTANTIATE_TEST_SUITE_P(Groups, StatusCommandsTest, ::testing::Values("QUES", "OPER"),
                         [](const auto& each) { return each.param; });

TEST(StatusCommands, EndOfAConditionRequestsServiceWhereItIsAskedFor) {
  DescribedInstrument generator{bundled_description("fgen")};
  Asking ask{generator};
  ask("*CLS;*SRE 8;:STAT:QUES:ENAB 1;PTR 0;NTR 1");
  ask("VOLT 10;VOLT:OFFS 5");  // more than the output can give
  EXPECT_EQ(ask("STAT:QUES:COND?;EVEN?"), "1;0");
  EXPECT_FALSE(ask.link().service_requested());
  ask("VOLT:OFFS 0");
  EXPECT_TRUE(ask.link().service_requested());
  EXPECT_EQ(ask("STAT:QUES:COND?;EVEN?;EVEN?"), "0;1;0");
}

}  // namespace
}  // namespace visa::sim
