// SPDX-License-Identifier: MIT
// What goes wrong between a USB adapter of a GPIB bus and its host, beyond the faults of answers
// and of the bus (gpib/gpib_faults.h). Data and polls meet the faults of the instrument that is
// addressed, everything else those of any instrument of the bus. Constants.
#pragma once

#include <span>

#include "tools/sim/engine/faults.h"

namespace visa::sim {

// What a host asks of an adapter, whatever its family.
inline constexpr WireOperation kDongleRegisters{"dongle_registers"};
/// Take control, go to standby, IFC, parallel poll.
inline constexpr WireOperation kDongleLines{"dongle_lines"};
inline constexpr WireOperation kDongleCommand{"dongle_command"};
inline constexpr WireOperation kDongleWrite{"dongle_write"};
inline constexpr WireOperation kDongleRead{"dongle_read"};
/// The stop request, or the abort.
inline constexpr WireOperation kDongleStop{"dongle_stop"};
/// A question for the state, on the control endpoint.
inline constexpr WireOperation kDongleStatus{"dongle_status"};
inline constexpr WireOperation kDongleMonitor{"dongle_monitor"};
/// The serial number, and whether the adapter is ready.
inline constexpr WireOperation kDongleReady{"dongle_ready"};
inline constexpr WireOperation kDongleUpload{"dongle_upload"};
/// Plugging in: met only by name.
inline constexpr WireOperation kDonglePlug{"dongle_plug", true};
// Packets on the interrupt endpoint.
inline constexpr WireOperation kDongleService{"dongle_service"};
inline constexpr WireOperation kDongleComplete{"dongle_complete"};
inline constexpr WireOperation kDongleAcknowledge{"dongle_acknowledge"};

// A message or request, before it is executed.

/// The adapter is unplugged; for `delay`, or until it is plugged in.
inline constexpr FaultKind kDongleUnplugFault{"dongle-unplug", FaultPoint::call};
/// It is taken and forgotten; a request on the control endpoint never ends.
inline constexpr FaultKind kDongleSilenceFault{"dongle-silence", FaultPoint::call};
/// It is not executed, and answers the code `error` of the family.
inline constexpr FaultKind kDongleErrorFault{"dongle-error", FaultPoint::call, true};
/// A read is refused at once, as of an adapter that does not listen.
inline constexpr FaultKind kDongleRefuseFault{"dongle-refuse", FaultPoint::call, false,
                                              &kDongleRead};

// What the adapter sends on bulk-IN.

/// It does not come.
inline constexpr FaultKind kDongleLostFault{"dongle-lost", FaultPoint::reply};
/// It comes `delay` later.
inline constexpr FaultKind kDongleLateFault{"dongle-late", FaultPoint::reply};
/// It comes in `pieces` that each end with a short packet, `delay` between two.
inline constexpr FaultKind kDongleSplitFault{"dongle-split", FaultPoint::reply};
/// Its first `bytes` (half) come.
inline constexpr FaultKind kDongleShortFault{"dongle-short", FaultPoint::reply};
/// `bytes` (16) come after it, in the same transfer.
inline constexpr FaultKind kDongleLongFault{"dongle-long", FaultPoint::reply};
/// As many bytes come that mean nothing.
inline constexpr FaultKind kDongleGarbageFault{"dongle-garbage", FaultPoint::reply};
/// Before it come `length` (1) replies to something else, as a program leaves them that was killed.
inline constexpr FaultKind kDongleStaleFault{"dongle-stale", FaultPoint::reply};
/// After its first `bytes` (half) the endpoint halts; the adapter is unplugged, for `delay` or
/// until it is plugged in.
inline constexpr FaultKind kDongleHaltFault{"dongle-halt", FaultPoint::reply};
inline constexpr FaultKind kDongleUnplugInFault{"dongle-unplug-in", FaultPoint::reply};

// What it sends on the interrupt endpoint.

/// It does not come; it comes `delay` later.
inline constexpr FaultKind kDongleReportLostFault{"dongle-report-lost",
                                                  FaultPoint::service_request};
inline constexpr FaultKind kDongleReportLateFault{"dongle-report-late",
                                                  FaultPoint::service_request};
/// Before it comes one that says `error`: the interrupt byte of an 82357, the ibsta of an NI.
inline constexpr FaultKind kDongleReportExtraFault{"dongle-report-extra",
                                                   FaultPoint::service_request, true};

std::span<const FaultKind* const> dongle_faults() noexcept;
const WireOperation* find_dongle_operation(std::string_view name) noexcept;

}  // namespace visa::sim
