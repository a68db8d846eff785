// SPDX-License-Identifier: MIT
// Every change is read back: the kernel reports success when any part of it was possible.
#include "drivers/serial/line_control.h"

#include <asm/ioctls.h>
#include <linux/serial.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <chrono>
#include <string>

namespace visa::drivers::serial {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::uint32_t kRs485 = SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND;

}  // namespace

Status LineControl::start(const LineSettings& wanted, Call& call) {
  const MutexLock lock(mutex_);
  if (!get_state(tty_.fd(), saved_)) {
    return tty_.refuse(Status::error_rsrc_nfound,
                       errno == EIO ? "no hardware answers at this port; is it the right one?"
                                    : "this is no serial port",
                       call);
  }
  if (const std::string why = impossible(wanted); !why.empty()) {
    return tty_.refuse(Status::error_nsup_attr_state, why, call);
  }
  const bool drop_lines = !keep_lines_ && (saved_.c_cflag & HUPCL) != 0;
  TtyState now = state_of(wanted, saved_, drop_lines);
  started_ = true;
  if (!set_state(tty_.fd(), now) || !get_state(tty_.fd(), now)) {
    return tty_.refuse(Status::error_rsrc_nfound, "the port refused its settings", call);
  }
  if (const std::string why = refused(wanted, now); !why.empty()) {
    return tty_.refuse(Status::error_nsup_attr_state, why, call);
  }
  note(wanted);
  return Status::success;
}

void LineControl::note(const LineSettings& settings) {
  settings_ = settings;
  input_.set_parity(settings.parity != VI_ASRL_PAR_NONE);
  output_.set_byte_time(std::chrono::nanoseconds(kNanoseconds * bits_per_byte(settings) /
                                                 std::int64_t{settings.baud}));
}

LineSettings LineControl::settings() const {
  const MutexLock lock(mutex_);
  return settings_;
}

Status LineControl::apply(const LineSettings& wanted, Call& call) {
  const MutexLock lock(mutex_);
  TtyState before{};
  if (!get_state(tty_.fd(), before)) return tty_.fail(errno, call);
  TtyState now = state_of(wanted, before, (before.c_cflag & HUPCL) != 0);
  const bool set = set_state(tty_.fd(), now);
  const int error = errno;
  if (!set && error != EINVAL) return tty_.fail(error, call);
  if (!get_state(tty_.fd(), now)) return tty_.fail(errno, call);
  std::string why = refused(wanted, now);
  if (!set && why.empty()) why = "the port refused the setting";
  if (why.empty()) {
    note(wanted);
    return Status::success;
  }
  set_state(tty_.fd(), before);
  return tty_.refuse(Status::error_nsup_attr_state, why, call);
}

bool LineControl::holds_break() const {
  const MutexLock lock(mutex_);
  return break_;
}

Status LineControl::set_break(bool on, Call& call) {
  const auto switch_it = [&]() -> Status {
    if (::ioctl(tty_.fd(), on ? TIOCSBRK : TIOCCBRK) != 0) {
      if (errno == EIO || errno == ENODEV) return tty_.fail(errno, call);
      return tty_.refuse(Status::error_nsup_attr_state, "the port cannot send a break", call);
    }
    const MutexLock lock(mutex_);
    break_ = on;
    return Status::success;
  };
  return on ? output_.when_idle(call, switch_it) : switch_it();
}

bool LineControl::may_transmit() const {
  const MutexLock lock(mutex_);
  return !stopped_;
}

Status LineControl::set_may_transmit(bool on, Call& call) {
  const MutexLock lock(mutex_);
  if (!on && (settings_.flow & VI_ASRL_FLOW_XON_XOFF) == 0) {
    return tty_.refuse(Status::error_nsup_attr_state,
                       "transmission can be stopped with XON/XOFF flow control only; set "
                       "VI_ATTR_ASRL_FLOW_CNTRL first",
                       call);
  }
  if (on == !stopped_) return Status::success;
  if (::ioctl(tty_.fd(), TCXONC, on ? TCOON : TCOOFF) != 0) return tty_.fail(errno, call);
  stopped_ = !on;
  return Status::success;
}

// Linux switches the transmitter by RTS; what the standard calls control by DTR it has not.
Result<int> LineControl::wire_mode(Call& call) {
  serial_rs485 state{};
  if (::ioctl(tty_.fd(), TIOCGRS485, &state) != 0) {
    if (errno == EIO || errno == ENODEV) return tty_.fail(errno, call);
    return int{VI_ASRL_WIRE_232_DTE};
  }
  if ((state.flags & SER_RS485_ENABLED) == 0) return int{VI_ASRL_WIRE_232_DTE};
  return (state.flags & SER_RS485_RX_DURING_TX) != 0 ? int{VI_ASRL_WIRE_485_4}
                                                     : int{VI_ASRL_WIRE_485_2_AUTO};
}

Status LineControl::set_wire_mode(int mode, Call& call) {
  constexpr std::string_view kNone =
      "the port has no such wire mode; Linux knows RS-232 (DTE), and RS-485 with four wires or "
      "with automatic control where the driver of the port has it";
  if (mode != VI_ASRL_WIRE_232_DTE && mode != VI_ASRL_WIRE_485_4 &&
      mode != VI_ASRL_WIRE_485_2_AUTO) {
    return tty_.refuse(Status::error_nsup_attr_state, kNone, call);
  }
  const auto now = wire_mode(call);
  if (!now) return now.status();
  if (*now == mode) return Status::success;
  return output_.when_idle(call, [&]() -> Status {
    serial_rs485 state{};
    if (::ioctl(tty_.fd(), TIOCGRS485, &state) != 0) {
      return tty_.refuse(Status::error_nsup_attr_state, kNone, call);
    }
    const std::uint32_t before = state.flags;
    state.flags &= ~static_cast<std::uint32_t>(kRs485 | SER_RS485_RX_DURING_TX);
    if (mode != VI_ASRL_WIRE_232_DTE) state.flags |= kRs485;
    if (mode == VI_ASRL_WIRE_485_4) state.flags |= SER_RS485_RX_DURING_TX;
    const bool set = ::ioctl(tty_.fd(), TIOCSRS485, &state) == 0;
    const auto got = wire_mode(call);
    if (!set || !got || *got != mode) {
      state.flags = before;
      ::ioctl(tty_.fd(), TIOCSRS485, &state);
      return tty_.refuse(Status::error_nsup_attr_state, kNone, call);
    }
    const MutexLock lock(mutex_);
    if (!saved_rs485_) saved_rs485_ = before;
    return Status::success;
  });
}

void LineControl::restore() noexcept {
  const MutexLock lock(mutex_);
  if (!started_ || tty_.lost()) return;
  if (break_) ::ioctl(tty_.fd(), TIOCCBRK);
  if (stopped_) ::ioctl(tty_.fd(), TCXONC, TCOON);
  if (saved_rs485_) {
    serial_rs485 state{};
    if (::ioctl(tty_.fd(), TIOCGRS485, &state) == 0) {
      state.flags = *saved_rs485_;
      ::ioctl(tty_.fd(), TIOCSRS485, &state);
    }
  }
  if (keep_lines_) saved_.c_cflag &= ~tcflag_t{HUPCL};
  set_state(tty_.fd(), saved_);
}

}  // namespace visa::drivers::serial
