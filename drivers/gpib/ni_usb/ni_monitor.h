// SPDX-License-Identifier: MIT
// Service requests of one NI adapter. It reports a state on its interrupt endpoint once after a
// request to watch for it ("armed"), so it has to be armed anew after each report. Reports are
// taken from the first moment on, because one that nobody reads blocks the adapter's next user.
// Where the endpoint ends although the adapter is there, it is listened to again, a few times at
// most.
//
// The thread of the events reports, the thread of the service requests waits; any thread.
#pragma once

#include <span>

#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/status.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::ni_usb {

class NiMonitor final : public usb::UsbListener {
 public:
  void interrupt(usb::UsbOutcome outcome, std::span<const std::byte> packet) override
      VISA_EXCLUDES(mutex_);

  /// Before listening begins, also once more.
  void restart() VISA_EXCLUDES(mutex_);
  /// Before listening begins again because it had ended.
  void retry() VISA_EXCLUDES(mutex_);
  /// From now on requests are waited for.
  void want() VISA_EXCLUDES(mutex_);
  /// Nobody listens.
  bool ended() const VISA_EXCLUDES(mutex_);
  /// Nobody listens, and that will not change: the line has to be looked at.
  bool given_up() const VISA_EXCLUDES(mutex_);
  /// True where it has to be armed, or listened to and armed. What was armed stays so until a
  /// report.
  bool due() const VISA_EXCLUDES(mutex_);
  /// Before the request to watch: the report may come at once. False after that failed.
  void set_armed(bool armed) VISA_EXCLUDES(mutex_);
  /// SRQ was seen on another way.
  void raise() VISA_EXCLUDES(mutex_);

  /// Until a request that was not waited for yet. error_tmo, error_abort; error_io:
  /// nobody listens.
  Status wait(const Call& call) VISA_EXCLUDES(mutex_);
  /// Makes `wait` look at its cancel token.
  void wake() noexcept VISA_EXCLUDES(mutex_);

  static constexpr unsigned kMostTries = 3;  // in a row, without a report

 private:
  mutable Mutex mutex_;
  Condition changed_;
  bool wanted_ VISA_GUARDED_BY(mutex_) = false;
  bool armed_ VISA_GUARDED_BY(mutex_) = false;
  bool raised_ VISA_GUARDED_BY(mutex_) = false;
  bool ended_ VISA_GUARDED_BY(mutex_) = false;
  bool gone_ VISA_GUARDED_BY(mutex_) = false;
  unsigned tries_ VISA_GUARDED_BY(mutex_) = 0;  // since the last report
};

}  // namespace visa::drivers::gpib::ni_usb
