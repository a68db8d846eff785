// SPDX-License-Identifier: MIT
// Invariant: no wake-up is lost. The cancelling thread sets the token, then accesses event_; the
// waiting thread publishes event_, then reads the token. Both access event_ with a
// read-modify-write, so one of them comes second: either the cancelling thread sees the descriptor,
// or the waiting thread sees the token.
#include "drivers/common/poller.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "lib/base/cancel_shield.h"
#include "lib/base/high_fd.h"

namespace visa::drivers {
namespace {

/// Milliseconds between two looks at the token where the system gave no eventfd.
constexpr int kBlindWait = 20;

}  // namespace

Poller::~Poller() {
  FdPlace* const place = event_.load(std::memory_order_acquire);
  if (place != nullptr) close_noted_fd(place);
}

/// Below 0 if the system gave none, and in a child of fork.
int Poller::event_fd() noexcept {
  FdPlace* place = event_.load(std::memory_order_acquire);
  if (place != nullptr) return noted_fd(*place);
  {
    const ForkPause pause;
    place = note_fd(high_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
  }
  if (place == nullptr) return -1;
  FdPlace* expected = nullptr;
  // Only the waiting thread makes one, so this always succeeds; the exchange is for its ordering.
  event_.compare_exchange_strong(expected, place, std::memory_order_acq_rel);
  return noted_fd(*place);
}

Status Poller::wait(int fd, short events, const Call& call) {
  if (call.deadline.is_immediate()) {
    return call.cancelled() ? Status::error_abort : Status::error_tmo;
  }
  const int event = event_fd();
  for (;;) {
    if (call.cancelled()) return Status::error_abort;
    int timeout = call.deadline.poll_milliseconds();
    if (timeout == 0) return Status::error_tmo;
    if (event < 0) timeout = timeout < 0 ? kBlindWait : std::min(timeout, kBlindWait);
    pollfd watched[2] = {{fd, events, 0}, {event, POLLIN, 0}};
    const int ready = ::poll(watched, event < 0 ? 1 : 2, timeout);
    if (ready < 0) {
      if (errno == EINTR) {
        call.interrupted();
        continue;
      }
      return Status::error_alloc;
    }
    if (watched[1].revents != 0) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const auto size = ::read(event, &drained, sizeof drained);
    }
    if (watched[0].revents != 0) return Status::success;
  }
}

void Poller::wake() noexcept {
  FdPlace* place = nullptr;
  event_.compare_exchange_strong(place, nullptr, std::memory_order_acq_rel);
  const int fd = place == nullptr ? -1 : noted_fd(*place);
  if (fd < 0) return;
  const CancelShield shield;
  const std::uint64_t one = 1;
  // EAGAIN (full) means that a wake-up is pending already.
  [[maybe_unused]] const auto size = ::write(fd, &one, sizeof one);
}

}  // namespace visa::drivers
