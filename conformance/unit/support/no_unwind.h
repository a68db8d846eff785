/* SPDX-License-Identifier: MIT
 * Calls through a frame that no stack walk gets past. Any thread. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

void call_without_unwind_tables(void (*function)(void*), void* argument);

#ifdef __cplusplus
}
#endif
