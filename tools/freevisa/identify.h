// SPDX-License-Identifier: MIT
// Asks several instruments for their identity at once. Names of one device (a host, a port) are
// asked one after the other, because many instruments admit one client.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/visa_session.h"

namespace visa::tool {

struct Identity {
  std::string answer;   ///< to '*IDN?', without the line feed; empty if none came
  std::string problem;  ///< why none came, in half a line
};

/// The part of a resource name that names the device: the host of a network name, else all of it.
std::string device_of(std::string_view resource);

/// In the order of `names`. `timeout` in ms bounds the opening and the answer of each. Eight
/// devices are asked at a time. Throws nothing for an instrument that fails.
std::vector<Identity> identify(const Session& manager, const std::vector<std::string>& names,
                               std::uint32_t timeout);

}  // namespace visa::tool
