// SPDX-License-Identifier: MIT
// What follows from the attempts; the attempts themselves are in conformance/clients/doctor.
#include "tools/freevisa/doctor/instrument_checks.h"

#include <gmock/gmock.h>

namespace visa::tool {
namespace {

using ::testing::HasSubstr;
using Level = Finding::Level;

const Attempt kAnswers{"TCPIP0::a::inst0::INSTR", "VXI-11", true, "A,B,C,D", ""};
const Attempt kRefuses{"TCPIP0::a::5026::SOCKET", "SOCKET, port 5026", false, "", "refused"};
const Attempt kSilent{"TCPIP0::a::5025::SOCKET", "SOCKET, port 5025", true, "",
                      "no answer to *IDN?"};

TEST(InstrumentChecks, InstrumentThatAnswersIsGood) {
  const auto found = judge({kAnswers, kRefuses}, "a", true);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].level, Level::good);
  EXPECT_THAT(found[0].text, HasSubstr("A,B,C,D"));
}

TEST(InstrumentChecks, OtherWayThatAnswersIsTheFix) {
  const auto found = judge({kRefuses, kSilent, kAnswers}, "a", true);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.back().level, Level::problem);
  EXPECT_EQ(found.back().fix, "use TCPIP0::a::inst0::INSTR, which answers");
}

TEST(InstrumentChecks, FixSaysWhatIsThereAndWhatIsNot) {
  EXPECT_THAT(judge({kSilent, kRefuses}, "a", true).back().fix,
              HasSubstr("the connection is there"));
  EXPECT_THAT(judge({kRefuses}, "a", true).back().fix, HasSubstr("a is on, but no instrument"));
  EXPECT_THAT(judge({kRefuses}, "a", false).back().fix, HasSubstr("nothing at a answers"));
}

}  // namespace
}  // namespace visa::tool
