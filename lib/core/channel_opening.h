// SPDX-License-Identifier: MIT
// From a resource name to an open channel: the driver that has its kind, the settings and attribute
// values of the configuration, which physical device the name means, and what stands in front of
// the driver's channel (a message end on raw sockets, the trace of the wire). Free functions and
// values; any thread.
#pragma once

#include <visa.h>

#include <memory>

#include "lib/base/call.h"
#include "lib/base/message_secrets.h"
#include "lib/base/result.h"
#include "lib/config/configuration.h"
#include "lib/core/library.h"
#include "lib/model/resource_name.h"
#include "lib/spi/channel.h"
#include "lib/spi/driver.h"

namespace visa::core {

/// What a viOpen is about. `name` is opened; `asked` is the program's name, another one where the
/// configuration says instead_of. Lives on the stack of the call.
struct Opening {
  const model::ResourceName& asked;
  const model::ResourceName& name;
  ViAccessMode mode;
  ViUInt32 timeout;

  bool substituted() const noexcept { return &asked != &name; }
  bool asks_for_values() const noexcept { return (mode & VI_LOAD_CONFIG) != 0; }
  /// The program cannot ask for the values of a name it does not know: they are loaded anyway.
  bool loads_values() const noexcept { return substituted() || asks_for_values(); }
};

/// A channel that is open, and what its session has to know about it.
struct OpenedChannel {
  std::unique_ptr<spi::Channel> channel;
  spi::Identity identity;
  std::shared_ptr<const MessageSecrets> secrets;  ///< where the trace is on
  /// Values were to be loaded, and the configuration has none for this resource.
  bool values_missing = false;
};

/// Connects within the deadline of `call`, which is set here to the configured time where the
/// program passed 0. Statuses of viOpen; `call.detail` says why and what to do. On failure nothing
/// is open.
Result<OpenedChannel> open_channel(Library& library, const config::Configuration& configuration,
                                   const Opening& opening, Call& call);

}  // namespace visa::core
