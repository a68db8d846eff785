// SPDX-License-Identifier: MIT
// The one place where a Device_ErrorCode of VXI-11 becomes a VISA status and a text for the user
// (style rule 13). Constants and pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/status.h"

namespace visa::drivers::vxi11 {

/// The status of viOpen for an error of create_link.
Status open_status(std::uint32_t error) noexcept;

/// The status for an error of any other call; success for 0.
Status later_status(std::uint32_t error) noexcept;

/// "VXI-11 error 11: another link to the instrument holds its lock: ...".
std::string describe_error(std::uint32_t error);

}  // namespace visa::drivers::vxi11
