// SPDX-License-Identifier: MIT
// The body never takes mutex_, so a thread may hold mutex_ while it waits for the body to end.
#include "drivers/vxi11/late_watch.h"

#include <exception>
#include <system_error>
#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/quiet_thread.h"

namespace visa::drivers::vxi11 {

/// The owner calls `dismiss` before, except in a child of fork, which has the object without the
/// thread; there the object is leaked.
LateWatch::~LateWatch() {
  static_cast<void>(running_.release());
}

void LateWatch::start(Body body) {
  const CancelShield shield;
  const MutexLock lock(mutex_);
  end();
  auto fresh = std::make_unique<Running>();
  try {
    fresh->thread = start_quiet_thread([&call = fresh->call, body = std::move(body)] {
      try {
        body(call);
      } catch (const std::exception&) {  // no memory: the next call of the session does the work
      }
    });
  } catch (const std::system_error&) {
    return;
  }
  running_ = std::move(fresh);
}

bool LateWatch::dismiss() noexcept {
  const CancelShield shield;
  const MutexLock lock(mutex_);
  return end();
}

bool LateWatch::end() noexcept {
  if (running_ == nullptr) return false;
  running_->call.cancel();
  wake_();
  running_->thread.join();
  running_.reset();
  return true;
}

}  // namespace visa::drivers::vxi11
