// SPDX-License-Identifier: MIT
// What a read or write of a session gives back. A value.
#pragma once

#include <cstddef>

#include "lib/base/status.h"

namespace visa::core {

/// `count` bytes were moved, whatever the status is: partial data belongs to the caller.
struct Transfer {
  Status status = Status::success;
  std::size_t count = 0;
  bool secret = false;  ///< for the trace: a read has brought a password
};

}  // namespace visa::core
