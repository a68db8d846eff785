// SPDX-License-Identifier: MIT
// Asks the portmapper of one host for the port of a program: by UDP, which is one round trip, and
// by TCP if UDP brings no answer (firewalls, tunnels, instruments that serve only one of them). Any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

/// The TCP address of the program: one of `addresses` (all of one host, with the port of its
/// portmapper), with the port of the program. error_rsrc_nfound: the host is not there, or the
/// program is not registered; error_tmo; error_npermission; error_alloc; error_abort. `advice` says
/// what else to try; it ends the detail if the host refuses, is silent or has no such program.
Result<Endpoint> find_rpc_server(std::span<const Endpoint> addresses, std::string_view host,
                                 std::uint32_t program, std::uint32_t version, Call& call,
                                 std::string_view advice = {});

}  // namespace visa::drivers
