// SPDX-License-Identifier: MIT
// A session that never asked for events has no hub; what the calls that take things away then
// answer comes from an empty hub, so that the rules stand in one place.
#include "lib/core/session_events.h"

#include <utility>

#include "lib/core/event_object.h"
#include "lib/core/library.h"

namespace visa::core {
namespace {

using events::EventHub;
using events::Occurrence;

// The hub's view of its session. Outlives it when a handler takes its time: then the weak pointer
// is empty and there is nothing left to start or stop.
class SessionHost final : public events::EventHost {
 public:
  SessionHost(Library& library, std::weak_ptr<EventOwner> owner, Handle session)
      : library_(library), owner_(std::move(owner)), session_(session) {}

  ViSession session() const noexcept override { return session_; }

  Status start(ViEventType type) override {
    const auto owner = owner_.lock();
    return owner == nullptr ? Status::error_inv_object : owner->start_event(type);
  }

  void stop(ViEventType type) override {
    if (const auto owner = owner_.lock()) owner->stop_event(type);
  }

  ViEvent open_context(const Occurrence& occurrence) override {
    return library_.objects.insert(std::make_shared<EventObject>(occurrence, session_));
  }

  void close_context(ViEvent context) override { library_.objects.remove(context); }

 private:
  Library& library_;
  const std::weak_ptr<EventOwner> owner_;
  const Handle session_;
};

}  // namespace

std::shared_ptr<EventHub> SessionEvents::hub() const {
  const MutexLock lock(mutex_);
  return hub_;
}

std::shared_ptr<EventHub> SessionEvents::make_hub() {
  auto length = owner_.get_attribute(VI_ATTR_MAX_QUEUE_LENGTH);
  const MutexLock lock(mutex_);
  if (hub_ != nullptr || closed_) return hub_;
  auto* library = Library::current();
  if (library == nullptr) return nullptr;
  hub_ = std::make_shared<EventHub>(
      owner_.kind(),
      std::make_shared<SessionHost>(*library, owner_.weak_from_this(), owner_.handle()));
  if (length) hub_->set_queue_length(static_cast<std::uint32_t>(model::number(length->value)));
  return hub_;
}

Status SessionEvents::install(const events::Handler& handler) {
  const auto hub = make_hub();
  return hub == nullptr ? Status::error_inv_object : hub->install(handler);
}

Status SessionEvents::uninstall(const events::Handler& handler) {
  const auto present = hub();
  return present != nullptr ? present->uninstall(handler)
                            : EventHub(owner_.kind(), nullptr).uninstall(handler);
}

Status SessionEvents::enable(ViEventType type, ViUInt16 mechanism) {
  const auto hub = make_hub();
  return hub == nullptr ? Status::error_inv_object : hub->enable(type, mechanism);
}

Status SessionEvents::disable(ViEventType type, ViUInt16 mechanism) {
  const auto present = hub();
  return present != nullptr ? present->disable(type, mechanism)
                            : EventHub(owner_.kind(), nullptr).disable(type, mechanism);
}

Status SessionEvents::discard(ViEventType type, ViUInt16 mechanism) {
  const auto present = hub();
  return present != nullptr ? present->discard(type, mechanism)
                            : EventHub(owner_.kind(), nullptr).discard(type, mechanism);
}

Result<Occurrence> SessionEvents::wait(ViEventType type, Call& call) {
  const auto present = hub();
  return present != nullptr ? present->wait(type, call)
                            : EventHub(owner_.kind(), nullptr).wait(type, call);
}

Handle SessionEvents::hand_out(std::shared_ptr<EventObject> context) {
  auto* library = Library::current();
  if (library == nullptr) return 0;
  const MutexLock lock(mutex_);
  if (closed_) return 0;
  return library->objects.insert(std::move(context), contexts_);
}

void SessionEvents::forget(Handle context) {
  const MutexLock lock(mutex_);
  contexts_.erase(context);
}

void SessionEvents::wake() {
  if (const auto present = hub()) present->wake();
}

void SessionEvents::close() {
  std::shared_ptr<EventHub> hub;
  std::set<Handle> contexts;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    hub = hub_;
    contexts.swap(contexts_);
  }
  if (hub != nullptr) hub->close();
  auto* library = Library::current();
  for (const auto context : contexts) {
    if (library != nullptr) library->objects.remove(context);
  }
}

}  // namespace visa::core
