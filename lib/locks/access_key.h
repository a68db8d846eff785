// SPDX-License-Identifier: MIT
// Makes access keys for shared locks that the program requests without a key. Any thread.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace visa::locks {

/// A key unique among all hosts (rule 3.6.16): a random GUID, written as 36 characters.
/// error_system_error when the kernel cannot give random numbers.
Result<std::string> generate_access_key();

}  // namespace visa::locks
