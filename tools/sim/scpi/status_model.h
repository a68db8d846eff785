// SPDX-License-Identifier: MIT
// The status registers of an instrument: IEEE 488.2 chapter 11 (ESR, ESE, STB, SRE) and the two
// SCPI groups OPERation and QUEStionable, with the error queue's summary bit.
//
// One per instrument, shared by all its clients; the message-available bit is a link's own, so it
// is passed in. On the bench's thread only.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/sim/scpi/error_queue.h"

namespace visa::sim {

/// Bits of the status byte.
inline constexpr std::uint8_t kStbErrorQueue = 0x04;
inline constexpr std::uint8_t kStbQuestionable = 0x08;
inline constexpr std::uint8_t kStbMessageAvailable = 0x10;
inline constexpr std::uint8_t kStbEventSummary = 0x20;
inline constexpr std::uint8_t kStbRequestService = 0x40;  ///< MSS in *STB?, RQS in a serial poll
inline constexpr std::uint8_t kStbOperation = 0x80;

/// Bits of the standard event status register.
inline constexpr std::uint8_t kEsrOperationComplete = 0x01;
inline constexpr std::uint8_t kEsrQueryError = 0x04;
inline constexpr std::uint8_t kEsrDeviceError = 0x08;
inline constexpr std::uint8_t kEsrExecutionError = 0x10;
inline constexpr std::uint8_t kEsrCommandError = 0x20;
inline constexpr std::uint8_t kEsrPowerOn = 0x80;

/// SCPI-99 volume 1 9.1: bit 15 is not used.
inline constexpr std::uint16_t kStatusBits = 0x7FFF;

/// A SCPI status group (SCPI-99 volume 1 chapter 9). A condition that comes sets its event where
/// the positive transition filter has the bit, one that goes where the negative filter has it.
struct StatusGroup {
  std::uint16_t condition = 0;
  std::uint16_t event = 0;
  std::uint16_t enable = 0;
  std::uint16_t positive = kStatusBits;  ///< PTRansition
  std::uint16_t negative = 0;            ///< NTRansition

  void set_condition(std::uint16_t bits, bool on) noexcept;
  bool summary() const noexcept { return (event & enable) != 0; }
  /// STATus:PRESet: enable and filters as they are at the start; events and conditions stay.
  void preset() noexcept;
};

class StatusModel {
 public:
  /// Records an error: its place in the queue and its class bit in the ESR.
  void report(int code, std::string_view detail = {});
  void set_event(std::uint8_t bits) noexcept { esr_ = static_cast<std::uint8_t>(esr_ | bits); }

  /// *ESR?: reads and clears.
  std::uint8_t take_esr() noexcept;
  /// *CLS: events and errors go; enables, filters and conditions stay.
  void clear() noexcept;
  /// STATus:PRESet, both groups.
  void preset() noexcept;

  /// The status byte without bit 6.
  std::uint8_t summary(bool message_available) const noexcept;
  /// Master summary status for a link.
  bool wants_service(bool message_available) const noexcept {
    return (summary(message_available) & sre_) != 0;
  }

  std::uint8_t ese() const noexcept { return ese_; }
  void set_ese(std::uint8_t bits) noexcept { ese_ = bits; }
  std::uint8_t sre() const noexcept { return sre_; }
  /// Bit 6 cannot be enabled (488.2 11.3.2.3).
  void set_sre(std::uint8_t bits) noexcept { sre_ = bits & 0xBF; }

  ErrorQueue errors;
  StatusGroup operation;
  StatusGroup questionable;

 private:
  std::uint8_t esr_ = kEsrPowerOn;
  std::uint8_t ese_ = 0;
  std::uint8_t sre_ = 0;
};

}  // namespace visa::sim
