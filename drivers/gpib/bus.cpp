// SPDX-License-Identifier: MIT
// The count of a device's users changes inside the bus, as what the controller does about it.
#include "drivers/gpib/bus.h"

namespace visa::drivers::gpib {

Status Bus::attach(const Address& device, Call& call) {
  return access.inside(call, [&]() -> Status {
    const auto at = users_.try_emplace(device, 0).first;
    if (at->second == 0) {
      const Status attached = access.controller().attach(device, call);
      if (failed(attached)) {
        users_.erase(at);
        return attached;
      }
    }
    ++at->second;
    return Status::success;
  });
}

void Bus::detach(const Address& device, Call& call) {
  access.inside(call, [&]() -> Status {
    const auto at = users_.find(device);
    if (at == users_.end() || --at->second > 0) return Status::success;
    users_.erase(at);
    access.controller().detach(device, call);
    return Status::success;
  });
}

}  // namespace visa::drivers::gpib
