// SPDX-License-Identifier: MIT
// Which GPIB boards the kernel has, and which device node a name of the configuration means. Reads
// sysfs, and opens nothing but in boards_in_use. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/gpib/back_end.h"

namespace visa::drivers::gpib::kernel {

/// The numbers of the nodes /dev/gpibN, in order. The kernel makes all sixteen as soon as its GPIB
/// core is loaded; only opening one shows whether a board is configured on it. `root` stands before
/// /sys and /dev, for tests.
std::vector<std::uint16_t> list_boards(const std::string& root = {});

/// Those that are online, or of which this user may not know: each is opened and asked.
std::vector<std::uint16_t> boards_in_use(const std::string& root = {});

/// "/dev/gpib1" for a request of that board without a target, for the target "1" and for itself.
/// Links to a node are followed. error_inv_setup for what is neither number nor absolute path.
Result<std::string> node_of(const BoardRequest& request, Call& call);

/// Scheme "kernel": kernel:///dev/gpib0, kernel://0, or no setting at all.
extern const BackEnd kBackEnd;

}  // namespace visa::drivers::gpib::kernel
