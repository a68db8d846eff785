// SPDX-License-Identifier: MIT
// The transport settings of a HiSLIP instrument:
//   keepalive_idle_s   seconds of silence before the system probes the peer; 60 by default. In
//                      effect while VI_ATTR_TCPIP_KEEPALIVE is on.
// A value type.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/settings.h"

namespace visa::drivers::hislip {

struct Settings {
  int keepalive_idle = 60;

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, with key and range in the detail, if a value is invalid.
Result<Settings> read_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers::hislip
