// SPDX-License-Identifier: MIT
// The settings of a serial line and their form in the kernel (termios2). Pure functions: any
// thread. <termios.h> of the C library must not be included beside this header: it defines the same
// names for the older form, which has no baud rates of one's own.
#pragma once

#include <asm/termbits.h>
#include <visa.h>

#include <cstdint>
#include <string>

namespace visa::drivers::serial {

/// What the tty keeps of a line. Every rate goes as BOTHER with its number.
using TtyState = ::termios2;

/// The numbers are those of VI_ATTR_ASRL_*; the defaults those of the standard.
struct LineSettings {
  std::uint32_t baud = 9600;
  std::uint16_t data_bits = 8;
  std::uint16_t parity = VI_ASRL_PAR_NONE;
  std::uint16_t stop_bits = VI_ASRL_STOP_ONE;
  std::uint16_t flow = VI_ASRL_FLOW_NONE;
  std::uint8_t xon = 0x11;
  std::uint8_t xoff = 0x13;

  friend bool operator==(const LineSettings&, const LineSettings&) = default;
};

/// Why no port of Linux can have these settings, with what to do; "" if some port can.
std::string impossible(const LineSettings& settings);

/// `before` with these settings, otherwise raw: every byte passes as it is, and the kernel marks
/// bytes that arrive damaged (LineDecoder). HUPCL, which drops DTR at the last close, is as
/// `drop_lines` says.
TtyState state_of(const LineSettings& settings, const TtyState& before, bool drop_lines);

/// Which setting the port did not take, with what it has instead; "" if it took all. The kernel
/// reports success when any change was possible, so only reading back tells. A baud rate may be
/// 2.5 % off.
std::string refused(const LineSettings& wanted, const TtyState& now);

/// False with errno as the system call left it.
bool get_state(int fd, TtyState& state) noexcept;
/// Takes effect at once, also for output that is still waiting.
bool set_state(int fd, const TtyState& state) noexcept;

/// Bits on the line for one byte, with start, parity and stop bits, rounded up.
unsigned bits_per_byte(const LineSettings& settings) noexcept;

}  // namespace visa::drivers::serial
