// SPDX-License-Identifier: MIT
// The library's trace of this process, in a file that nobody else sees: it tells what the C
// interface does not, as all mistakes of a configuration and what instruments announce. One thread.
#pragma once

#include <string>

namespace visa::tool {

/// From now on the trace goes to a file of this process, which ends with it. Before the first call
/// of the library, which looks once. Without `instead` a trace that the user wants stays the
/// user's.
void keep_trace(bool instead);
/// What was written so far; "" if the trace is not kept.
std::string kept_trace();

}  // namespace visa::tool
