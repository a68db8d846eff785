// SPDX-License-Identifier: MIT
// The transport settings of a VXI-11 instrument:
//   core_port              the TCP port of its core channel; the portmapper is not asked (for
//                          forwarded ports, containers, NAT).
//   abort_port             the port of its abort channel, if it differs from the one that the
//                          instrument names (likewise).
//   portmapper_port        where its portmapper listens; 111 by default.
//   keepalive_idle_s       seconds of silence before the system probes the peer; 60 by default.
//                          In effect while VI_ATTR_TCPIP_KEEPALIVE is on, the default for VXI-11.
//   interrupt_acknowledge  true: each service request is answered with an empty RPC reply. Some
//                          instruments wait a second for it, others fail when they get it; by
//                          default none is sent.
// A value type.
#pragma once

#include <string_view>
#include <vector>

#include "drivers/common/rpc_portmap.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/driver.h"

namespace visa::drivers::vxi11 {

struct Settings {
  int core_port = 0;   // 0: ask the portmapper
  int abort_port = 0;  // 0: the port that create_link names
  int portmapper_port = kPortmapperPort;
  int keepalive_idle = 60;
  bool interrupt_acknowledge = false;

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, with key and range in the detail, if a value is invalid.
Result<Settings> read_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers::vxi11
