// SPDX-License-Identifier: MIT
// The adapter acknowledges the arming by a report, too: it has bits that no state has.
#include "drivers/gpib/ni_usb/ni_monitor.h"

#include "drivers/gpib/ni_usb/ni_blocks.h"

namespace visa::drivers::gpib::ni_usb {

void NiMonitor::interrupt(usb::UsbOutcome outcome, std::span<const std::byte> packet) {
  if (outcome != usb::UsbOutcome::done) {
    const MutexLock lock(mutex_);
    ended_ = true;
    gone_ = gone_ || outcome == usb::UsbOutcome::gone;
    changed_.notify_all();
    return;
  }
  {
    const MutexLock lock(mutex_);
    tries_ = 0;
  }
  const auto report = read_status(packet);
  if (!report || (report->state & ~kStateBits) != 0 || (report->state & kService) == 0) return;
  raise();
}

void NiMonitor::raise() {
  const MutexLock lock(mutex_);
  armed_ = false;
  raised_ = true;
  changed_.notify_all();
}

void NiMonitor::restart() {
  const MutexLock lock(mutex_);
  armed_ = false;
  raised_ = false;
  ended_ = false;
  tries_ = 0;
}

void NiMonitor::retry() {
  const MutexLock lock(mutex_);
  armed_ = false;
  ended_ = false;
  ++tries_;
}

bool NiMonitor::ended() const {
  const MutexLock lock(mutex_);
  return ended_;
}

bool NiMonitor::given_up() const {
  const MutexLock lock(mutex_);
  return ended_ && (gone_ || tries_ >= kMostTries);
}

void NiMonitor::want() {
  const MutexLock lock(mutex_);
  wanted_ = true;
}

bool NiMonitor::due() const {
  const MutexLock lock(mutex_);
  if (ended_) return wanted_ && !raised_ && !gone_ && tries_ < kMostTries;
  return wanted_ && !armed_ && !raised_;
}

void NiMonitor::set_armed(bool armed) {
  const MutexLock lock(mutex_);
  armed_ = armed;
}

Status NiMonitor::wait(const Call& call) {
  MutexLock lock(mutex_);
  while (!raised_) {
    if (ended_) return Status::error_io;
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return Status::error_tmo;
    changed_.wait_until(lock, call.deadline.time_point(), call);
  }
  raised_ = false;
  return Status::success;
}

void NiMonitor::wake() noexcept {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

}  // namespace visa::drivers::gpib::ni_usb
