// SPDX-License-Identifier: MIT
// The environment as far as it may be believed. A program that runs with more rights than the user
// who started it (set-user-ID, set-group-ID, file capabilities) has an environment of that user's
// making: a path in it would be read or written with the rights of another. Any thread, as long as
// the program changes no environment variable meanwhile.
#pragma once

namespace visa {

/// The value of the variable; null where it is not set or not to be believed.
const char* trusted_getenv(const char* name) noexcept;

}  // namespace visa
