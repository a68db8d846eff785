/* SPDX-License-Identifier: MIT */
/* A libvisa whose functions break one rule each, on purpose: the suite must name each rule. */
#include <stdlib.h>
#include <visa.h>

ViStatus _VI_FUNC viOpenDefaultRM(ViPSession vi) {
  *vi = 1;
  return VI_SUCCESS;
}

/* 3.3.2 wants VI_WARN_NULL_OBJECT. */
ViStatus _VI_FUNC viClose(ViObject vi) {
  (void)vi;
  return VI_SUCCESS;
}

ViStatus _VI_FUNC viStatusDesc(ViObject vi, ViStatus status, ViChar desc[]) {
  (void)vi;
  (void)status;
  (void)desc;
  abort();
}

/* Never returns. */
ViStatus _VI_FUNC viGetAttribute(ViObject vi, ViAttr name, void _VI_PTR value) {
  volatile int for_ever = 1;
  (void)vi;
  (void)name;
  (void)value;
  while (for_ever) {
  }
  return VI_SUCCESS;
}
