// SPDX-License-Identifier: MIT
// What the test sends as FF 00 x must arrive like that, as from a chip that marks errors: the
// pseudo-terminal never sees PARMRK, which would double every FF.
#include "conformance/unit/drivers/support/fake_uart.h"

#include <asm/ioctls.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstring>

extern "C" {
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_fstat(int fd, struct stat* status);
int __wrap_fstat(int fd, struct stat* status);
}

namespace visa::test {
namespace {

std::atomic<FakeUart*> chip{nullptr};
thread_local int ioctls = 0;

int fails(int error) {
  errno = error;
  return -1;
}

template <class T>
int give(const std::optional<T>& value, void* argument) {
  if (!value) return fails(ENOTTY);
  std::memcpy(argument, &*value, sizeof(T));
  return 0;
}

}  // namespace

int ioctls_of_this_thread() {
  return ioctls;
}

FakeUart::FakeUart() {
  chip = this;
}
FakeUart::~FakeUart() {
  chip = nullptr;
}

void FakeUart::set_lines(std::optional<int> lines) {
  const std::lock_guard lock(mutex_);
  lines_ = lines;
}
int FakeUart::lines() {
  const std::lock_guard lock(mutex_);
  return lines_.value_or(-1);
}
void FakeUart::set_counters(std::optional<serial_icounter_struct> counters) {
  const std::lock_guard lock(mutex_);
  counters_ = counters;
}
void FakeUart::set_unsent(int bytes) {
  const std::lock_guard lock(mutex_);
  unsent_ = bytes;
}
int FakeUart::unsent() {
  const std::lock_guard lock(mutex_);
  return unsent_;
}
void FakeUart::set_empty(std::optional<bool> empty) {
  const std::lock_guard lock(mutex_);
  empty_ = empty;
}
void FakeUart::set_baud(unsigned baud) {
  const std::lock_guard lock(mutex_);
  baud_ = baud;
}
std::vector<std::string> FakeUart::diary() {
  const std::lock_guard lock(mutex_);
  return diary_;
}
void FakeUart::set_rs485(std::optional<unsigned> flags) {
  const std::lock_guard lock(mutex_);
  rs485_ = flags;
}
void FakeUart::break_down(int error) {
  const std::lock_guard lock(mutex_);
  error_ = error;
}
std::optional<termios2> FakeUart::state() {
  const std::lock_guard lock(mutex_);
  return state_;
}

int FakeUart::answer(int fd, unsigned long request, void* argument) {
  const std::lock_guard lock(mutex_);
  if (error_ != 0) return fails(error_);
  switch (request) {
    case TIOCMGET:
      return give(lines_, argument);
    case TIOCMBIS:
    case TIOCMBIC: {
      if (!lines_) return fails(ENOTTY);
      int bits = 0;
      std::memcpy(&bits, argument, sizeof bits);
      lines_ = request == TIOCMBIS ? *lines_ | bits : *lines_ & ~bits;
      return 0;
    }
    case TIOCGICOUNT:
      return give(counters_, argument);
    case TIOCOUTQ:
      std::memcpy(argument, &unsent_, sizeof unsent_);
      return 0;
    case TIOCSERGETLSR:
      return give(empty_ ? std::optional<unsigned>(*empty_ ? TIOCSER_TEMT : 0) : std::nullopt,
                  argument);
    case TIOCSBRK:
      diary_.emplace_back("break on");
      return 0;
    case TIOCCBRK:
      diary_.emplace_back("break off");
      return 0;
    case TCFLSH:
      if (reinterpret_cast<std::uintptr_t>(argument) == TCOFLUSH) {
        diary_.emplace_back("flush out");
        unsent_ = 0;
      }
      return -2;
    case TCXONC:
      diary_.emplace_back(reinterpret_cast<std::uintptr_t>(argument) == TCOOFF ? "stop" : "go");
      return 0;
    case TIOCGRS485: {
      if (!rs485_) return fails(ENOTTY);
      serial_rs485 state{};
      state.flags = *rs485_;
      std::memcpy(argument, &state, sizeof state);
      return 0;
    }
    case TIOCSRS485: {
      if (!rs485_) return fails(ENOTTY);
      serial_rs485 state{};
      std::memcpy(&state, argument, sizeof state);
      rs485_ = state.flags;
      diary_.push_back("rs485 " + std::to_string(state.flags));
      return 0;
    }
    case TCGETS2:
      return state_ ? give(state_, argument) : -2;
    case TCSETS2: {
      termios2 state{};
      std::memcpy(&state, argument, sizeof state);
      state_ = state;
      if (baud_ != 0) state_->c_ospeed = state_->c_ispeed = baud_;
      state.c_iflag &= ~tcflag_t{PARMRK | INPCK};
      return __real_ioctl(fd, request, &state);
    }
    default:
      return -2;
  }
}

}  // namespace visa::test

extern "C" int __wrap_ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  ++visa::test::ioctls;
  auto* const uart = visa::test::chip.load();
  const int answer = uart == nullptr ? -2 : uart->answer(fd, request, argument);
  return answer == -2 ? __real_ioctl(fd, request, argument) : answer;
}

// A chip is no pseudo-terminal.
extern "C" int __wrap_fstat(int fd, struct stat* status) {
  const int result = __real_fstat(fd, status);
  constexpr unsigned kUsbSerial = 188;
  if (visa::test::chip.load() != nullptr && result == 0 && S_ISCHR(status->st_mode)) {
    status->st_rdev = makedev(kUsbSerial, minor(status->st_rdev));
  }
  return result;
}
