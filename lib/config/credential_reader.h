// SPDX-License-Identifier: MIT
// Reads the [[credential]] sections of one file. No message about them shows one of their values,
// so that a password in the wrong place does not end in a trace. Pure: any thread.
#pragma once

#include <string_view>
#include <vector>

#include "lib/config/problem_log.h"
#include "lib/spi/credential.h"

namespace visa::config {

/// No two of the same name; an entry with a wrong value is left out as a whole, because a
/// connection that is made with half of it would be less secure than the user wants. `file` is for
/// messages; `open_to_others`: other users of the computer may read it.
std::vector<spi::Credential> read_credentials(const tomlio::Entry& section, std::string_view file,
                                              bool open_to_others, ProblemLog& problems);

/// Every key of the table, for messages and tests.
std::vector<std::string_view> credential_keys();

}  // namespace visa::config
