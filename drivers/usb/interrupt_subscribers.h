// SPDX-License-Identifier: MIT
// The sessions that want to know of interrupt packets of one device. Thread-safe: sessions
// subscribe from their threads, packets come on the thread of the device's events. The sinks get
// their occurrences outside of the mutex, because what a sink locks may be held by a thread that
// subscribes.
#pragma once

#include <visa.h>

#include <condition_variable>
#include <cstddef>
#include <set>
#include <span>
#include <vector>

#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::usb {

class InterruptSubscribers {
 public:
  /// `sink` gets occurrences of `type` until unsubscribe has returned; with VI_EVENT_USB_INTR at
  /// most `most` bytes of each packet.
  void subscribe(ViEventType type, spi::EventSink& sink, std::size_t most) VISA_EXCLUDES(mutex_);
  void unsubscribe(ViEventType type, const spi::EventSink& sink) VISA_EXCLUDES(mutex_);
  bool any() VISA_EXCLUDES(mutex_);

  void post(ViEventType type, std::span<const std::byte> packet) VISA_EXCLUDES(mutex_);

 private:
  struct Subscription {
    ViEventType type;
    spi::EventSink* sink;
    std::size_t most;
  };
  struct Posting;

  Mutex mutex_;
  std::condition_variable posted_;
  std::vector<Subscription> subscriptions_ VISA_GUARDED_BY(mutex_);
  std::multiset<const spi::EventSink*> posting_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::drivers::usb
