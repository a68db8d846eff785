// SPDX-License-Identifier: MIT
// The read side of formatted I/O (VPP-4.3 6.2, viScanf and its family): one format, its arguments,
// one source. No state between calls. Used by the thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_source.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// success: the format was satisfied, or END or different input ended it early. Input that differs
/// stays unread, arguments not reached are untouched, and a count given by `#` says how much its
/// conversion stored, 0 if nothing.
/// error_inv_fmt, error_nsup_fmt: a specifier anywhere in the format is wrong; nothing was read or
/// stored. error_user_buf: an argument is a null pointer. Otherwise the failure of `source`:
/// arguments converted before it keep their values; of the conversion in progress, a string holds
/// (and a count says) what came, and a number is untouched.
/// White space at the end of the format takes only what is at hand and never waits.
Status scan(const char* format, ArgumentList& arguments, ByteSource& source,
            const FormatSettings& settings);

/// Checks a format without its arguments: success, error_inv_fmt or error_nsup_fmt.
Status check_scan_format(const char* format);

/// Whether the first directive of `format` skips white space (a number, %s, a block). Then white
/// space and END that an earlier call left do not end this scan: the owner of the buffer drops them
/// first. Otherwise the format may want exactly them (%*t).
bool begins_behind_white(const char* format);

}  // namespace visa::format
