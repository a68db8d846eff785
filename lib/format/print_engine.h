// SPDX-License-Identifier: MIT
// The write side of formatted I/O (VPP-4.3 6.2, viPrintf and its family): one format, its
// arguments, one sink. No state between calls. The thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_sink.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// error_inv_fmt, error_nsup_fmt: a specifier is wrong, anywhere in the format, and nothing was
/// put; or the count of an array or block does not fit, or error_user_buf: an argument is a null
/// pointer, and nothing of that specifier was put. Else what `sink` failed with.
Status print(const char* format, ArgumentList& arguments, ByteSink& sink,
             const FormatSettings& settings);

/// What print would say of the format by itself: success, error_inv_fmt or error_nsup_fmt.
Status check_print_format(const char* format);

}  // namespace visa::format
