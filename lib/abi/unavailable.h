// SPDX-License-Identifier: MIT
// The honest answer of an operation this library does not have yet: a dead handle is told first,
// then VI_ERROR_NSUP_OPER. Never a success.
#pragma once

#include <visa.h>

namespace visa::abi {

/// `count` is the operation's transfer count, set to 0, or null.
ViStatus unavailable(const char* function, ViSession vi, ViPUInt32 count = nullptr);

}  // namespace visa::abi
