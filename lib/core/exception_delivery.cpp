// SPDX-License-Identifier: MIT
// What a delivery needs lives in an object of the table, found by its handle, not in this frame. A
// handler that leaves by longjmp runs no code of ours behind it: the thread remembers the context
// it left open, and the next delivery on that thread closes it, once it has seen on the stack that
// the earlier delivery is really gone.
#include "lib/core/exception_delivery.h"

#include <cxxabi.h>
#include <unwind.h>

#include <memory>
#include <utility>
#include <vector>

#include "lib/core/event_object.h"
#include "lib/core/library.h"
#include "lib/core/resource.h"

namespace visa::core {
namespace {

using events::Handler;

// The context with the chain to call, in the order to call it.
class ExceptionObject final : public EventObject {
 public:
  ExceptionObject(events::Occurrence occurrence, Handle session, std::vector<Handler> chain)
      : EventObject(std::move(occurrence), session), chain_(std::move(chain)) {}

  const Handler* at(std::size_t place) const noexcept {
    return place < chain_.size() ? &chain_[place] : nullptr;
  }

 private:
  const std::vector<Handler> chain_;
};

// The delivery this thread is in, or left by longjmp.
thread_local Handle open_context = 0;

void close_context(Handle context) {
  open_context = 0;
  auto* library = Library::current();
  if (library == nullptr) return;
  const auto object = library->objects.remove(context);
  if (object == nullptr) return;
  const auto session = static_cast<EventObject&>(*object).session();
  if (const auto owner = library->objects.find<Resource>(session)) owner->events().forget(context);
}

_Unwind_Reason_Code look_at_frame(_Unwind_Context* frame, void* found) {
  void* const function =
      _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(_Unwind_GetIP(frame)));
  if (function != reinterpret_cast<void*>(&deliver_exception)) return _URC_NO_REASON;
  auto& count = *static_cast<int*>(found);
  return ++count == 2 ? _URC_NORMAL_STOP : _URC_NO_REASON;  // the first is the one that asks
}

// True when an earlier delivery of this thread is still on its stack.
bool inside_a_delivery() {
  if (open_context == 0) return false;
  int found = 0;
  _Unwind_Backtrace(look_at_frame, &found);
  return found >= 2;
}

// 0 when nobody is to be told.
Handle open(Handle session, const char* operation, Status status) {
  auto* library = Library::current();
  if (library == nullptr) return 0;
  const auto resource = library->objects.find<Resource>(session);
  const auto hub = resource == nullptr ? nullptr : resource->events().hub();
  if (hub == nullptr) return 0;
  auto chain = hub->exception_handlers();
  if (chain.empty()) return 0;
  spi::EventRecord record{VI_EVENT_EXCEPTION,
                          {{VI_ATTR_STATUS, model::signed_value(code(status))},
                           {VI_ATTR_OPER_NAME, std::string(operation)}}};
  auto occurrence = std::make_shared<const spi::EventRecord>(std::move(record));
  return resource->events().hand_out(
      std::make_shared<ExceptionObject>(std::move(occurrence), session, std::move(chain)));
}

// The handler at `place`; false behind the last one, or when it was uninstalled since.
bool handler_at(Handle context, std::size_t place, Handler& handler) {
  auto* library = Library::current();
  const auto object = library == nullptr ? nullptr : library->objects.find<EventObject>(context);
  if (object == nullptr) return false;  // the session was closed by an earlier handler
  const auto* found = static_cast<ExceptionObject&>(*object).at(place);
  if (found == nullptr) return false;
  handler = *found;
  return true;
}

}  // namespace

[[gnu::noinline]] void deliver_exception(void*, Handle session, const char* operation,
                                         Status status) {
  if (inside_a_delivery()) return;
  if (open_context != 0) close_context(open_context);  // left by longjmp
  const Handle context = open(session, operation, status);
  if (context == 0) return;
  open_context = context;
  try {
    Handler handler{};
    for (std::size_t place = 0; handler_at(context, place, handler); ++place) {
      const auto answer = handler.function(session, handler.type, context, handler.user_handle);
      if (answer == VI_SUCCESS_NCHAIN) break;
    }
  } catch (::abi::__forced_unwind&) {
    close_context(context);
    throw;
  } catch (...) {
    close_context(context);
    throw;
  }
  close_context(context);
}

}  // namespace visa::core
