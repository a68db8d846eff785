// SPDX-License-Identifier: MIT
// A device that a VXI-11 server knows by a name: an instrument, or the bus behind the gateway. Its
// lock and the connections that wait for that.
//
// Owned by the Vxi11Registry; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/vxi11/vxi11_description.h"

namespace visa::sim {

class Vxi11Link;

/// A connection with a call that waits for the lock of a device.
class Vxi11LockWaiter {
 public:
  virtual ~Vxi11LockWaiter() = default;
  /// The lock may be free. Called while another connection is served.
  virtual void try_lock_again() = 0;
};

class Vxi11Device {
 public:
  /// `instrument` null: the bus of the gateway.
  Vxi11Device(std::string name, Instrument* instrument, Vxi11Description description)
      : name_(std::move(name)), instrument_(instrument), description_(std::move(description)) {}
  Vxi11Device(const Vxi11Device&) = delete;
  Vxi11Device& operator=(const Vxi11Device&) = delete;

  const std::string& name() const noexcept { return name_; }
  Instrument* instrument() const noexcept { return instrument_; }
  const Vxi11Description& description() const noexcept { return description_; }

  /// The lock: of one link, not nesting (rule B.6.x: a second device_lock of its holder is error
  /// 11).
  const Vxi11Link* holder() const noexcept { return holder_; }
  void lock(const Vxi11Link& link) noexcept { holder_ = &link; }
  /// Lets the connections that wait for it try again, the one that waits longest first.
  void unlock();

  void add_waiter(Vxi11LockWaiter& waiter) { waiters_.push_back(&waiter); }
  void remove_waiter(const Vxi11LockWaiter& waiter) noexcept;

  std::size_t links = 0;  ///< open now

 private:
  std::string name_;
  Instrument* instrument_;
  Vxi11Description description_;
  const Vxi11Link* holder_ = nullptr;
  std::vector<Vxi11LockWaiter*> waiters_;
};

}  // namespace visa::sim
