// SPDX-License-Identifier: MIT
// Pseudo-terminals and some gadgets have no modem lines; the kernel then knows no TIOCMGET.
#include "drivers/serial/modem_lines.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>
#include <visa.h>

#include <array>
#include <cerrno>

namespace visa::drivers::serial {
namespace {

int bit_of(ModemLine line) noexcept {
  static constexpr std::array<int, 6> kBits{TIOCM_CTS, TIOCM_DSR, TIOCM_CAR,
                                            TIOCM_RNG, TIOCM_RTS, TIOCM_DTR};
  return kBits[static_cast<unsigned>(line)];
}

bool has_none(int error) noexcept {
  return error == ENOTTY || error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

}  // namespace

Result<int> modem_line(Tty& tty, ModemLine line, Call& call) {
  int lines = 0;
  if (::ioctl(tty.fd(), TIOCMGET, &lines) != 0) {
    if (has_none(errno)) return int{VI_STATE_UNKNOWN};
    return tty.fail(errno, call);
  }
  return (lines & bit_of(line)) != 0 ? int{VI_STATE_ASSERTED} : int{VI_STATE_UNASSERTED};
}

Status set_modem_line(Tty& tty, ModemLine line, bool asserted, Call& call) {
  int bit = bit_of(line);
  if (::ioctl(tty.fd(), asserted ? TIOCMBIS : TIOCMBIC, &bit) == 0) return Status::success;
  if (has_none(errno)) {
    return tty.refuse(Status::error_nsup_attr_state, "the port has no modem lines", call);
  }
  return tty.fail(errno, call);
}

void assert_outputs(const Tty& tty) noexcept {
  int bits = TIOCM_RTS | TIOCM_DTR;
  ::ioctl(tty.fd(), TIOCMBIS, &bits);
}

std::optional<unsigned> modem_inputs(const Tty& tty) noexcept {
  int lines = 0;
  if (::ioctl(tty.fd(), TIOCMGET, &lines) != 0) return std::nullopt;
  unsigned bits = 0;
  for (const auto line : {ModemLine::cts, ModemLine::dsr, ModemLine::dcd, ModemLine::ri}) {
    if ((lines & bit_of(line)) != 0) bits |= 1U << static_cast<unsigned>(line);
  }
  return bits;
}

}  // namespace visa::drivers::serial
