// SPDX-License-Identifier: MIT
// Checks about GPIB: adapters on USB and what keeps them from working (permission, firmware), the
// modules and nodes of the kernel, and whether each board that is configured or attached can be
// opened. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/doctor/finding.h"
#include "tools/freevisa/doctor/system_view.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

/// Adapters on USB by their ids, the kernel's modules, /dev/gpib0 and those in `boards`. Opens
/// nothing.
Findings check_gpib_system(const SystemView& system, const std::vector<ConfiguredBoard>& boards);

/// What came of opening "GPIB0::INTFC": "" or why not.
using OpenBoard = std::function<std::string(const std::string& name)>;
/// By viOpen, within two seconds.
OpenBoard open_board(const Session& manager);
/// Opens each of `boards`, and GPIB0 where the kernel has a board of that number or an adapter is
/// plugged in.
Findings check_gpib_boards(const SystemView& system, const std::vector<ConfiguredBoard>& boards,
                           const OpenBoard& open);

}  // namespace visa::tool
