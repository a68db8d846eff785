/* SPDX-License-Identifier: MIT
 * A frame that no stack walk gets past: compiled without unwind tables (see CMakeLists.txt). */
#include "conformance/unit/support/no_unwind.h"

void call_without_unwind_tables(void (*function)(void*), void* argument) {
  volatile char room[64];
  room[0] = 1;
  function(argument);
  room[1] = room[0];
}
