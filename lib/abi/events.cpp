// SPDX-License-Identifier: MIT
// Event operations (VPP-4.3 3.7).
#include <visa.h>

#include "lib/abi/guard.h"
#include "lib/abi/store.h"
#include "lib/core/event_object.h"
#include "lib/core/resource.h"

namespace {

using visa::Status;
using visa::abi::Args;
using visa::abi::in;
using visa::abi::InEvent;
using visa::abi::on;
using visa::abi::on_library;
using visa::abi::out;
using visa::abi::store_if;
using visa::core::EventObject;
using visa::core::Library;
using visa::core::Resource;
using visa::events::Handler;

}  // namespace

extern "C" {

ViStatus _VI_FUNC viEnableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism,
                                ViEventFilter context) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("mechanism", mechanism),
                  in("context", context)};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) -> Status {
    if (context != VI_NULL) return Status::error_inv_context;
    return resource.events().enable(eventType, mechanism);
  });
}

// In a child of fork the parent's events are not enabled. PyVISA disables and discards events
// whenever it closes a session, and these calls must succeed there.
ViStatus _VI_FUNC viDisableEvent(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("mechanism", mechanism)};
  if (Library::inherited(vi)) {
    return on_library(__func__, args, [] { return Status::success_event_dis; });
  }
  return on<Resource>(__func__, vi, args, [&](Resource& resource) {
    return resource.events().disable(eventType, mechanism);
  });
}

ViStatus _VI_FUNC viDiscardEvents(ViSession vi, ViEventType eventType, ViUInt16 mechanism) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("mechanism", mechanism)};
  if (Library::inherited(vi)) {
    return on_library(__func__, args, [] { return Status::success_queue_empty; });
  }
  return on<Resource>(__func__, vi, args, [&](Resource& resource) {
    return resource.events().discard(eventType, mechanism);
  });
}

ViStatus _VI_FUNC viWaitOnEvent(ViSession vi, ViEventType inEventType, ViUInt32 timeout,
                                ViPEventType outEventType, ViPEvent outContext) {
  const Args args{in("vi", vi), InEvent{"inEventType", inEventType}, in("timeout", timeout),
                  out("outEventType", outEventType), out("outContext", outContext)};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) -> Status {
    store_if(outEventType, 0);
    store_if(outContext, VI_NULL);
    const auto got = resource.wait_on_event(inEventType, timeout);
    if (!got) return got.status();
    store_if(outEventType, (*got)->type);
    if (outContext == nullptr) return got.status();  // the caller wanted the occurrence only
    const auto context = std::make_shared<EventObject>(*got, resource.handle());
    *outContext = resource.events().hand_out(context);
    return *outContext == VI_NULL ? Status::error_inv_object : got.status();
  });
}

ViStatus _VI_FUNC viInstallHandler(ViSession vi, ViEventType eventType, ViHndlr handler,
                                   ViAddr userHandle) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("handler", handler),
                  in("userHandle", userHandle)};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) {
    return resource.events().install(Handler{eventType, handler, userHandle});
  });
}

ViStatus _VI_FUNC viUninstallHandler(ViSession vi, ViEventType eventType, ViHndlr handler,
                                     ViAddr userHandle) {
  const Args args{in("vi", vi), InEvent{"eventType", eventType}, in("handler", handler),
                  in("userHandle", userHandle)};
  return on<Resource>(__func__, vi, args, [&](Resource& resource) {
    return resource.events().uninstall(Handler{eventType, handler, userHandle});
  });
}

}  // extern "C"
