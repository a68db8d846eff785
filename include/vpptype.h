/* SPDX-License-Identifier: MIT */
/*
 * vpptype.h - status codes and switches of VXIplug&play instrument drivers (VPP-3.4).
 *
 * Not part of the VISA library: no VISA function returns these codes, and visa.h defines none of
 * them. Instrument drivers include the file beside visa.h. The values are spelt, spaces included,
 * as other copies of this file spell them: a driver that repeats them compiles without a warning.
 */
#ifndef __VPPTYPE_HEADER__
#define __VPPTYPE_HEADER__

#include "visatype.h"

/* A driver function that the instrument cannot serve. */
#define VI_WARN_NSUP_ID_QUERY ( 0x3FFC0101L)
#define VI_WARN_NSUP_RESET ( 0x3FFC0102L)
#define VI_WARN_NSUP_SELF_TEST ( 0x3FFC0103L)
#define VI_WARN_NSUP_ERROR_QUERY ( 0x3FFC0104L)
#define VI_WARN_NSUP_REV_QUERY ( 0x3FFC0105L)

/* A driver function was given a bad argument: the number is its place in the call. */
#define VI_ERROR_PARAMETER1 (_VI_ERROR+0x3FFC0001L)
#define VI_ERROR_PARAMETER2 (_VI_ERROR+0x3FFC0002L)
#define VI_ERROR_PARAMETER3 (_VI_ERROR+0x3FFC0003L)
#define VI_ERROR_PARAMETER4 (_VI_ERROR+0x3FFC0004L)
#define VI_ERROR_PARAMETER5 (_VI_ERROR+0x3FFC0005L)
#define VI_ERROR_PARAMETER6 (_VI_ERROR+0x3FFC0006L)
#define VI_ERROR_PARAMETER7 (_VI_ERROR+0x3FFC0007L)
#define VI_ERROR_PARAMETER8 (_VI_ERROR+0x3FFC0008L)

/* Another model than the driver serves; an answer the driver cannot read. */
#define VI_ERROR_FAIL_ID_QUERY (_VI_ERROR+0x3FFC0011L)
#define VI_ERROR_INV_RESPONSE (_VI_ERROR+0x3FFC0012L)

#define VI_ON (1)
#define VI_OFF (0)

#endif /* __VPPTYPE_HEADER__ */
