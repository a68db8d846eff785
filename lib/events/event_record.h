// SPDX-License-Identifier: MIT
// One occurrence of an event. The queue, the handlers and the event context that a program looks at
// share it. Constant once made: any thread.
#pragma once

#include <memory>

#include "lib/spi/event_sink.h"

namespace visa::events {

using Occurrence = std::shared_ptr<const spi::EventRecord>;

}  // namespace visa::events
