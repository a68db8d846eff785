// SPDX-License-Identifier: MIT
// Mapped windows and shared memory (VPP-4.3 6.3): the handle is checked; no interface of this
// library has memory. viPeek and viPoke have no status to give: nothing is mapped, so nothing is
// touched, and no value is invented.
#include <visa.h>

#include "lib/abi/unavailable.h"

using visa::abi::unavailable;

extern "C" {

ViStatus _VI_FUNC viMapAddress(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViBoolean, ViAddr,
                               ViPAddr) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viUnmapAddress(ViSession vi) {
  return unavailable(__func__, vi);
}

void _VI_FUNC viPeek8(ViSession, ViAddr, ViPUInt8) {}

void _VI_FUNC viPoke8(ViSession, ViAddr, ViUInt8) {}

void _VI_FUNC viPeek16(ViSession, ViAddr, ViPUInt16) {}

void _VI_FUNC viPoke16(ViSession, ViAddr, ViUInt16) {}

void _VI_FUNC viPeek32(ViSession, ViAddr, ViPUInt32) {}

void _VI_FUNC viPoke32(ViSession, ViAddr, ViUInt32) {}

ViStatus _VI_FUNC viMemAlloc(ViSession vi, ViBusSize, ViPBusAddress) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMemFree(ViSession vi, ViBusAddress) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMapAddressEx(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViBoolean,
                                 ViAddr, ViPAddr) {
  return unavailable(__func__, vi);
}

void _VI_FUNC viPeek64(ViSession, ViAddr, ViPUInt64) {}

void _VI_FUNC viPoke64(ViSession, ViAddr, ViUInt64) {}

ViStatus _VI_FUNC viMemAllocEx(ViSession vi, ViBusSize, ViPBusAddress64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMemFreeEx(ViSession vi, ViBusAddress64) {
  return unavailable(__func__, vi);
}

}  // extern "C"
