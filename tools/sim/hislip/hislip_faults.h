// SPDX-License-Identifier: MIT
// The kinds of fault that only HiSLIP has, and what each makes of a message of the server.
#pragma once

#include <span>

#include "tools/sim/engine/faults.h"
#include "tools/sim/hislip/hislip_message.h"
#include "tools/sim/hislip/hislip_output.h"

namespace visa::sim {

// A message of the client, before it is executed.

/// Is neither executed nor answered.
inline constexpr FaultKind kHislipSilenceFault{"hislip-silence", FaultPoint::call};
/// Is answered with Error of the code `error` instead of being executed.
inline constexpr FaultKind kHislipErrorFault{"hislip-error", FaultPoint::call, true};
/// Is answered with FatalError of the code `error` on both channels, and the connections end.
inline constexpr FaultKind kHislipFatalFault{"hislip-fatal", FaultPoint::call, true};

// A message of the server.

/// Is not sent.
inline constexpr FaultKind kHislipLostFault{"hislip-lost", FaultPoint::reply};
/// Comes twice.
inline constexpr FaultKind kHislipTwiceFault{"hislip-twice", FaultPoint::reply};
/// Comes `delay` later, and what follows on its channel later still.
inline constexpr FaultKind kHislipLateFault{"hislip-late", FaultPoint::reply};
/// In segments of TCP of `bytes` (1), `delay` between two.
inline constexpr FaultKind kHislipSplitFault{"hislip-split", FaultPoint::reply};
/// Its first `bytes` (half) come; the rest when the fault is off, or after `delay`.
inline constexpr FaultKind kHislipStallFault{"hislip-stall", FaultPoint::reply};
/// Its first `bytes` (half) come, then the connections end.
inline constexpr FaultKind kHislipCloseFault{"hislip-close", FaultPoint::reply};
/// Its first `bytes` (half) come, then FatalError of the code `error` in the middle of it.
inline constexpr FaultKind kHislipFatalInsideFault{"hislip-fatal-inside", FaultPoint::reply};
/// `length` (0x1000) is added to its parameter, which is the message id where it has one.
inline constexpr FaultKind kHislipIdFault{"hislip-id", FaultPoint::reply};
/// A Data that is not the last has the id 0xFFFFFFFF, "unknown", which is correct.
inline constexpr FaultKind kHislipUnknownIdFault{"hislip-unknown-id", FaultPoint::reply, false,
                                                 hislip_operation(HislipType::data)};
/// Before it comes the DataEND of the question before.
inline constexpr FaultKind kHislipStaleFault{"hislip-stale", FaultPoint::reply, false,
                                             hislip_operation(HislipType::data)};
/// Announces a payload of `length` (2^63) bytes.
inline constexpr FaultKind kHislipLengthFault{"hislip-length", FaultPoint::reply};
/// Has `bytes` (16) more of payload: on a response whose payload is reserved.
inline constexpr FaultKind kHislipPayloadFault{"hislip-payload", FaultPoint::reply};
/// Does not begin with "HS".
inline constexpr FaultKind kHislipPrologueFault{"hislip-prologue", FaultPoint::reply};
/// Has the control code `error`.
inline constexpr FaultKind kHislipControlFault{"hislip-control", FaultPoint::reply, true};
/// Has the message type `error`.
inline constexpr FaultKind kHislipTypeFault{"hislip-type", FaultPoint::reply, true};
/// Before it comes a message of the type `error` (128, a vendor's) with `bytes` (0) of payload, on
/// the channel that the type belongs to.
inline constexpr FaultKind kHislipExtraFault{"hislip-extra", FaultPoint::reply};
/// Comes as Data where it should be DataEND.
inline constexpr FaultKind kHislipNoEndFault{"hislip-no-end", FaultPoint::reply, false,
                                             hislip_operation(HislipType::data)};
/// The answer is taken back, and AsyncInterrupted and Interrupted come instead.
inline constexpr FaultKind kHislipInterruptedFault{"hislip-interrupted", FaultPoint::reply, false,
                                                   hislip_operation(HislipType::data)};

/// In the order in which they are listed to people.
std::span<const FaultKind* const> hislip_message_faults() noexcept;

/// What a fault sends before the message itself, on which channel.
struct HislipExtra {
  HislipMessage message;
  std::uint8_t type = kHislipFirstVendor;  ///< instead of the message's own
};
HislipExtra hislip_extra(const Fault& fault);

/// Puts `message` into `out`. `active` may be null; of the kinds that concern more than the bytes
/// of one message (hislip-interrupted, hislip-extra, the end of hislip-fatal-inside) the session
/// takes care.
void put_hislip(HislipOutput& out, HislipMessage message, const FaultBoard::Active* active);
/// The bytes of a message.
OutputQueue hislip_bytes_of(std::uint8_t type, const HislipMessage& message);

}  // namespace visa::sim
