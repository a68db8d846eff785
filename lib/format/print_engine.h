// SPDX-License-Identifier: MIT
// The write side of formatted I/O (VPP-4.3 6.2, viPrintf and its family): one format, its
// arguments, one sink. No state between calls. The thread of the call.
#pragma once

#include "lib/base/status.h"
#include "lib/format/argument_list.h"
#include "lib/format/byte_sink.h"
#include "lib/format/format_settings.h"

namespace visa::format {

/// error_inv_fmt, error_nsup_fmt: a specifier is wrong; nothing of it was put, what stands before
/// it was. Else what `sink` failed with.
Status print(const char* format, ArgumentList& arguments, ByteSink& sink,
             const FormatSettings& settings);

}  // namespace visa::format
