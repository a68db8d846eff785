/* SPDX-License-Identifier: MIT */
/* The table of calls that call_source.py generates: every exported function, taking only the
 * handle. */
#ifndef BAD_HANDLE_CALLS_H
#define BAD_HANDLE_CALLS_H

#include <visa.h>

/* What a caller of a function without a status answers. */
#define NO_STATUS ((ViStatus)0x7FFFFFFFL)

struct Calls {
  const char* name;
  ViStatus (*with_room)(ViObject vi); /* every pointer leads to enough memory */
  ViStatus (*with_null)(ViObject vi); /* every pointer is null; 0 when the function takes none */
};

extern const struct Calls calls[]; /* ends with a null name */

#endif
