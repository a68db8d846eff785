// SPDX-License-Identifier: MIT
// The families of this build. Constant data: any thread.
#pragma once

#include <span>

#include "drivers/gpib/dongle/dongle.h"

namespace visa::drivers::gpib::dongle {

/// In the order in which their adapters get board numbers.
std::span<const Family* const> families() noexcept;

}  // namespace visa::drivers::gpib::dongle
