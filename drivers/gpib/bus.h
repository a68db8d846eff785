// SPDX-License-Identifier: MIT
// One GPIB bus of this process, shared by its sessions (drivers/common/shared_device.h): the
// adapter, its service requests, and which devices are in use. Any thread.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "drivers/common/shared_device.h"
#include "drivers/gpib/bus_access.h"
#include "drivers/gpib/service_watch.h"
#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib {

class Bus {
 public:
  explicit Bus(std::unique_ptr<Controller> controller) noexcept : access(std::move(controller)) {}

  /// After the last session has gone, and with it all subscriptions.
  void close(Call& call) noexcept { access.controller().close(call); }

  /// A session begins or ends to use a device; the controller hears of the first and the last one.
  /// While another session is in a long transfer, detach does not wait for it: the controller then
  /// keeps the device until it is used and given up again, or until the end.
  Status attach(const Address& device, Call& call) VISA_EXCLUDES(mutex_);
  void detach(const Address& device, Call& call) VISA_EXCLUDES(mutex_);

  BusAccess access;
  ServiceWatch service{access};

 private:
  struct Use {
    unsigned sessions = 0;
    bool attached = false;  // changed inside the bus
  };

  Mutex mutex_;
  std::map<Address, Use> uses_ VISA_GUARDED_BY(mutex_);
};

using Buses = SharedDevices<Bus>;

}  // namespace visa::drivers::gpib
