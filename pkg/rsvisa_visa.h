/* SPDX-License-Identifier: MIT */
/* The header under the path of another VISA library. */
#include "../visa.h"
