// SPDX-License-Identifier: MIT
// The write side of formatted I/O (VPP-4.3 6.2, viPrintf and its family): one format, its
// arguments, one sink. No state between calls. Used by the thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_sink.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// Prints `format` into `sink`. error_inv_fmt or error_nsup_fmt: a specifier anywhere in the format
/// is wrong, and nothing was put; or the count of an array or block does not fit, and nothing of
/// that specifier was put. error_user_buf: an argument is a null pointer, and nothing of its
/// specifier was put. Otherwise the failure of `sink`.
Status print(const char* format, ArgumentList& arguments, ByteSink& sink,
             const FormatSettings& settings);

/// Checks a format without its arguments: success, error_inv_fmt or error_nsup_fmt.
Status check_print_format(const char* format);

}  // namespace visa::format
