// SPDX-License-Identifier: MIT
// Invariant: what the controller hears of a device changes inside the bus alone, so `attached` is
// what it heard last.
#include "drivers/gpib/bus.h"

#include <algorithm>
#include <chrono>

namespace visa::drivers::gpib {
namespace {

/// viClose does not wait longer for the transfer of another session.
constexpr std::chrono::milliseconds kDetachWait{100};

}  // namespace

Status Bus::attach(const Address& device, Call& call) {
  return access.inside(call, [&]() -> Status {
    bool fresh = false;
    {
      const MutexLock lock(mutex_);
      Use& use = uses_[device];
      ++use.sessions;
      fresh = !use.attached;
    }
    const Status status = fresh ? access.controller().attach(device, call) : Status::success;
    const MutexLock lock(mutex_);
    Use& use = uses_[device];
    if (ok(status)) {
      use.attached = true;
    } else if (--use.sessions == 0) {
      uses_.erase(device);
    }
    return status;
  });
}

void Bus::detach(const Address& device, Call& call) {
  {
    const MutexLock lock(mutex_);
    const auto at = uses_.find(device);
    if (at == uses_.end() || --at->second.sessions > 0) return;
  }
  Call part(call, std::min(call.deadline, Deadline::after(kDetachWait)));
  access.inside(part, [&]() -> Status {
    {
      const MutexLock lock(mutex_);
      const auto at = uses_.find(device);
      if (at == uses_.end() || at->second.sessions > 0) return Status::success;
      uses_.erase(at);
    }
    access.controller().detach(device, part);
    return Status::success;
  });
}

}  // namespace visa::drivers::gpib
