// SPDX-License-Identifier: MIT
// The server that instruments connect to for their service requests: one thread for all sessions
// that have service requests enabled, and one listening socket for each local address from which
// instruments are reached. Thread and sockets exist only while a session is registered. Connections
// are accepted from any address, within the bounds of interrupt_callers.h; a request belongs to the
// session whose handle it carries. One server per process; a child of fork has its own. Any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "drivers/common/endpoint.h"
#include "drivers/vxi11/vxi11_protocol.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::vxi11 {

/// The registration of one session. Any thread.
class InterruptRegistration {
 public:
  virtual ~InterruptRegistration() = default;
  /// Random, so that no other computer can raise events in this session. Never changes.
  virtual const Handle& handle() const noexcept = 0;
};

/// The address and port that an instrument has to connect to.
struct InterruptHome {
  std::uint32_t address;
  std::uint16_t port;
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
/// destroyed; its destructor waits for a delivery in progress. `peer` is the instrument's end of
/// the core connection. `acknowledge`: answer each request. error_nsup_mech: the connection uses
/// IPv6, whose addresses VXI-11 cannot carry; error_alloc: the system has no thread left.
Result<std::unique_ptr<InterruptRegistration>> register_interrupts(const Endpoint& peer,
                                                                   bool acknowledge,
                                                                   spi::EventSink& sink,
                                                                   Call& call);

/// Makes the server listen for the registration with `handle` at `local`, this computer's end of
/// the core connection, instead of at an earlier address; does nothing if it does so already.
/// Needed before create_intr_chan on each new core connection, because this computer may have
/// another address then. error_system_error: no session is registered with that handle;
/// error_alloc: the system has no socket left.
Result<InterruptHome> listen_for_interrupts(const Handle& handle, const Endpoint& local,
                                            Call& call);

}  // namespace visa::drivers::vxi11
