// SPDX-License-Identifier: MIT
// What a delivery needs lives in an object of the table, found by its handle, not in this frame.
// When a handler leaves by throw or longjmp, no code of this library runs afterwards, and the
// context stays open for the program to look at and close (docs/locks-and-events.md B9). The thread
// remembers it. The next delivery on that thread closes a context that the program left open, once
// it has seen on the stack that the earlier delivery is really gone.
#include "lib/core/exception_delivery.h"

#include <cxxabi.h>
#include <unwind.h>

#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "lib/base/run_guarded.h"
#include "lib/core/event_object.h"
#include "lib/core/library.h"
#include "lib/core/session_events.h"

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

// The delivery this thread is in, or was in when its handler left.
struct Delivery {
  Handle context = 0;
  std::uintptr_t frame = 0;
};
thread_local Delivery delivery;

// The session of that handle; null where there is none that raises events.
std::shared_ptr<Object> find_session(Handle session) {
  auto* library = Library::current();
  auto object = library == nullptr ? nullptr : library->objects.find<Object>(session);
  if (object != nullptr && object->session_events() == nullptr) object.reset();
  return object;
}

void close_context(Handle context) {
  delivery = {};
  auto* library = Library::current();
  if (library == nullptr) return;
  const auto object = library->objects.remove(context);
  if (object == nullptr) return;
  const auto owner = find_session(static_cast<EventObject&>(*object).session());
  if (owner != nullptr) owner->session_events()->forget(context);
}

struct Search {
  std::uintptr_t here;   // the frame that asks
  std::uintptr_t frame;  // the one it asks about
  bool found = false;
  bool passed = false;
};

// Any answer but "go on" ends the walk; this one every unwinder knows, ARM's included.
constexpr auto kStop = _URC_END_OF_STACK;

// On 32-bit ARM the lowest bit of an address says which instruction set the function is in.
bool is_delivery(std::uintptr_t start) {
#ifdef __arm__
  constexpr std::uintptr_t kInstructionSet = 1;
#else
  constexpr std::uintptr_t kInstructionSet = 0;
#endif
  return ((start ^ reinterpret_cast<std::uintptr_t>(&deliver_exception)) & ~kInstructionSet) == 0;
}

// Where a function's frame ends: the stack pointer at the call it is in.
std::uintptr_t bottom_of(_Unwind_Context* frame) {
#ifdef __ARM_EABI_UNWINDER__
  // Its _Unwind_GetCFA answers the same for every frame of a walk.
  constexpr int kStackPointer = 13;
  return _Unwind_GetGR(frame, kStackPointer);
#else
  return _Unwind_GetCFA(frame);
#endif
}

_Unwind_Reason_Code look_at_frame(_Unwind_Context* frame, void* argument) {
  auto& search = *static_cast<Search*>(argument);
  const std::uintptr_t bottom = bottom_of(frame);
  search.passed = bottom > search.frame;
  if (search.passed) return kStop;
  search.found = is_delivery(_Unwind_GetRegionStart(frame)) && bottom > search.here;
  return search.found ? kStop : _URC_NO_REASON;
}

// True when the earlier delivery is still on the stack. Stacks grow downwards wherever we run, so
// one that lies at or below us is gone; among those above, the walk knows. It ends early where a
// frame has no unwind tables (a just-in-time compiler's): then nothing is raised, because a handler
// that is called for its own failures for ever would end the process.
bool still_running(const Delivery& earlier, std::uintptr_t here) {
  if (earlier.frame <= here) return false;
  Search search{here, earlier.frame};
  _Unwind_Backtrace(look_at_frame, &search);
  return search.found || !search.passed;
}

// The context for the handlers of that failure; 0 when the session has none.
Handle open(Handle session, const char* operation, Status status) {
  const auto owner = find_session(session);
  const auto hub = owner == nullptr ? nullptr : owner->session_events()->hub();
  if (hub == nullptr) return 0;
  auto chain = hub->exception_handlers();
  if (chain.empty()) return 0;
  spi::EventRecord record{VI_EVENT_EXCEPTION,
                          {{VI_ATTR_STATUS, model::signed_value(code(status))},
                           {VI_ATTR_OPER_NAME, std::string(operation)}}};
  auto occurrence = std::make_shared<const spi::EventRecord>(std::move(record));
  return owner->session_events()->hand_out(
      std::make_shared<ExceptionObject>(std::move(occurrence), session, std::move(chain)));
}

// Without memory the program learns of the failure from the call alone: bad_alloc is not let out
// into its C code.
Handle open_or_none(Handle session, const char* operation, Status status) {
  Handle context = 0;
  run_guarded([&] { context = open(session, operation, status); }, [](Thrown) {});
  return context;
}

// The next handler that is still installed, from `place` on; false when there is none.
bool next_handler(Handle context, std::size_t& place, Handler& handler) {
  auto* library = Library::current();
  const auto object = library == nullptr ? nullptr : library->objects.find<EventObject>(context);
  if (object == nullptr) return false;  // an earlier handler closed it, or its session
  const auto session = find_session(object->session());
  const auto hub = session == nullptr ? nullptr : session->session_events()->hub();
  if (hub == nullptr) return false;
  while (const auto* found = static_cast<ExceptionObject&>(*object).at(place++)) {
    handler = *found;
    if (hub->wants(handler)) return true;
  }
  return false;
}

}  // namespace

// GCC binds the reference of a forced unwinding to null; that is no defect.
__attribute__((noinline, no_sanitize("null"))) void deliver_exception(void*, Handle session,
                                                                      const char* operation,
                                                                      Status status) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (delivery.context != 0) {
    if (still_running(delivery, here)) return;
    close_context(delivery.context);
  }
  const Handle context = open_or_none(session, operation, status);
  if (context == 0) return;
  delivery = {context, here};
  try {
    Handler handler{};
    for (std::size_t place = 0; next_handler(context, place, handler);) {
      const auto answer = handler.function(session, handler.type, context, handler.user_handle);
      if (answer == VI_SUCCESS_NCHAIN) break;
    }
  } catch (::abi::__forced_unwind&) {  // the thread ends: nobody will come back for it
    close_context(context);
    throw;
  }
  close_context(context);
}

}  // namespace visa::core
