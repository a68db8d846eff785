// SPDX-License-Identifier: MIT
// The screen of an oscilloscope of Tektronix. Their families differ: some send the picture as the
// answer to a command, others write it to a file first, which is read and deleted then.
// From Tektronix' programming manuals and examples; tried with the bench alone. One thread.
#pragma once

#include <string>
#include <string_view>

#include "tools/freevisa/exchange.h"
#include "tools/freevisa/progress.h"

namespace visa::tool {

enum class TektronixFamily : unsigned char {
  saves,     ///< 2, 4, 5, 6 Series MSO: SAVe:IMAGe to a file
  exports,   ///< with Windows (DPO5000 to DPO70000, TDS5000 to TDS7000): HARDCopy to a file
  sends,     ///< MSO, DPO and MDO 2000 to 4000, MDO3, TBS2000: HARDCopy sends it
  hardcopy,  ///< TDS, TPS, THS, TBS1000: HARDCopy sends it to the port that is named
};
/// By the second field of *IDN?: "MSO58", "TDS 2024B".
TektronixFamily tektronix_family(std::string_view model);

/// The picture, as it came. Throws VisaFailure.
std::string tektronix_screen(Instrument& scope, std::string_view model, Progress* progress);

}  // namespace visa::tool
