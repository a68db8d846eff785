// SPDX-License-Identifier: MIT
// Where the instruments of this process call back: one thread for all sessions that have service
// requests enabled, one listening socket for each local address they are reached from. Thread and
// sockets exist only while a session is registered. Connections are accepted from any address,
// within the bounds of interrupt_callers.h, and a request belongs to the session whose handle it
// carries. One service per process; a child of fork has its own. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "drivers/common/endpoint.h"
#include "drivers/vxi11/vxi11_protocol.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::vxi11 {

using Handle = std::array<std::byte, kHandleSize>;

/// One session's place. What it was made with is fixed, so it may be read without a lock.
class InterruptPlace {
 public:
  virtual ~InterruptPlace() = default;
  /// Random, so that nobody else can raise events here.
  virtual const Handle& handle() const noexcept = 0;
  /// Where the instrument is to connect to.
  virtual std::uint32_t address() const noexcept = 0;
  virtual std::uint16_t port() const noexcept = 0;
};

/// While one of these exists, and a moment longer, whoever calls is expected: put it around
/// create_intr_chan, which the instrument answers after it has called back.
class ExpectInterrupts {
 public:
  ExpectInterrupts();
  ~ExpectInterrupts();
  ExpectInterrupts(const ExpectInterrupts&) = delete;
  ExpectInterrupts& operator=(const ExpectInterrupts&) = delete;
};

/// From now on requests with the handle of the place go to `sink`, until the place is destroyed,
/// which waits for a delivery in progress. `local` is our end of the core connection, `peer` the
/// instrument's. `acknowledge`: answer each. error_nsup_mech: not over IPv6, whose addresses VXI-11
/// cannot carry; error_alloc: no socket or thread to be had.
Result<std::unique_ptr<InterruptPlace>> register_interrupts(const Endpoint& local,
                                                            const Endpoint& peer, bool acknowledge,
                                                            spi::EventSink& sink, Call& call);

}  // namespace visa::drivers::vxi11
