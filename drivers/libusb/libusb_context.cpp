// SPDX-License-Identifier: MIT
// Invariant: while the device is open, its descriptor is in the table of those that a child of fork
// closes. libusb makes the descriptor itself, so it is found among those that libusb polls.
#include "drivers/libusb/libusb_context.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>

#include "lib/base/cancel_shield.h"
#include "lib/base/fd_table.h"

namespace visa::drivers::usb {
namespace {

/// While it lives, libusb makes no descriptor below 3: the numbers that the program has closed are
/// taken.
class LowNumbersTaken {
 public:
  LowNumbersTaken() noexcept {
    while (count_ < kept_.size()) {
      const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd > STDERR_FILENO) {
        ::close(fd);
        return;
      }
      if (fd < 0) return;
      kept_[count_++] = fd;
    }
  }
  ~LowNumbersTaken() {
    while (count_ > 0) ::close(kept_[--count_]);
  }
  LowNumbersTaken(const LowNumbersTaken&) = delete;
  LowNumbersTaken& operator=(const LowNumbersTaken&) = delete;

 private:
  std::array<int, 3> kept_{};
  std::size_t count_ = 0;
};

/// libusb starts a thread for hotplug; like the library's own it gets no signal of the program.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

Status explain(int error, const UsbDeviceInfo& device, Call& call) {
  const std::string where = device.node();
  switch (error) {
    case LIBUSB_ERROR_ACCESS:
      return call.fail(Status::error_npermission,
                       where +
                           ": no permission; install FreeVISA's udev rules "
                           "(70-freevisa-usb.rules), then plug the device in anew");
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
      return call.fail(
          Status::error_rsrc_nfound,
          where + ": unplugged meanwhile, or hidden from this container (bind /dev/bus/usb)");
    case LIBUSB_ERROR_NO_MEM:
      return call.fail(Status::error_alloc, where + ": no memory");
    default:
      return call.fail(Status::error_system_error, where + ": libusb: " + libusb_error_name(error));
  }
}

}  // namespace

UsbOutcome outcome_of(int libusb_error) noexcept {
  switch (libusb_error) {
    case LIBUSB_ERROR_NO_DEVICE:
      return UsbOutcome::gone;
    case LIBUSB_ERROR_PIPE:
      return UsbOutcome::stalled;
    case LIBUSB_ERROR_NO_MEM:
      return UsbOutcome::no_memory;
    case LIBUSB_ERROR_OVERFLOW:
      return UsbOutcome::overflow;
    default:
      return UsbOutcome::failed;
  }
}

Result<std::unique_ptr<LibusbContext>> LibusbContext::open(const UsbDeviceInfo& device,
                                                           Call& call) {
  const CancelShield shield;
  std::unique_ptr<LibusbContext> made(new LibusbContext);
  if (!watch_forks()) return Status::error_alloc;
  const LowNumbersTaken taken;
  const SignalsBlocked blocked;
  if (const int error = libusb_init(&made->context_); error != 0) {
    made->context_ = nullptr;
    return explain(error, device, call);
  }
  if (const int error = made->find_and_open(device); error != 0) {
    return explain(error, device, call);
  }
  return made;
}

int LibusbContext::find_and_open(const UsbDeviceInfo& device) {
  libusb_device** list = nullptr;
  const auto count = libusb_get_device_list(context_, &list);
  if (count < 0) return static_cast<int>(count);
  int error = LIBUSB_ERROR_NOT_FOUND;
  for (ssize_t i = 0; i < count; ++i) {
    if (libusb_get_bus_number(list[i]) != device.bus) continue;
    if (libusb_get_device_address(list[i]) != device.address) continue;
    const ForkPause pause;
    error = libusb_open(list[i], &handle_);
    if (error == 0 && !note_descriptor()) error = LIBUSB_ERROR_NO_MEM;
    break;
  }
  libusb_free_device_list(list, 1);
  return error;
}

// Only the device is polled for output: a transfer of it has ended.
bool LibusbContext::note_descriptor() {
  const libusb_pollfd** polled = libusb_get_pollfds(context_);
  if (polled == nullptr) return false;
  for (const libusb_pollfd** one = polled; *one != nullptr; ++one) {
    if (((*one)->events & POLLOUT) == 0) continue;
    fd_ = (*one)->fd;
    place_ = detail::noted_fds.enter(fd_ + 1);
  }
  libusb_free_pollfds(polled);
  return place_ != nullptr;
}

LibusbContext::~LibusbContext() {
  if (stamp_ != fork_stamp()) return;
  const CancelShield shield;
  if (handle_ != nullptr) {
    const ForkPause pause;
    if (place_ != nullptr) ForkTable<int>::leave(place_);
    libusb_close(handle_);
  }
  if (context_ != nullptr) libusb_exit(context_);
}

}  // namespace visa::drivers::usb
