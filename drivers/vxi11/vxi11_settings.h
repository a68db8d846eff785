// SPDX-License-Identifier: MIT
// The transport settings of a VXI-11 instrument:
//   core_port              the TCP port of its core channel: no portmapper is asked (forwarded
//                          ports, containers, NAT).
//   abort_port             the port of its abort channel, where it is another than the instrument
//                          says (likewise).
//   portmapper_port        where its portmapper listens; 111 by default.
//   keepalive_idle_s       seconds of silence before the system probes the peer; 60 by default.
//                          Counts while VI_ATTR_TCPIP_KEEPALIVE is on, which it is by default here.
//   interrupt_acknowledge  true: each service request is answered with an empty RPC reply. Some
//                          instruments wait a second for it, others choke on it; by default none
//                          is sent.
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
  int abort_port = 0;  // 0: as create_link says
  int portmapper_port = kPortmapperPort;
  int keepalive_idle = 60;
  bool interrupt_acknowledge = false;

  static std::vector<std::string_view> keys();
};

/// error_inv_setup, and a detail with key and range, where a value cannot be meant.
Result<Settings> read_settings(const spi::Settings& settings, Call& call);

}  // namespace visa::drivers::vxi11
