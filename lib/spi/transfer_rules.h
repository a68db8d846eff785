// SPDX-License-Identifier: MIT
// The rules of one transfer: what ends a read, what follows a write, which protocol of the wire
// carries it. The core computes them from the attributes of the session (including ASRL_END_IN and
// ASRL_END_OUT), so that no driver reads those. Values.
#pragma once

#include <cstddef>
#include <cstdint>

#include <visa.h>
#include "lib/base/status.h"

namespace visa::spi {

/// When a read is over, besides its count.
struct EndRule {
  /// VI_ATTR_SUPPRESS_END_EN: the END of the wire (on a byte stream: a pause) does not end the
  /// read.
  bool suppress_end = false;
  /// VI_ATTR_TERMCHAR_EN: this byte ends the read and is delivered as its last byte.
  bool termchar_enabled = false;
  std::uint8_t termchar = '\n';
  /// VI_ATTR_ASRL_END_IN = LAST_BIT: a byte with its highest data bit set ends the read.
  bool last_bit = false;
  /// VI_ATTR_IO_PROT: VI_PROT_NORMAL, or VI_PROT_USBTMC_VENDOR, VI_PROT_HS488, VI_PROT_FDC where
  /// the wire has them.
  std::uint16_t protocol = VI_PROT_NORMAL;
};

/// What marks the last byte of a write.
enum class WriteEnd : std::uint8_t {
  none,      // more of the message follows
  end,       // the END of the wire, where it has one
  termchar,  // ASRL_END_OUT = TERMCHAR
  last_bit,  // ASRL_END_OUT = LAST_BIT
  break_,    // ASRL_END_OUT = BREAK
};

/// How a write goes out.
struct WriteRule {
  // NOLINTNEXTLINE(google-explicit-constructor): a rule by its end
  WriteRule(WriteEnd mark = WriteEnd::end, std::uint16_t io_protocol = VI_PROT_NORMAL) noexcept
      : end(mark), protocol(io_protocol) {}
  WriteEnd end;
  /// VI_ATTR_IO_PROT, as in EndRule.
  std::uint16_t protocol;
  /// VI_ATTR_TERMCHAR, which follows the data where `end` says so.
  std::uint8_t termchar = '\n';
  /// VI_ATTR_ASRL_END_OUT = LAST_BIT: the highest data bit is cleared in every byte, except in the
  /// last one where `end` is last_bit.
  bool masks_last_bit = false;

  /// The rule for a part of the message that is not its last.
  WriteRule part() const noexcept {
    WriteRule rule = *this;
    rule.end = WriteEnd::none;
    return rule;
  }
};

/// VI_TRIG_PROT_* as a type.
enum class TriggerProtocol : std::uint16_t {};

/// viAssertTrigger: the protocol of the call, and VI_ATTR_TRIG_ID, the line it means (VI_TRIG_SW:
/// none).
struct TriggerRule {
  // NOLINTNEXTLINE(google-explicit-constructor): a rule by its protocol
  TriggerRule(TriggerProtocol how, std::int16_t trigger_line = VI_TRIG_SW) noexcept
      : protocol(how), line(trigger_line) {}
  TriggerProtocol protocol;
  std::int16_t line;
};

/// Why a read stopped. Only the core turns this into VISA codes: END before termchar before count
/// (RULES 6.1.1 to 6.1.3).
/// `closed`: the peer has ended the connection in an orderly way, and the settings of the resource
/// make that the end of an answer (SOCKET, close_ends_answer). With success it is an END that no
/// rule suppresses; with error_conn_lost nothing came after what the channel took for an end.
enum class StopReason : std::uint8_t { count, termchar, end, closed };

/// `count` bytes were delivered, whatever the status is. `reason` counts only on success, except
/// for `closed`.
struct ReadResult {
  Status status = Status::success;
  std::size_t count = 0;
  StopReason reason = StopReason::count;
};

/// The wire took `count` bytes, whatever the status is.
struct WriteResult {
  Status status = Status::success;
  std::size_t count = 0;
};

}  // namespace visa::spi
