// SPDX-License-Identifier: MIT
// One look at the networks: asks every portmapper by broadcast for VXI-11 and every mDNS responder
// for instruments, and listens until the deadline; who answers how late nobody knows, so there is
// no earlier end while there is anybody to ask. What one host sends is bounded (lan_senders.h,
// mdns_browser.h): one that never stops costs nobody else a place, and ends nothing. One loop on
// the calling thread; no thread, socket or memory is left. Opens no connection and tells no
// instrument anything.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "drivers/common/rpc_portmap.h"
#include "drivers/discovery/lan_interfaces.h"
#include "drivers/discovery/lan_sockets.h"
#include "drivers/discovery/mdns_browser.h"
#include "lib/base/call.h"

namespace visa::drivers {

/// More hosts that answer the broadcast are passed over, with a line in the trace.
inline constexpr std::size_t kMostVxi11Hosts = 1024;

/// Whom to ask, and where.
struct LanPlan {
  std::vector<LanInterface> interfaces;
  bool vxi11 = true;
  bool hislip = true;
  bool sockets = true;
  // Others in tests only, which have no network of their own.
  std::uint16_t mdns_port = kMdnsPort;
  std::uint16_t portmapper_port = kPortmapperPort;
};

struct LanAnswer {
  LanService service;     // never lxi
  Endpoint address;       // port: that of the service; 0 for vxi11, whose portmapper knows it
  std::string host_name;  // "scope.local"; empty when it was found by broadcast
};

/// What answered, each address of a service once, in no order; what was in the way and which
/// senders were cut off goes to the trace, and to `call.detail` when nobody could be asked.
std::vector<LanAnswer> search_lan(const LanPlan& plan, Call& call);

}  // namespace visa::drivers
