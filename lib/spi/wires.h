// SPDX-License-Identifier: MIT
// Lets a driver reach instruments over another wire, whose driver it neither includes nor knows: a
// GPIB board that is a VXI-11 gateway opens a VXI-11 channel for each device. The core makes it; it
// lives as long as the process. Any thread.
#pragma once

#include <memory>

#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/resource_name.h"
#include "lib/spi/channel.h"
#include "lib/spi/settings.h"

namespace visa::spi {

class Wires {
 public:
  virtual ~Wires() = default;
  /// Opens a channel by the driver that serves `name`; that driver reads its keys of `settings` and
  /// passes over others. The channel belongs to the caller, which closes it. Statuses are those of
  /// Driver::open; error_library_nfound: this build has no driver for that wire.
  virtual Result<std::unique_ptr<Channel>> open(const model::ResourceName& name,
                                                const Settings& settings, Call& call) = 0;
};

}  // namespace visa::spi
