// SPDX-License-Identifier: MIT
// What instruments say of themselves by multicast DNS, as the library's trace has it. A pure
// function; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

struct Announcement {
  std::string host;  ///< "scope.local"
  /// Maker and model, or the name that the instrument has given itself; empty if several
  /// instruments of this host have told different ones.
  std::string model;
};

/// One for each host that has a name of letters, digits, points and hyphens; in no order.
std::vector<Announcement> announcements_in(std::string_view trace);

}  // namespace visa::tool
