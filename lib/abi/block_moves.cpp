// SPDX-License-Identifier: MIT
// Block moves (VPP-4.3 6.3): the handle is checked; no interface of this library has registers.
#include <visa.h>

#include "lib/abi/unavailable.h"

using visa::abi::unavailable;

extern "C" {

ViStatus _VI_FUNC viMoveIn8(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut8(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn16(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut16(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn32(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut32(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMove(ViSession vi, ViUInt16, ViBusAddress, ViUInt16, ViUInt16, ViBusAddress,
                         ViUInt16, ViBusSize) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveAsync(ViSession vi, ViUInt16, ViBusAddress, ViUInt16, ViUInt16,
                              ViBusAddress, ViUInt16, ViBusSize, ViPJobId) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn64(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut64(ViSession vi, ViUInt16, ViBusAddress, ViBusSize, ViAUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn8Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut8Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt8) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn16Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut16Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn32Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut32Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveIn64Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveOut64Ex(ViSession vi, ViUInt16, ViBusAddress64, ViBusSize, ViAUInt64) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveEx(ViSession vi, ViUInt16, ViBusAddress64, ViUInt16, ViUInt16,
                           ViBusAddress64, ViUInt16, ViBusSize) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMoveAsyncEx(ViSession vi, ViUInt16, ViBusAddress64, ViUInt16, ViUInt16,
                                ViBusAddress64, ViUInt16, ViBusSize, ViPJobId) {
  return unavailable(__func__, vi);
}

}  // extern "C"
