// SPDX-License-Identifier: MIT
// Waits for what happens on a kernel board (IBWAIT), on a descriptor of its own, because the
// waiting must not hold up the operations of the board. IBWAIT cannot be ended from outside, so it
// runs on a thread of its own in pieces, as KernelWorker says; the thread exists from the first
// wait on.
//
// One thread at a time waits; any thread may wake it. close() comes after the last wait.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "drivers/gpib/controller.h"
#include "drivers/gpib/kernel/kernel_jobs.h"
#include "drivers/gpib/kernel/kernel_worker.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::kernel {

class KernelWatch {
 public:
  /// `path` outlives the watch.
  explicit KernelWatch(const std::string& path) : path_(path) {}

  static BusEvents awaitable() noexcept {
    return BusEvents::service | BusEvents::controller | BusEvents::talk | BusEvents::listen |
           BusEvents::clear | BusEvents::trigger;
  }
  /// As Controller::wait_events.
  Result<BusEvents> wait(BusEvents wanted, Call& call);
  void wake() noexcept;
  void close(Call& call) noexcept;

 private:
  struct Seen {
    std::int32_t status = 0;
    BusEvents happened = BusEvents::none;  // from the queue of events
  };
  class WaitJob;

  Result<KernelWorker*> worker(Call& call);
  Result<Seen> look(std::int32_t mask, std::uint32_t microseconds, Call& call);
  BusEvents compare(const Seen& now, BusEvents wanted) noexcept;

  const std::string& path_;
  Mutex mutex_;  // for the pointer, which is set once
  std::unique_ptr<KernelWorker> worker_ VISA_GUARDED_BY(mutex_);
  bool known_ = false;  // status_ is that of an earlier look
  std::int32_t status_ = 0;
};

/// Opens the device node. Statuses are those of viOpen.
Result<ChildClosedFd> open_node(const std::string& path, Call& call);

}  // namespace visa::drivers::gpib::kernel
