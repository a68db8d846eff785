// SPDX-License-Identifier: MIT
// Asks the portmapper of one host for the port of a program: by UDP, which is one round trip, and
// by TCP at the addresses that did not answer by UDP (firewalls, tunnels, instruments that serve
// only one of them). Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers {

/// The TCP address of the program: one of `addresses` (all of one host, with the port of its
/// portmapper), with the port of the program: the first that an address names. error_rsrc_nfound:
/// no address is reached, or at least one answers that the program is not registered and no other
/// names a port; error_tmo; error_npermission; error_alloc; error_abort. The detail names each
/// address that has answered and ends with `advice`, which says what else to try.
Result<Endpoint> find_rpc_server(std::span<const Endpoint> addresses, std::string_view host,
                                 std::uint32_t program, std::uint32_t version, Call& call,
                                 std::string_view advice = {});

}  // namespace visa::drivers
