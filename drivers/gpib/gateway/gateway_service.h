// SPDX-License-Identifier: MIT
// Service requests of a gateway: an interrupt of the link of each device. Some gateways tell every
// link of each SRQ, and no gateway tells of a request that comes while SRQ is asserted for another
// one. So every notification, and every poll that found a request, makes the bus look again, until
// a round of polls finds none. Where a gateway has no interrupts, the line itself is asked for.
//
// One thread at a time waits; the others may be any.
#pragma once

#include <condition_variable>

#include "drivers/gpib/controller.h"
#include "drivers/gpib/gateway/gateway_links.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::gpib::gateway {

class GatewayService final : private spi::EventSink {
 public:
  explicit GatewayService(GatewayLinks& links) noexcept : links_(links) {}

  /// Controller::wait_events for BusEvents::service.
  Result<BusEvents> wait(Call& call) VISA_EXCLUDES(mutex_);
  /// Controller::find_service.
  Status find(Call& call) VISA_EXCLUDES(mutex_);
  /// A serial poll found a request.
  void found() noexcept VISA_EXCLUDES(mutex_);
  /// There is a new link, or a call was cancelled.
  void look_again() noexcept VISA_EXCLUDES(mutex_);

 private:
  void post(spi::EventRecord record) override VISA_EXCLUDES(mutex_);
  bool enable_all(Call& call);
  Result<bool> line(Call& call);

  GatewayLinks& links_;
  Mutex mutex_;
  std::condition_variable changed_;
  bool requested_ VISA_GUARDED_BY(mutex_) = false;
  bool again_ VISA_GUARDED_BY(mutex_) = false;
};

}  // namespace visa::drivers::gpib::gateway
