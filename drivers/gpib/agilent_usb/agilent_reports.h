// SPDX-License-Identifier: MIT
// What an 82357 tells by its interrupt endpoint: that a write is over, and that SRQ went up. The
// adapter tells the second on the edge only, so this keeps the level: asserted from an edge on
// until the line was looked at and found unasserted.
//
// The endpoint may end although the adapter is still there: by a stall, by errors of the cable. It
// is listened to again then, a few times at most; while nobody listens, the adapter has to be
// asked.
//
// Packets come on the thread of the device's events; any thread may wait.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/deadline.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::agilent {

class AgilentReports final : public usb::UsbListener {
 public:
  void interrupt(usb::UsbOutcome outcome, std::span<const std::byte> packet) override
      VISA_EXCLUDES(mutex_);

  /// Before a write: what came until now is of an earlier one.
  void expect_sent() noexcept VISA_EXCLUDES(mutex_);
  /// done: the adapter told that the write is over. timed_out, cancelled; gone; stopped: nobody
  /// listens, so that it will not tell.
  usb::UsbOutcome wait_sent(const Call& call, Deadline until) VISA_EXCLUDES(mutex_);

  /// How often SRQ went up, for note_service.
  std::uint64_t edges() const VISA_EXCLUDES(mutex_);
  /// Somebody looked at SRQ after `edges` had returned that number.
  void note_service(bool asserted, std::uint64_t edges) VISA_EXCLUDES(mutex_);
  /// SRQ is asserted, as far as is known without looking.
  bool service() const VISA_EXCLUDES(mutex_);

  enum class Service : std::uint8_t {
    asserted,  // told or seen since the last wait
    perhaps,   // reported already: look whether it still is
    unheard,   // nobody listens: look whether it is
    timed_out,
    cancelled,
    gone,
  };
  /// Until SRQ is asserted, at once where it is.
  Service wait_service(const Call& call) VISA_EXCLUDES(mutex_);

  /// Nobody listens, although the adapter is there.
  bool silent() const VISA_EXCLUDES(mutex_);
  /// Why listening ended, where it may be tried again: not where kMostTries in a row have brought
  /// no report.
  std::optional<usb::UsbOutcome> restartable() const VISA_EXCLUDES(mutex_);
  /// Before listening begins again. SRQ may have gone up meanwhile.
  void restart() VISA_EXCLUDES(mutex_);

  /// Makes waiting threads look at their cancel tokens.
  void wake() noexcept VISA_EXCLUDES(mutex_);

  static constexpr unsigned kMostTries = 3;

 private:
  mutable Mutex mutex_;
  Condition changed_;
  bool sent_ VISA_GUARDED_BY(mutex_) = false;
  bool gone_ VISA_GUARDED_BY(mutex_) = false;
  bool asserted_ VISA_GUARDED_BY(mutex_) = false;
  bool reported_ VISA_GUARDED_BY(mutex_) = false;  // by wait_service, since the last edge or look
  std::uint64_t edges_ VISA_GUARDED_BY(mutex_) = 0;
  std::optional<usb::UsbOutcome> ended_ VISA_GUARDED_BY(mutex_);  // why, while nobody listens
  unsigned tries_ VISA_GUARDED_BY(mutex_) = 0;  // to listen again, since the last report
};

}  // namespace visa::drivers::gpib::agilent
