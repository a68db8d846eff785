// SPDX-License-Identifier: MIT
// The kinds of fault that only USB has. Those of real instruments, which are there all the time,
// are the same kinds without a count: tools/sim/README.md says whose they are.
#pragma once

#include <span>

#include "tools/sim/engine/faults.h"
#include "tools/sim/usb/usbtmc_header.h"

namespace visa::sim {

// A message or a request of the host, before it is executed.

/// The request is not understood; of a message: the bulk-OUT endpoint halts.
inline constexpr FaultKind kUsbStallFault{"usb-stall", FaultPoint::call};
/// The message is taken and forgotten; a request is never answered.
inline constexpr FaultKind kUsbSilenceFault{"usb-silence", FaultPoint::call};
/// Of the transfer the first `bytes` (0) are taken, the others when the fault is off or after `ms`.
inline constexpr FaultKind kUsbNakFault{"usb-nak", FaultPoint::call};
/// The request is executed, or the answer begun, `ms` later.
inline constexpr FaultKind kUsbLateFault{"usb-late", FaultPoint::call};
/// The request is not executed and answers the status `error`.
inline constexpr FaultKind kUsbStatusFault{"usb-status", FaultPoint::call, true};
/// The device answers nothing any more, until the fault is off or it is plugged in anew.
inline constexpr FaultKind kUsbHangFault{"usb-hang", FaultPoint::call};
/// The device is unplugged; for `ms`, or until it is plugged in.
inline constexpr FaultKind kUsbUnplugFault{"usb-unplug", FaultPoint::call};

/// A request for more than `bytes` (63) is never answered.
inline constexpr FaultKind kUsbRequestLimitFault{"usb-request-limit", FaultPoint::call, false,
                                                 usbtmc_operation(UsbtmcId::dev_dep_msg_in)};

// An answer: one bulk-IN transfer.

/// `length` (1) is added to its bTag.
inline constexpr FaultKind kUsbTagFault{"usb-tag", FaultPoint::reply, false, &kUsbtmcAnswer};
/// The copy of its bTag is not the inverse.
inline constexpr FaultKind kUsbTagCopyFault{"usb-tag-copy", FaultPoint::reply, false,
                                            &kUsbtmcAnswer};
/// Has the MsgID `error`.
inline constexpr FaultKind kUsbMessageIdFault{"usb-msgid", FaultPoint::reply, true, &kUsbtmcAnswer};
/// Announces `length` (4294967295) bytes.
inline constexpr FaultKind kUsbLengthFault{"usb-length", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Has `bytes` (16) more of data than were asked for, if there are.
inline constexpr FaultKind kUsbLongFault{"usb-long", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Says EOM, whatever follows.
inline constexpr FaultKind kUsbEomFault{"usb-eom", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Does not say EOM.
inline constexpr FaultKind kUsbNoEomFault{"usb-no-eom", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Has bits where there should be none.
inline constexpr FaultKind kUsbReservedFault{"usb-reserved", FaultPoint::reply, false,
                                             &kUsbtmcAnswer};
/// Ends after its first `bytes` (half), counted with the header.
inline constexpr FaultKind kUsbShortFault{"usb-short", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Has no empty packet at its end where the last one is full.
inline constexpr FaultKind kUsbNoEmptyFault{"usb-no-empty-packet", FaultPoint::reply, false,
                                            &kUsbtmcAnswer};
/// Is filled up to a full packet and has no empty one after it.
inline constexpr FaultKind kUsbFillFault{"usb-fill", FaultPoint::reply, false, &kUsbtmcAnswer};
/// `bytes` (16) come after its data.
inline constexpr FaultKind kUsbTrailingFault{"usb-trailing", FaultPoint::reply, false,
                                             &kUsbtmcAnswer};
/// Comes in `pieces` of whole packets, `ms` between two.
inline constexpr FaultKind kUsbSplitFault{"usb-split", FaultPoint::reply, false, &kUsbtmcAnswer};
/// The whole packets of its first `bytes` (half) come, the rest when the fault is off or after
/// `ms`.
inline constexpr FaultKind kUsbHoldFault{"usb-hold", FaultPoint::reply, false, &kUsbtmcAnswer};
/// After its first `bytes` (half) the endpoint halts; after all, babble or errors on the bus.
inline constexpr FaultKind kUsbStallInFault{"usb-stall-in", FaultPoint::reply, false,
                                            &kUsbtmcAnswer};
inline constexpr FaultKind kUsbBabbleFault{"usb-babble", FaultPoint::reply, false, &kUsbtmcAnswer};
inline constexpr FaultKind kUsbBusErrorFault{"usb-bus-error", FaultPoint::reply, false,
                                             &kUsbtmcAnswer};
/// After its first `bytes` (half) the device is unplugged; for `ms`, or until it is plugged in.
inline constexpr FaultKind kUsbUnplugInFault{"usb-unplug-in", FaultPoint::reply, false,
                                             &kUsbtmcAnswer};
/// Does not come.
inline constexpr FaultKind kUsbLostFault{"usb-lost", FaultPoint::reply, false, &kUsbtmcAnswer};
/// Never ends: its data comes again and again, beyond what it announces, until the fault is off,
/// the transfer is aborted or the device cleared.
inline constexpr FaultKind kUsbEndlessFault{"usb-endless", FaultPoint::reply, false,
                                            &kUsbtmcAnswer};
/// Before it comes an empty transfer; one with the tag before.
inline constexpr FaultKind kUsbEmptyFault{"usb-empty", FaultPoint::reply, false, &kUsbtmcAnswer};
inline constexpr FaultKind kUsbStaleFault{"usb-stale", FaultPoint::reply, false, &kUsbtmcAnswer};
/// The whole answer comes as one transfer, however little was asked for, with one header, which
/// announces `length` (what was asked for) bytes. A request in the middle begins it anew.
inline constexpr FaultKind kUsbHeaderOnceFault{"usb-header-once", FaultPoint::reply, false,
                                               &kUsbtmcAnswer};

// Aborts and status.

/// An abort of bulk-IN is not followed by a short packet.
inline constexpr FaultKind kUsbAbortSilentFault{
    "usb-abort-silent", FaultPoint::call, false,
    usbtmc_operation(UsbtmcRequest::initiate_abort_bulk_in)};
/// READ_STATUS_BYTE answers with the status byte, and no packet follows on the interrupt endpoint.
inline constexpr FaultKind kUsbStatusInControlFault{
    "usb-status-in-control", FaultPoint::call, false,
    usbtmc_operation(UsbtmcRequest::read_status_byte)};
/// The packet on the interrupt endpoint does not come; has another tag; comes after one of the
/// vendor's, which begins with `error` (1).
inline constexpr FaultKind kUsbInterruptLostFault{"usb-interrupt-lost", FaultPoint::reply, false,
                                                  &kUsbtmcInterrupt};
inline constexpr FaultKind kUsbInterruptTagFault{"usb-interrupt-tag", FaultPoint::reply, false,
                                                 &kUsbtmcInterrupt};
inline constexpr FaultKind kUsbInterruptExtraFault{"usb-interrupt-extra", FaultPoint::reply, false,
                                                   &kUsbtmcInterrupt};

// A request for service.

inline constexpr FaultKind kUsbSrqLostFault{"usb-srq-lost", FaultPoint::service_request};
inline constexpr FaultKind kUsbSrqTwiceFault{"usb-srq-twice", FaultPoint::service_request};

/// In the order in which they are listed to people.
std::span<const FaultKind* const> usb_faults() noexcept;

}  // namespace visa::sim
