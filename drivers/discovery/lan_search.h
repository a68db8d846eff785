// SPDX-License-Identifier: MIT
// One search of the networks: asks every portmapper by broadcast for VXI-11 and every mDNS
// responder for instruments, and listens until the deadline. An answer may always come later, so
// the search ends earlier only if no question could be sent. The messages of each host are bounded
// (lan_senders.h, mdns_browser.h): a host that never stops sending neither displaces others nor
// ends the search. One loop on the calling thread; no thread, socket or memory remains. Opens no
// connection and changes nothing in an instrument.
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

/// Further hosts that answer the broadcast are ignored, with a line in the trace.
inline constexpr std::size_t kMostVxi11Hosts = 1024;

/// What to search for, and where.
struct LanPlan {
  std::vector<LanInterface> interfaces;
  bool vxi11 = true;
  bool hislip = true;
  bool sockets = true;
  // Tests use other ports.
  std::uint16_t mdns_port = kMdnsPort;
  std::uint16_t portmapper_port = kPortmapperPort;
};

struct LanAnswer {
  LanService service;     // never lxi
  Endpoint address;       // port: that of the service; 0 for vxi11, whose portmapper knows it
  std::string host_name;  // "scope.local"; empty when it was found by broadcast
  std::string sub_address = {};  // HiSLIP: "hislip1" if that was announced; empty for hislip0
};

/// The services found, each address and sub-address of a service once, in no order. Problems, and
/// senders that were cut off, go to the trace; if no question could be sent, `call.detail` says so.
std::vector<LanAnswer> search_lan(const LanPlan& plan, Call& call);

}  // namespace visa::drivers
