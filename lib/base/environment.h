// SPDX-License-Identifier: MIT
// Reads the environment only when it can be trusted. A program that runs with more rights than the
// user who started it (set-user-ID, set-group-ID, file capabilities) has an environment chosen by
// that user: the program would read or write a path from it with rights that the user does not
// have. Any thread, as long as the program changes no environment variable meanwhile.
#pragma once

namespace visa {

/// The value of the variable; null when it is not set or cannot be trusted.
const char* trusted_getenv(const char* name) noexcept;

}  // namespace visa
