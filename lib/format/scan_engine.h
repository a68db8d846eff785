// SPDX-License-Identifier: MIT
// The read side of formatted I/O (VPP-4.3 6.2, viScanf and its family): one format, its arguments,
// one source. No state between calls. The thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_source.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// success: the format was satisfied, or END or input that differs from it ended it before. What
/// differs stays unread, arguments not reached are untouched, and a count given by `#` says what
/// its conversion stored, 0 if nothing.
/// error_inv_fmt, error_nsup_fmt: a specifier is wrong, anywhere in the format; nothing was read
/// and nothing stored. error_user_buf: an argument is a null pointer. Else what `source` failed
/// with: arguments converted by then keep their values, of the one in progress a string holds (and
/// a count says) what came, a number is untouched.
/// White space that ends the format takes what is at hand and never waits.
Status scan(const char* format, ArgumentList& arguments, ByteSource& source,
            const FormatSettings& settings);

/// What scan would say of the format by itself: success, error_inv_fmt or error_nsup_fmt.
Status check_scan_format(const char* format);

/// Whether the first thing `format` wants is behind any white space (a number, %s, a block). Then
/// the white space and END that an earlier call left are not its END: the owner of the buffer drops
/// such a rest before the scan. Otherwise they may be what it is after (%*t).
bool begins_behind_white(const char* format);

}  // namespace visa::format
