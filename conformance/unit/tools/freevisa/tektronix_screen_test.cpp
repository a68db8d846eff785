// SPDX-License-Identifier: MIT
// The commands themselves are tried with the bench, in conformance/clients/command.
#include "tools/freevisa/tektronix_screen.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(TektronixScreen, FamilyGoesByTheModel) {
  using Family = TektronixFamily;
  for (const auto* const model :
       {"MSO22", "MSO44B", "MSO58", "MSO58LP", "LPD64", "mso64b", "DPO714AX"})
    EXPECT_EQ(tektronix_family(model), Family::saves) << model;
  for (const auto* const model : {"DPO7054C", "MSO5204B", "DPO70404C", "MSO72004", "DSA72004D",
                                  "TDS5104B", "TDS 7154", "TDS6604", "CSA7404"})
    EXPECT_EQ(tektronix_family(model), Family::exports) << model;
  for (const auto* const model :
       {"MSO2024B", "DPO3034", "DPO4104B-L", "MDO3024", "MDO34", "MDO4104C", "TBS2204B"})
    EXPECT_EQ(tektronix_family(model), Family::sends) << model;
  for (const auto* const model : {"TDS 210", "TDS 2024B", "TDS3054B", "TDS 754D", "TPS2024",
                                  "TBS1102", "THS720", "CSA 803", "", "?"})
    EXPECT_EQ(tektronix_family(model), Family::hardcopy) << model;
}

}  // namespace
}  // namespace visa::tool
