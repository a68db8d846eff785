// SPDX-License-Identifier: MIT
// Which session raises which event: VPP-4.3 chapter 5, per class. Every session, the resource
// manager included, raises EXCEPTION, by callback only: its handlers run before the failing call
// returns. Every session with transfers raises IO_COMPLETION (BACKPLANE has none). ASRL raises no
// SERVICE_REQ, because a serial line has no way to request service.
#include "lib/model/event_table.h"

#include <algorithm>
#include <iterator>

namespace visa::model {
namespace {

constexpr std::uint16_t kEveryMechanism = VI_QUEUE | VI_HNDLR | VI_SUSPEND_HNDLR;

constexpr KindSet kVxiInstr = Kind::vxi_instr | Kind::gpib_vxi_instr;
constexpr KindSet kVxiBackplane = Kind::vxi_backplane | Kind::gpib_vxi_backplane;
constexpr KindSet kBackplanes = kVxiBackplane | Kind::pxi_backplane;
constexpr KindSet kServants = Kind::gpib_servant | KindSet(Kind::vxi_servant) | Kind::tcpip_servant;
constexpr KindSet kUsb = Kind::usb_instr | Kind::usb_raw;
constexpr KindSet kRequesters = Kind::gpib_instr | KindSet(Kind::gpib_intfc) | kVxiInstr |
                                Kind::tcpip_vxi11 | Kind::tcpip_hislip | Kind::usb_instr;
constexpr KindSet kGpibBoard = Kind::gpib_intfc | Kind::gpib_servant;
constexpr KindSet kTriggered = kVxiInstr | kBackplanes | Kind::gpib_intfc | kServants;

constexpr EventInfo kTable[] = {
    {VI_EVENT_IO_COMPLETION, "VI_EVENT_IO_COMPLETION", Kind::event_io_completion,
     kIoKinds - kBackplanes, kEveryMechanism},
    {VI_EVENT_SERVICE_REQ, "VI_EVENT_SERVICE_REQ", Kind::event_service_req, kRequesters,
     kEveryMechanism},
    {VI_EVENT_CLEAR, "VI_EVENT_CLEAR", Kind::event_clear, kServants | Kind::gpib_intfc,
     kEveryMechanism},
    {VI_EVENT_GPIB_CIC, "VI_EVENT_GPIB_CIC", Kind::event_gpib_cic, Kind::gpib_intfc,
     kEveryMechanism},
    {VI_EVENT_GPIB_TALK, "VI_EVENT_GPIB_TALK", Kind::event_gpib_talk, kGpibBoard, kEveryMechanism},
    {VI_EVENT_GPIB_LISTEN, "VI_EVENT_GPIB_LISTEN", Kind::event_gpib_listen, kGpibBoard,
     kEveryMechanism},
    {VI_EVENT_VXI_VME_SYSFAIL, "VI_EVENT_VXI_VME_SYSFAIL", Kind::event_vxi_vme_sysfail,
     kVxiBackplane, kEveryMechanism},
    {VI_EVENT_VXI_VME_SYSRESET, "VI_EVENT_VXI_VME_SYSRESET", Kind::event_vxi_vme_sysreset,
     kVxiBackplane | Kind::vxi_servant, kEveryMechanism},
    {VI_EVENT_VXI_SIGP, "VI_EVENT_VXI_SIGP", Kind::event_vxi_sigp, kVxiInstr, kEveryMechanism},
    {VI_EVENT_PXI_INTR, "VI_EVENT_PXI_INTR", Kind::event_pxi_intr, Kind::pxi_instr,
     kEveryMechanism},
    {VI_EVENT_ASRL_BREAK, "VI_EVENT_ASRL_BREAK", Kind::event_asrl, Kind::asrl_instr,
     kEveryMechanism},
    {VI_EVENT_ASRL_TERMCHAR, "VI_EVENT_ASRL_TERMCHAR", Kind::event_asrl, Kind::asrl_instr,
     kEveryMechanism},
    {VI_EVENT_ASRL_CTS, "VI_EVENT_ASRL_CTS", Kind::event_asrl, Kind::asrl_instr, kEveryMechanism},
    {VI_EVENT_ASRL_DSR, "VI_EVENT_ASRL_DSR", Kind::event_asrl, Kind::asrl_instr, kEveryMechanism},
    {VI_EVENT_ASRL_DCD, "VI_EVENT_ASRL_DCD", Kind::event_asrl, Kind::asrl_instr, kEveryMechanism},
    {VI_EVENT_ASRL_RI, "VI_EVENT_ASRL_RI", Kind::event_asrl, Kind::asrl_instr, kEveryMechanism},
    {VI_EVENT_ASRL_CHAR, "VI_EVENT_ASRL_CHAR", Kind::event_asrl, Kind::asrl_instr, kEveryMechanism},
    {VI_EVENT_TCPIP_CONNECT, "VI_EVENT_TCPIP_CONNECT", Kind::event_tcpip_connect,
     Kind::tcpip_servant, kEveryMechanism},
    {VI_EVENT_USB_INTR, "VI_EVENT_USB_INTR", Kind::event_usb_intr, kUsb, kEveryMechanism},
    {VI_EVENT_TRIG, "VI_EVENT_TRIG", Kind::event_trig, kTriggered, kEveryMechanism},
    {VI_EVENT_EXCEPTION, "VI_EVENT_EXCEPTION", Kind::event_exception,
     kIoKinds | Kind::resource_manager, VI_HNDLR},
    {VI_EVENT_VXI_DEV_CMD, "VI_EVENT_VXI_DEV_CMD", Kind::event_vxi_dev_cmd, Kind::vxi_servant,
     kEveryMechanism},
    {VI_EVENT_VXI_VME_INTR, "VI_EVENT_VXI_VME_INTR", Kind::event_vxi_vme_intr, kVxiInstr,
     kEveryMechanism},
};

constexpr bool by_id(const EventInfo& a, const EventInfo& b) {
  return a.id < b.id;
}

static_assert(std::is_sorted(std::begin(kTable), std::end(kTable), by_id));
static_assert(std::all_of(std::begin(kTable), std::end(kTable),
                          [](const EventInfo& row) {
                            return kEventKinds.contains(row.context) && !row.raised_by.empty() &&
                                   (row.raised_by - (kIoKinds | Kind::resource_manager)).empty();
                          }),
              "sessions raise events, and each event has a context");

}  // namespace

std::span<const EventInfo> event_table() noexcept {
  return kTable;
}

const EventInfo* find_event(ViEventType id) noexcept {
  const auto* found =
      std::lower_bound(std::begin(kTable), std::end(kTable), id,
                       [](const EventInfo& row, ViEventType wanted) { return row.id < wanted; });
  return found != std::end(kTable) && found->id == id ? found : nullptr;
}

}  // namespace visa::model
