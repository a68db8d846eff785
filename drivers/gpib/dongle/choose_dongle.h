// SPDX-License-Identifier: MIT
// Which dongle a board means. A pure function: any thread.
#pragma once

#include <cstdint>
#include <span>

#include "drivers/gpib/dongle/dongle.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::dongle {

/// With the setting `adapter` the dongle that it names, without it the one of that number.
/// error_rsrc_nfound, with those that are plugged in.
Result<Dongle> choose_dongle(std::span<const Dongle> dongles, const BoardRequest& request,
                             std::span<const std::uint16_t> kernel_boards, Call& call);

}  // namespace visa::drivers::gpib::dongle
