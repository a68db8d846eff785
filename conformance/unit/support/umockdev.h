// SPDX-License-Identifier: MIT
// Whether umockdev can be used in this process. Any thread.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "conformance/unit/support/sanitizers.h"

namespace visa::test {

/// Why umockdev cannot be used here; null where it can.
inline const char* umockdev_missing() {
  if (kThreadSanitizer) return "umockdev and GLib are not built for the thread sanitizer";
  // The loader only warns of a library in LD_PRELOAD that is not there.
  std::ifstream maps("/proc/self/maps");
  const std::string loaded{std::istreambuf_iterator<char>(maps), {}};
  return loaded.find("libumockdev-preload") != std::string::npos
             ? nullptr
             : "umockdev is not loaded (Debian, Ubuntu: umockdev)";
}

}  // namespace visa::test
