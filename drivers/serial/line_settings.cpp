// SPDX-License-Identifier: MIT
// 1.5 stop bits are what a 16550 makes of CSTOPB with 5 data bits; with more bits CSTOPB means 2.
#include "drivers/serial/line_settings.h"

#include <asm/ioctls.h>
#include <sys/ioctl.h>

#include <cstdlib>

namespace visa::drivers::serial {
namespace {

constexpr std::uint64_t kTolerance = 1000;  // of a baud rate: 25 per thousand
constexpr std::uint64_t kMostOff = 25;

tcflag_t size_flag(std::uint16_t bits) noexcept {
  switch (bits) {
    case 5:
      return CS5;
    case 6:
      return CS6;
    case 7:
      return CS7;
    default:
      return CS8;
  }
}

tcflag_t parity_flags(std::uint16_t parity) noexcept {
  switch (parity) {
    case VI_ASRL_PAR_ODD:
      return PARENB | PARODD;
    case VI_ASRL_PAR_EVEN:
      return PARENB;
    case VI_ASRL_PAR_MARK:
      return PARENB | PARODD | CMSPAR;
    case VI_ASRL_PAR_SPACE:
      return PARENB | CMSPAR;
    default:
      return 0;
  }
}

tcflag_t control_flags(const LineSettings& settings) noexcept {
  tcflag_t flags = size_flag(settings.data_bits) | parity_flags(settings.parity);
  if (settings.stop_bits != VI_ASRL_STOP_ONE) flags |= CSTOPB;
  if ((settings.flow & VI_ASRL_FLOW_RTS_CTS) != 0) flags |= CRTSCTS;
  return flags;
}

constexpr tcflag_t kParityFlags = PARENB | PARODD | CMSPAR;
constexpr tcflag_t kLineFlags = CSIZE | kParityFlags | CSTOPB | CRTSCTS;

bool near(std::uint64_t wanted, std::uint64_t got) noexcept {
  const std::uint64_t off = wanted > got ? wanted - got : got - wanted;
  return off * kTolerance <= wanted * kMostOff;
}

}  // namespace

std::string impossible(const LineSettings& settings) {
  if (settings.baud == 0) return "a baud rate of 0 means to hang up; set one above 0";
  if ((settings.flow & VI_ASRL_FLOW_DTR_DSR) != 0) {
    return "Linux has no flow control by DTR and DSR; use RTS/CTS or XON/XOFF";
  }
  if (settings.stop_bits == VI_ASRL_STOP_ONE5 && settings.data_bits != 5) {
    return "1.5 stop bits exist with 5 data bits only; set VI_ATTR_ASRL_DATA_BITS to 5 first";
  }
  if (settings.stop_bits == VI_ASRL_STOP_TWO && settings.data_bits == 5) {
    return "with 5 data bits there are 1 or 1.5 stop bits; set VI_ATTR_ASRL_STOP_BITS first";
  }
  return {};
}

TtyState state_of(const LineSettings& settings, const TtyState& before, bool drop_lines) {
  TtyState state = before;
  state.c_iflag = INPCK | PARMRK;
  if ((settings.flow & VI_ASRL_FLOW_XON_XOFF) != 0) state.c_iflag |= IXON | IXOFF;
  state.c_oflag = 0;
  state.c_lflag = 0;
  state.c_cflag = control_flags(settings) | CREAD | CLOCAL | BOTHER | (BOTHER << IBSHIFT);
  if (drop_lines) state.c_cflag |= HUPCL;
  state.c_cc[VMIN] = 1;
  state.c_cc[VTIME] = 0;
  state.c_cc[VSTART] = settings.xon;
  state.c_cc[VSTOP] = settings.xoff;
  state.c_ispeed = settings.baud;
  state.c_ospeed = settings.baud;
  return state;
}

std::string refused(const LineSettings& wanted, const TtyState& now) {
  if (!near(wanted.baud, now.c_ospeed)) {
    return "the port cannot do " + std::to_string(wanted.baud) + " baud; the nearest it has is " +
           std::to_string(now.c_ospeed);
  }
  const tcflag_t missed = (control_flags(wanted) ^ now.c_cflag) & kLineFlags;
  if ((missed & CSIZE) != 0) {
    return "the port cannot do " + std::to_string(wanted.data_bits) + " data bits";
  }
  if ((missed & kParityFlags) != 0) return "the port cannot do that parity";
  if ((missed & CSTOPB) != 0) return "the port cannot do that number of stop bits";
  if ((missed & CRTSCTS) != 0) return "the port has no flow control by RTS and CTS";
  return {};
}

bool get_state(int fd, TtyState& state) noexcept {
  return ::ioctl(fd, TCGETS2, &state) == 0;
}

bool set_state(int fd, const TtyState& state) noexcept {
  return ::ioctl(fd, TCSETS2, &state) == 0;
}

unsigned bits_per_byte(const LineSettings& settings) noexcept {
  const unsigned stop = settings.stop_bits == VI_ASRL_STOP_ONE ? 1 : 2;
  return 1U + settings.data_bits + (settings.parity == VI_ASRL_PAR_NONE ? 0 : 1) + stop;
}

}  // namespace visa::drivers::serial
