// SPDX-License-Identifier: MIT
// Between the look at the line and its note a new edge may come: then the line counts as asserted.
#include "drivers/gpib/agilent_usb/agilent_reports.h"

#include <utility>

#include "drivers/gpib/agilent_usb/agilent_message.h"

namespace visa::drivers::gpib::agilent {

using usb::UsbOutcome;

void AgilentReports::interrupt(UsbOutcome outcome, std::span<const std::byte> packet) {
  const MutexLock lock(mutex_);
  if (outcome == UsbOutcome::gone) gone_ = true;
  if (outcome != UsbOutcome::done) ended_ = outcome;
  if (outcome == UsbOutcome::done) {
    tries_ = 0;
    const Report report = parse_report(packet);
    if (report.sent) sent_ = true;
    if (report.service_request) {
      ++edges_;
      asserted_ = true;
      reported_ = false;
    }
  }
  changed_.notify_all();
}

void AgilentReports::expect_sent() noexcept {
  const MutexLock lock(mutex_);
  sent_ = false;
}

UsbOutcome AgilentReports::wait_sent(const Call& call, Deadline until) {
  MutexLock lock(mutex_);
  while (!sent_) {
    if (gone_) return UsbOutcome::gone;
    if (call.cancelled()) return UsbOutcome::cancelled;
    if (ended_) return UsbOutcome::stopped;
    if (until.expired()) return UsbOutcome::timed_out;
    changed_.wait_until(lock, until.time_point(), call);
  }
  sent_ = false;
  return UsbOutcome::done;
}

std::uint64_t AgilentReports::edges() const {
  const MutexLock lock(mutex_);
  return edges_;
}

void AgilentReports::note_service(bool asserted, std::uint64_t edges) {
  const MutexLock lock(mutex_);
  asserted_ = asserted || edges != edges_;
  reported_ = false;
  changed_.notify_all();
}

bool AgilentReports::service() const {
  const MutexLock lock(mutex_);
  return asserted_;
}

AgilentReports::Service AgilentReports::wait_service(const Call& call) {
  MutexLock lock(mutex_);
  for (;;) {
    if (gone_) return Service::gone;
    if (call.cancelled()) return Service::cancelled;
    if (asserted_) return std::exchange(reported_, true) ? Service::perhaps : Service::asserted;
    if (ended_) return Service::unheard;
    if (call.deadline.expired()) return Service::timed_out;
    changed_.wait_until(lock, call.deadline.time_point(), call);
  }
}

bool AgilentReports::silent() const {
  const MutexLock lock(mutex_);
  return ended_ && !gone_;
}

std::optional<UsbOutcome> AgilentReports::restartable() const {
  const MutexLock lock(mutex_);
  return gone_ || tries_ >= kMostTries ? std::nullopt : ended_;
}

void AgilentReports::restart() {
  const MutexLock lock(mutex_);
  ended_.reset();
  ++tries_;
  asserted_ = true;  // perhaps: what the adapter had to tell meanwhile is lost
  reported_ = true;
  changed_.notify_all();
}

void AgilentReports::wake() noexcept {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

}  // namespace visa::drivers::gpib::agilent
