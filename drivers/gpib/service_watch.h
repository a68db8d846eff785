// SPDX-License-Identifier: MIT
// Service requests and the other events of a bus. SRQ is one line of all devices: when it is
// asserted, one thread polls every device that a session has enabled service requests for, once,
// and hands the request to all sessions of the devices that made one. The poll ends the request, so
// each of these sessions keeps the status byte for its next viReadSTB.
//
// The thread runs while there are subscriptions. Thread-safe; sinks are posted to without a lock
// and outside of the bus.
#pragma once

#include <visa.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "drivers/gpib/bus_access.h"
#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::gpib {

class ServiceWatch {
 public:
  explicit ServiceWatch(BusAccess& bus) noexcept : bus_(bus) {}
  ServiceWatch(const ServiceWatch&) = delete;
  ServiceWatch& operator=(const ServiceWatch&) = delete;

  /// `sink` gets occurrences of `type` until unsubscribe has returned: VI_EVENT_SERVICE_REQ of one
  /// device, or, without a device, events of the board. error_inv_event: the adapter does not tell
  /// of such events. error_nsup_mech: it could, but this one cannot. error_alloc.
  Status subscribe(ViEventType type, spi::EventSink& sink, std::optional<Address> device,
                   Call& call) VISA_EXCLUDES(mutex_);
  Status unsubscribe(ViEventType type, const spi::EventSink& sink) VISA_EXCLUDES(mutex_);

  /// The status byte of a request that this sink has got, once for each request.
  std::optional<std::uint8_t> take_kept(const spi::EventSink& sink) VISA_EXCLUDES(mutex_);
  /// The device was cleared: what was kept of it means nothing any more.
  void drop_kept(const Address& device) VISA_EXCLUDES(mutex_);

  /// A session has polled the device itself. If that ended a request, the other sessions of the
  /// device learn of it here. `by` is the sink of that session; null: it has none. Outside of the
  /// bus.
  void note_poll(const Address& device, std::uint8_t status, const spi::EventSink* by)
      VISA_EXCLUDES(mutex_);

 private:
  struct Subscription {
    ViEventType type;
    spi::EventSink* sink;
    std::optional<Address> device;
    std::deque<std::uint8_t> kept = {};
  };
  struct Worker {
    Call call{Deadline::infinite()};  // cancelled to end the thread
    std::thread thread = {};
  };
  struct Posting;
  struct Waiting;

  Status check(ViEventType type, Call& call);
  Status start(Call& call) VISA_REQUIRES(mutex_);
  void run(Worker& worker);
  BusEvents wanted() VISA_EXCLUDES(mutex_);
  BusEvents look(Worker& worker);
  void pause(const Worker& worker, std::chrono::milliseconds time) VISA_EXCLUDES(mutex_);
  bool serve(Worker& worker);
  std::vector<Address> to_poll() VISA_EXCLUDES(mutex_);
  void announce(const Address& device, std::uint8_t status, const spi::EventSink* by)
      VISA_EXCLUDES(mutex_);
  void announce_board(ViEventType type, Worker& worker) VISA_EXCLUDES(mutex_);

  BusAccess& bus_;
  Mutex mutex_;
  std::condition_variable changed_;
  std::vector<Subscription> subscriptions_ VISA_GUARDED_BY(mutex_);
  std::multiset<const spi::EventSink*> posting_ VISA_GUARDED_BY(mutex_);
  std::unique_ptr<Worker> worker_ VISA_GUARDED_BY(mutex_);
  bool ending_ VISA_GUARDED_BY(mutex_) = false;      // a thread is awaited that has to end
  Call* waiting_ VISA_GUARDED_BY(mutex_) = nullptr;  // of the thread, while it waits for events
  std::map<Address, unsigned> silent_;  // polls in a row without an answer; the thread's own
};

}  // namespace visa::drivers::gpib
