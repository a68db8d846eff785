// SPDX-License-Identifier: MIT
// Operations that only one kind of bus has (VPP-4.3 6.5): GPIB, USB, VXI, triggers of a backplane.
#include <visa.h>

#include <cstddef>
#include <span>

#include "lib/abi/facet.h"
#include "lib/abi/store.h"

namespace {

using visa::Call;
using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InBytes;
using visa::abi::on;
using visa::abi::on_facet;
using visa::abi::out;
using visa::abi::store_if;
using visa::core::Session;
using visa::spi::BackplaneFacet;
using visa::spi::Facets;
using visa::spi::GpibBusFacet;
using visa::spi::TriggerRoutingFacet;
using visa::spi::UsbControlFacet;
using visa::spi::UsbSetup;

// The standard passes the two bytes of a setup packet as 16-bit numbers.
constexpr ViInt16 kMostByte = 0xFF;

bool fits_a_byte(ViInt16 value) noexcept {
  return value >= 0 && value <= kMostByte;
}

UsbSetup setup_of(ViInt16 type, ViInt16 request, ViUInt16 value, ViUInt16 index) noexcept {
  return {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(request), value, index};
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viGpibControlREN(ViSession vi, ViUInt16 mode) {
  return on<Session>(__func__, vi, Args{in("vi", vi), in("mode", mode)},
                     [&](Session& session) { return session.control_ren(mode); });
}

ViStatus _VI_FUNC viGpibControlATN(ViSession vi, ViUInt16 mode) {
  return on_facet(
      __func__, vi, Args{in("vi", vi), in("mode", mode)}, &Facets::gpib,
      [&](GpibBusFacet& gpib, Call& call, Session&) { return gpib.control_atn(mode, call); });
}

ViStatus _VI_FUNC viGpibSendIFC(ViSession vi) {
  return on_facet(__func__, vi, Args{in("vi", vi)}, &Facets::gpib,
                  [](GpibBusFacet& gpib, Call& call, Session&) { return gpib.send_ifc(call); });
}

ViStatus _VI_FUNC viGpibCommand(ViSession vi, ViConstBuf cmd, ViUInt32 cnt, ViPUInt32 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi), InBytes{"cmd", cmd, cnt}, in("cnt", cnt),
                  out("retCnt", retCnt, true)};
  return on_facet(
      __func__, vi, args, &Facets::gpib, [&](GpibBusFacet& gpib, Call& call, Session&) -> Status {
        if (cmd == nullptr && cnt != 0) return Status::error_user_buf;
        const auto sent = gpib.command({reinterpret_cast<const std::byte*>(cmd), cnt}, call);
        store_if(retCnt, sent.count);
        return sent.status;
      });
}

ViStatus _VI_FUNC viGpibPassControl(ViSession vi, ViUInt16 primAddr, ViUInt16 secAddr) {
  return on_facet(__func__, vi,
                  Args{in("vi", vi), in("primAddr", primAddr), in("secAddr", secAddr)},
                  &Facets::gpib, [&](GpibBusFacet& gpib, Call& call, Session&) {
                    return gpib.pass_control(primAddr, secAddr, call);
                  });
}

ViStatus _VI_FUNC viVxiCommandQuery(ViSession vi, ViUInt16 mode, ViUInt32 cmd, ViPUInt32 response) {
  const Args args{in("vi", vi), in("mode", mode), in("cmd", cmd), out("response", response)};
  return on_facet(__func__, vi, args, &Facets::backplane,
                  [&](BackplaneFacet& backplane, Call& call, Session&) {
                    const auto answer = backplane.command_query(mode, cmd, call);
                    if (answer) store_if(response, *answer);
                    return answer.status();
                  });
}

ViStatus _VI_FUNC viAssertUtilSignal(ViSession vi, ViUInt16 line) {
  return on_facet(__func__, vi, Args{in("vi", vi), in("line", line)}, &Facets::backplane,
                  [&](BackplaneFacet& backplane, Call& call, Session&) {
                    return backplane.assert_utility(line, call);
                  });
}

ViStatus _VI_FUNC viAssertIntrSignal(ViSession vi, ViInt16 mode, ViUInt32 statusID) {
  return on_facet(__func__, vi, Args{in("vi", vi), in("mode", mode), in("statusID", statusID)},
                  &Facets::backplane, [&](BackplaneFacet& backplane, Call& call, Session&) {
                    return backplane.assert_interrupt(mode, statusID, call);
                  });
}

ViStatus _VI_FUNC viMapTrigger(ViSession vi, ViInt16 trigSrc, ViInt16 trigDest, ViUInt16 mode) {
  const Args args{in("vi", vi), in("trigSrc", trigSrc), in("trigDest", trigDest), in("mode", mode)};
  return on_facet(__func__, vi, args, &Facets::triggers,
                  [&](TriggerRoutingFacet& triggers, Call& call, Session&) {
                    return triggers.map(trigSrc, trigDest, mode, call);
                  });
}

ViStatus _VI_FUNC viUnmapTrigger(ViSession vi, ViInt16 trigSrc, ViInt16 trigDest) {
  return on_facet(__func__, vi,
                  Args{in("vi", vi), in("trigSrc", trigSrc), in("trigDest", trigDest)},
                  &Facets::triggers, [&](TriggerRoutingFacet& triggers, Call& call, Session&) {
                    return triggers.unmap(trigSrc, trigDest, call);
                  });
}

ViStatus _VI_FUNC viUsbControlOut(ViSession vi, ViInt16 bmRequestType, ViInt16 bRequest,
                                  ViUInt16 wValue, ViUInt16 wIndex, ViUInt16 wLength,
                                  ViConstBuf buf) {
  const Args args{in("vi", vi),
                  in("bmRequestType", bmRequestType),
                  in("bRequest", bRequest),
                  in("wValue", wValue),
                  in("wIndex", wIndex),
                  InBytes{"buf", buf, wLength}};
  return on_facet(
      __func__, vi, args, &Facets::usb, [&](UsbControlFacet& usb, Call& call, Session&) -> Status {
        if (buf == nullptr && wLength != 0) return Status::error_user_buf;
        if (!fits_a_byte(bmRequestType) || !fits_a_byte(bRequest)) {
          return Status::error_inv_mask;
        }
        return usb.control_out(setup_of(bmRequestType, bRequest, wValue, wIndex),
                               {reinterpret_cast<const std::byte*>(buf), wLength}, call);
      });
}

ViStatus _VI_FUNC viUsbControlIn(ViSession vi, ViInt16 bmRequestType, ViInt16 bRequest,
                                 ViUInt16 wValue, ViUInt16 wIndex, ViUInt16 wLength, ViPBuf buf,
                                 ViPUInt16 retCnt) {
  store_if(retCnt, 0);
  const Args args{in("vi", vi),
                  in("bmRequestType", bmRequestType),
                  in("bRequest", bRequest),
                  in("wValue", wValue),
                  in("wIndex", wIndex),
                  in("wLength", wLength),
                  out("retCnt", retCnt)};
  return on_facet(
      __func__, vi, args, &Facets::usb, [&](UsbControlFacet& usb, Call& call, Session&) -> Status {
        if (buf == nullptr && wLength != 0) return Status::error_user_buf;
        if (!fits_a_byte(bmRequestType) || !fits_a_byte(bRequest)) {
          return Status::error_inv_mask;
        }
        const auto count = usb.control_in(setup_of(bmRequestType, bRequest, wValue, wIndex),
                                          {reinterpret_cast<std::byte*>(buf), wLength}, call);
        if (count) store_if(retCnt, *count);
        return count.status();
      });
}

ViStatus _VI_FUNC viPxiReserveTriggers(ViSession vi, ViInt16 cnt, ViAInt16 trigBuses,
                                       ViAInt16 trigLines, ViPInt16 failureIndex) {
  const Args args{in("vi", vi), in("cnt", cnt), out("failureIndex", failureIndex, true)};
  store_if(failureIndex, -1);
  return on_facet(
      __func__, vi, args, &Facets::triggers,
      [&](TriggerRoutingFacet& triggers, Call& call, Session&) -> Status {
        if (cnt < 0) return Status::error_inv_length;
        if (cnt > 0 && (trigBuses == nullptr || trigLines == nullptr)) {
          return Status::error_user_buf;
        }
        const auto count = static_cast<std::size_t>(cnt);
        std::int16_t failed = -1;
        const auto status = triggers.reserve({trigBuses, count}, {trigLines, count}, failed, call);
        store_if(failureIndex, failed);
        return status;
      });
}

}  // extern "C"
