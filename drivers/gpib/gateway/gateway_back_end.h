// SPDX-License-Identifier: MIT
// The back end "vxi11": adapter = "vxi11://192.0.2.1", or with the interface's name on the gateway,
// "vxi11://192.0.2.1/gpib0". Pure; any thread.
#pragma once

#include "drivers/gpib/back_end.h"
#include "drivers/gpib/gateway/gateway_links.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::gateway {

/// error_inv_setup: the target names no gateway.
Result<GatewayTarget> read_target(const BoardRequest& request, Call& call);

extern const BackEnd kBackEnd;

}  // namespace visa::drivers::gpib::gateway
