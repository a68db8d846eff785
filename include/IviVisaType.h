/* SPDX-License-Identifier: MIT */
/*
 * IviVisaType.h - both type headers at once, under the name IVI drivers include.
 */
#ifndef IVI_VISA_TYPE_HEADER
#define IVI_VISA_TYPE_HEADER

#include "visatype.h"
#include "vpptype.h"

#endif /* IVI_VISA_TYPE_HEADER */
