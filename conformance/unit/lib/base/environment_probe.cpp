// SPDX-License-Identifier: MIT
// Tells what the library believes of its environment; environment_test.cpp starts it with the
// rights of another user or group.
#include <cstdio>

#include "lib/base/environment.h"
#include "lib/base/log.h"

int main() {
  const char* const value = visa::trusted_getenv("FREEVISA_PROBE");
  visa::log::line("traced");
  std::puts(value == nullptr ? "nothing" : value);
  return 0;
}
