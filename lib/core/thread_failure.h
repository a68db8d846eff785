// SPDX-License-Identifier: MIT
// Why this thread's last operation on a session to the resource manager failed, for programs that
// ask viStatusDesc with VI_NULL: after a failed viOpen they have no session to ask. One slot per
// thread, of a fixed size and without a destructor: a thread of the host's ends without us.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace visa::core {

/// Keeps `detail` as the reason for `status` on this thread.
void note_thread_failure(Status status, std::string_view detail) noexcept;

/// A new operation on a manager begins: what the slot holds is out of date.
void forget_thread_failure() noexcept;

/// The text kept for `status`, "" when the slot is empty or about another status.
std::string thread_failure(Status status);

}  // namespace visa::core
