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

namespace visa::drivers::gpib {

class Bus {
 public:
  explicit Bus(std::unique_ptr<Controller> controller) noexcept : access(std::move(controller)) {}

  /// After the last session has gone, and with it all subscriptions.
  void close(Call& call) noexcept { access.controller().close(call); }

  /// A session begins or ends to use a device; the controller hears of the first and the last one.
  Status attach(const Address& device, Call& call);
  void detach(const Address& device, Call& call);

  BusAccess access;
  ServiceWatch service{access};

 private:
  std::map<Address, unsigned> users_;  // inside the bus
};

using Buses = SharedDevices<Bus>;

}  // namespace visa::drivers::gpib
