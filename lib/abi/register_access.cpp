// SPDX-License-Identifier: MIT
// Register access (VPP-4.3 6.3): the handle is checked; no interface of this library has registers.
#include <visa.h>

#include "lib/abi/unavailable.h"

using visa::abi::unavailable;

extern "C" {

ViStatus _VI_FUNC viIn8(ViSession vi, ViUInt16, ViBusAddress, ViPUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut8(ViSession vi, ViUInt16, ViBusAddress, ViUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn16(ViSession vi, ViUInt16, ViBusAddress, ViPUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut16(ViSession vi, ViUInt16, ViBusAddress, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn32(ViSession vi, ViUInt16, ViBusAddress, ViPUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut32(ViSession vi, ViUInt16, ViBusAddress, ViUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn64(ViSession vi, ViUInt16, ViBusAddress, ViPUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut64(ViSession vi, ViUInt16, ViBusAddress, ViUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn8Ex(ViSession vi, ViUInt16, ViBusAddress64, ViPUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut8Ex(ViSession vi, ViUInt16, ViBusAddress64, ViUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn16Ex(ViSession vi, ViUInt16, ViBusAddress64, ViPUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut16Ex(ViSession vi, ViUInt16, ViBusAddress64, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn32Ex(ViSession vi, ViUInt16, ViBusAddress64, ViPUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut32Ex(ViSession vi, ViUInt16, ViBusAddress64, ViUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viIn64Ex(ViSession vi, ViUInt16, ViBusAddress64, ViPUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viOut64Ex(ViSession vi, ViUInt16, ViBusAddress64, ViUInt64) {
  return unavailable(__func__, vi);
}

}  // extern "C"
