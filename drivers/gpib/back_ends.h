// SPDX-License-Identifier: MIT
// The back ends of this build. Constant data: any thread.
#pragma once

#include <span>

#include "drivers/gpib/back_end.h"

namespace visa::drivers::gpib {

/// All of them, in the order in which they are asked for boards of this computer.
std::span<const BackEnd* const> back_ends() noexcept;

}  // namespace visa::drivers::gpib
