// SPDX-License-Identifier: MIT
// The one place where errno of a socket becomes a VISA status and a text for the user (style rule
// 13). strerror is not used: its texts are in the user's language, and details must be ASCII.
// Constants and pure functions: any thread.
#pragma once

#include <string_view>

#include "lib/base/status.h"

namespace visa::drivers {

struct ErrorText {
  Status status;
  std::string_view cause;
  std::string_view advice;  // what the user can do; may be empty
};

/// Why a connection could not be made, in the statuses of viOpen.
ErrorText connect_error(int error) noexcept;

/// Why a send or receive failed. error_conn_lost is permanent.
ErrorText transfer_error(int error) noexcept;

}  // namespace visa::drivers
