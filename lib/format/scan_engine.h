// SPDX-License-Identifier: MIT
// The read side of formatted I/O (VPP-4.3 6.2, viScanf and its family): one format, its arguments,
// one source. No state between calls. The thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_source.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// success: the format was satisfied, or END or a literal that differs ended it before (arguments
/// not reached are untouched). error_inv_fmt, error_nsup_fmt: a specifier is wrong; what stands
/// before it was done. Else what `source` failed with; arguments converted by then keep their
/// values. White space that ends the format takes what is at hand and never waits.
Status scan(const char* format, ArgumentList& arguments, ByteSource& source,
            const FormatSettings& settings);

}  // namespace visa::format
