// SPDX-License-Identifier: MIT
// The errors that a HiSLIP server reports (IVI-6.1, tables 13 and 15), as VISA statuses and texts.
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "drivers/hislip/hislip_message.h"
#include "lib/base/status.h"

namespace visa::drivers::hislip {

/// What the instrument reported in a FatalError or Error: the meaning of the code, and `text`,
/// which is the instrument's own.
std::string describe(const Header& header, std::string_view text);

/// The status of viOpen for a FatalError or Error before the session is there.
Status open_status(const Header& header) noexcept;

/// Whether an Error says that the instrument does not know what it was asked for.
bool not_supported(const Header& header) noexcept;

}  // namespace visa::drivers::hislip
