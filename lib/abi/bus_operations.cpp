// SPDX-License-Identifier: MIT
// Operations of one bus (VPP-4.3 6.5). Where no wire has them yet, the handle is checked.
#include <visa.h>

#include "lib/abi/guard.h"
#include "lib/abi/unavailable.h"
#include "lib/core/session.h"

using visa::abi::Args;
using visa::abi::in;
using visa::abi::on;
using visa::abi::unavailable;
using visa::core::Session;

extern "C" {

ViStatus _VI_FUNC viGpibControlREN(ViSession vi, ViUInt16 mode) {
  return on<Session>(__func__, vi, Args{in("vi", vi), in("mode", mode)},
                     [&](Session& session) { return session.control_ren(mode); });
}

ViStatus _VI_FUNC viGpibControlATN(ViSession vi, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viGpibSendIFC(ViSession vi) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viGpibCommand(ViSession vi, ViConstBuf, ViUInt32, ViPUInt32 retCnt) {
  return unavailable(__func__, vi, retCnt);
}

ViStatus _VI_FUNC viGpibPassControl(ViSession vi, ViUInt16, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viVxiCommandQuery(ViSession vi, ViUInt16, ViUInt32, ViPUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viAssertUtilSignal(ViSession vi, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viAssertIntrSignal(ViSession vi, ViInt16, ViUInt32) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viMapTrigger(ViSession vi, ViInt16, ViInt16, ViUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viUnmapTrigger(ViSession vi, ViInt16, ViInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viUsbControlOut(ViSession vi, ViInt16, ViInt16, ViUInt16, ViUInt16, ViUInt16,
                                  ViConstBuf) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viUsbControlIn(ViSession vi, ViInt16, ViInt16, ViUInt16, ViUInt16, ViUInt16,
                                 ViPBuf, ViPUInt16) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viPxiReserveTriggers(ViSession vi, ViInt16, ViAInt16, ViAInt16, ViPInt16) {
  return unavailable(__func__, vi);
}

}  // extern "C"
