// SPDX-License-Identifier: MIT
// The search behind viFindRsrc: what the configuration names first, in its order, then what the
// finders report, sorted, because programs count on the place of a name; each name once. Runs the
// finders that can match side by side under one deadline.
// A free function; the caller holds no lock.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/call.h"
#include "lib/config/configuration.h"
#include "lib/model/find_expression.h"
#include "lib/spi/finder.h"

namespace visa::core {

/// The canonical names that match `expression`, within `call.deadline`: what is not found by then
/// is missing. `openable`: the kinds there are drivers for. A finder that fails leaves a trace
/// line, and its reason in `call.detail`. `wires`: for finders of boards over another wire.
std::vector<std::string> search(const model::FindExpression& expression,
                                const config::Configuration& configuration,
                                const std::vector<std::unique_ptr<spi::Finder>>& finders,
                                model::KindSet openable, Call& call, spi::Wires* wires = nullptr);

/// Numbers inside by their value: ASRL2 before ASRL10.
bool comes_before(std::string_view a, std::string_view b) noexcept;

}  // namespace visa::core
