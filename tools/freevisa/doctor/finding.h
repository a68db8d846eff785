// SPDX-License-Identifier: MIT
// What a check of `freevisa doctor` has found. A value.
#pragma once

#include <string>
#include <vector>

namespace visa::tool {

struct Finding {
  /// good: as it has to be. note: worth knowing, nothing is broken. problem: something does not
  /// work.
  enum class Level : unsigned char { good, note, problem };
  Level level = Level::good;
  std::string check;     ///< "usb"
  std::string text;      ///< one line: the thing and what is the matter with it
  std::string fix = {};  ///< what to do, often a command; empty: nothing
};

using Findings = std::vector<Finding>;

}  // namespace visa::tool
