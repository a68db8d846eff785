// SPDX-License-Identifier: MIT
// Makes the keys of shared locks for which the program gave none. Any thread.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace visa::locks {

/// A key unique among all hosts (rule 3.6.16): a random GUID as 36 characters of text.
/// error_system_error when the kernel has no random numbers to give.
Result<std::string> generate_access_key();

}  // namespace visa::locks
