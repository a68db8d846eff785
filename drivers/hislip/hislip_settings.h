// SPDX-License-Identifier: MIT
// The transport settings of a HiSLIP instrument:
//   keepalive_idle_s   seconds of silence before the system probes the peer; 60 by default. In
//                      effect while VI_ATTR_TCPIP_KEEPALIVE is on.
//   encryption         "auto" (the default): encrypted where the instrument demands it or a
//                      credential is named, otherwise in clear text. "required": encrypted, or not
//                      at all. "off": in clear text, or not at all.
//   credential         the [[credential]] of the configuration to use, for a name without one.
// A value type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/settings.h"

namespace visa::drivers::hislip {

enum class Encryption : std::uint8_t { automatic, required, off };

struct Settings {
  int keepalive_idle = 60;
  Encryption encryption = Encryption::automatic;
  std::string credential = {};

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, with key and range in the detail, if a value is invalid.
Result<Settings> read_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers::hislip
