// SPDX-License-Identifier: MIT
// The transport settings of a USB instrument, which overrule the table of quirks (usb_quirks.h has
// the meaning of each):
//   max_request         bytes, 1 to 1073741824: the most that one request asks for
//   no_short_packet, block_length, any_message_id, no_optional_requests, no_abort,
//   status_in_reply, status_alone   true or false
// A free function: any thread.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/usb/usb_quirks.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/settings.h"

namespace visa::drivers::usb {

std::vector<std::string_view> quirk_keys();

/// `quirks` overruled by `settings`. error_inv_setup, with key and range in the detail, if a value
/// is invalid.
Result<Quirks> read_quirks(Quirks quirks, const spi::Settings& settings, Call& call);

}  // namespace visa::drivers::usb
