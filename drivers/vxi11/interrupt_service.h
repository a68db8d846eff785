// SPDX-License-Identifier: MIT
// The server that instruments connect to for their service requests: one thread for all sessions
// that have service requests enabled, and one listening socket for each local address from which
// instruments are reached. Thread and sockets exist only while a session is registered. Connections
// are accepted from any address, within the bounds of interrupt_callers.h; a request belongs to the
// session whose handle it carries. One server per process; a child of fork has its own. Any thread.
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

/// The registration of one session. Its values never change, so any thread may read them.
class InterruptRegistration {
 public:
  virtual ~InterruptRegistration() = default;
  /// Random, so that no other computer can raise events in this session.
  virtual const Handle& handle() const noexcept = 0;
  /// The address and port that the instrument has to connect to.
  virtual std::uint32_t address() const noexcept = 0;
  virtual std::uint16_t port() const noexcept = 0;
};

/// While such an object exists, and for some seconds after, every incoming connection counts as
/// expected. For create_intr_chan, which the instrument answers only after it has connected.
class ExpectInterrupts {
 public:
  ExpectInterrupts();
  ~ExpectInterrupts();
  ExpectInterrupts(const ExpectInterrupts&) = delete;
  ExpectInterrupts& operator=(const ExpectInterrupts&) = delete;
};

/// From now on requests with the handle of the registration go to `sink`, until the registration is
/// destroyed; its destructor waits for a delivery in progress. `local` is this computer's end of
/// the core connection, `peer` the instrument's end. `acknowledge`: answer each request.
/// error_nsup_mech: the connection uses IPv6, whose addresses VXI-11 cannot carry; error_alloc: the
/// system has no socket or thread left.
Result<std::unique_ptr<InterruptRegistration>> register_interrupts(const Endpoint& local,
                                                                   const Endpoint& peer,
                                                                   bool acknowledge,
                                                                   spi::EventSink& sink,
                                                                   Call& call);

}  // namespace visa::drivers::vxi11
