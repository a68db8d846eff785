// SPDX-License-Identifier: MIT
// Waits until a descriptor is ready, the deadline is over or the call was cancelled. One Poller per
// direction of a stream: one thread at a time waits, any thread may wake. The eventfd behind `wake`
// is made by the first wait, because most sessions never get that far.
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
  /// Otherwise error_tmo, error_abort, or error_alloc where the system has no memory for the wait.
  Status wait(int fd, short events, const Call& call);

  /// Ends a wait whose call is cancelled. A wake-up that finds nobody ends no later wait.
  void wake() noexcept;

 private:
  int event_fd() noexcept;

  std::atomic<FdPlace*> event_{nullptr};
};

}  // namespace visa::drivers
