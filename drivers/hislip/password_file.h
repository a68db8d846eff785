// SPDX-License-Identifier: MIT
// Reads a password out of a file of its own. Any thread.
#pragma once

#include <string>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/secret.h"

namespace visa::drivers::hislip {

/// The first line of the file, at most 1024 bytes. error_inv_setup with the file in the detail: it
/// cannot be read, is no regular file, or holds no such line. The trace says where other users may
/// read it.
Result<Secret> read_password(const std::string& file, Call& call);

}  // namespace visa::drivers::hislip
