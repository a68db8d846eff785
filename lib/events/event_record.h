// SPDX-License-Identifier: MIT
// One occurrence of an event, shared by everybody it is delivered to: the queue, the handlers, the
// context object a program looks at. Constant once made: any thread.
#pragma once

#include <memory>

#include "lib/spi/event_sink.h"

namespace visa::events {

using Occurrence = std::shared_ptr<const spi::EventRecord>;

}  // namespace visa::events
