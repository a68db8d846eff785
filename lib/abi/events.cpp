// SPDX-License-Identifier: MIT
// Event operations (VPP-4.3 3.7). Nothing can be enabled yet, which the enabling calls say;
// disabling and discarding what is not there is a success of the standard's own, and PyVISA does
// both whenever it closes a session.
#include <visa.h>

#include "lib/abi/guard.h"
#include "lib/abi/unavailable.h"
#include "lib/core/resource.h"
#include "lib/model/event_table.h"

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InEvent;
using visa::abi::on_library;
using visa::abi::unavailable;
using visa::core::Library;
using visa::core::Resource;

// `nothing_there`: the completion of the standard for this call.
Status switch_off(ViSession vi, ViEventType type, ViUInt16 mechanism, Status nothing_there,
                  bool handlers_are_queued) {
  if (Library::inherited(vi)) return nothing_there;
  auto* library = Library::current();
  const auto resource = library == nullptr ? nullptr : library->objects.find<Resource>(vi);
  if (resource == nullptr) return Status::error_inv_object;
  if (type != VI_ALL_ENABLED_EVENTS) {
    const auto* event = visa::model::find_event(type);
    if (event == nullptr || !event->raised_by.contains(resource->kind())) {
      return Status::error_inv_event;
    }
  }
  if (mechanism == VI_ALL_MECH) return nothing_there;
  // What discards has two queues to empty; VI_HNDLR has none.
  const unsigned known =
      VI_QUEUE | VI_SUSPEND_HNDLR | (handlers_are_queued ? 0U : static_cast<unsigned>(VI_HNDLR));
  if (mechanism == 0 || (mechanism & ~known) != 0) return Status::error_inv_mech;
  return nothing_there;
}

}  // namespace

extern "C" {

ViStatus _VI_FUNC viEnableEvent(ViSession vi, ViEventType, ViUInt16, ViEventFilter) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viDisableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("mechanism", mechanism)};
  return on_library(__func__, args, [&] {
    return switch_off(vi, eventType, mechanism, Status::success_event_dis, false);
  });
}

ViStatus _VI_FUNC viDiscardEvents(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("mechanism", mechanism)};
  return on_library(__func__, args, [&] {
    return switch_off(vi, eventType, mechanism, Status::success_queue_empty, true);
  });
}

ViStatus _VI_FUNC viWaitOnEvent(ViSession vi, ViEventType, ViUInt32, ViPEventType, ViPEvent) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viInstallHandler(ViSession vi, ViEventType, ViHndlr, ViAddr) {
  return unavailable(__func__, vi);
}

ViStatus _VI_FUNC viUninstallHandler(ViSession vi, ViEventType, ViHndlr, ViAddr) {
  return unavailable(__func__, vi);
}

}  // extern "C"
