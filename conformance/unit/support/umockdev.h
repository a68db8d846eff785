// SPDX-License-Identifier: MIT
// Whether umockdev can be used in this process. Any thread.
#pragma once

#include <cstdlib>
#include <cstring>

#include "conformance/unit/support/sanitizers.h"

namespace visa::test {

/// Why umockdev cannot be used here; null where it can.
inline const char* umockdev_missing() {
  if (kThreadSanitizer) return "umockdev and GLib are not built for the thread sanitizer";
  const char* const preload = ::getenv("LD_PRELOAD");
  const bool loaded = preload != nullptr && std::strstr(preload, "libumockdev") != nullptr;
  return loaded ? nullptr : "umockdev is not loaded (Debian, Ubuntu: umockdev)";
}

}  // namespace visa::test
