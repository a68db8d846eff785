// SPDX-License-Identifier: MIT
// Service requests of a VXI-11 channel, switched on and off.
#pragma once

#include <dirent.h>

#include "conformance/unit/drivers/support/counting_sink.h"
#include "conformance/unit/drivers/support/open_vxi11.h"

namespace visa::test {

inline Status enable(OpenVxi11& device, spi::EventSink& sink) {
  Call call(Deadline::after(kLong));
  return device.channel->enable_event(VI_EVENT_SERVICE_REQ, sink, call);
}

inline Status disable(OpenVxi11& device) {
  Call call(Deadline::after(kLong));
  return device.channel->disable_event(VI_EVENT_SERVICE_REQ, call);
}

/// The entries of a folder, those of the folder itself and of its parent included.
inline int entries_of(const char* folder) {
  DIR* handle = ::opendir(folder);
  int count = 0;
  while (::readdir(handle) != nullptr) ++count;
  ::closedir(handle);
  return count;
}

}  // namespace visa::test
