// SPDX-License-Identifier: MIT
// Formatted I/O (VPP-4.3 6.2): the handle is checked, the operation is not available yet.
#include <visa.h>

#include "lib/abi/unavailable.h"

using visa::abi::unavailable;

extern "C" {

ViStatus _VI_FUNC viBufWrite(ViSession vi, ViConstBuf, ViUInt32, ViPUInt32 retCnt) {
  return unavailable(__func__, vi, retCnt);
}

ViStatus _VI_FUNC viBufRead(ViSession vi, ViPBuf, ViUInt32, ViPUInt32 retCnt) {
  return unavailable(__func__, vi, retCnt);
}

ViStatus _VI_FUNCC viPrintf(ViSession vi, ViConstString, ...) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVPrintf(ViSession vi, ViConstString, ViVAList) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNCC viSPrintf(ViSession vi, ViPBuf, ViConstString, ...) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVSPrintf(ViSession vi, ViPBuf, ViConstString, ViVAList) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNCC viScanf(ViSession vi, ViConstString, ...) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVScanf(ViSession vi, ViConstString, ViVAList) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNCC viSScanf(ViSession vi, ViConstBuf, ViConstString, ...) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVSScanf(ViSession vi, ViConstBuf, ViConstString, ViVAList) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNCC viQueryf(ViSession vi, ViConstString, ViConstString, ...) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVQueryf(ViSession vi, ViConstString, ViConstString, ViVAList) {
  return unavailable(__func__, vi);
}

}  // extern "C"
