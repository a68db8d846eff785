// SPDX-License-Identifier: MIT
// Waits until a descriptor is ready, the deadline has passed or the call was cancelled. One Poller
// for each direction of a stream: one thread at a time waits, any thread may wake it. The first
// wait makes the eventfd that `wake` uses, because most sessions never need one.
#pragma once

#include <atomic>

#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/status.h"

namespace visa::drivers {

class Poller {
 public:
  Poller() noexcept = default;
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// Success: `fd` has one of `events`, or an error or hang-up that the next transfer will report.
  /// Otherwise error_tmo, error_abort, or error_alloc if the system has no memory for the wait.
  Status wait(int fd, short events, const Call& call);

  /// Ends a wait whose call is cancelled. Has no effect on waits that begin later.
  void wake() noexcept;

 private:
  int event_fd() noexcept;

  std::atomic<FdPlace*> event_{nullptr};
};

}  // namespace visa::drivers
