// SPDX-License-Identifier: MIT
// What sessions to the resource manager and I/O sessions share: the VISA resource template (VPP-4.3
// chapter 3): its attributes, its locks, the calls inside it and how they are ended. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/core/attribute_store.h"
#include "lib/core/object.h"
#include "lib/core/session_events.h"
#include "lib/core/traffic.h"
#include "lib/locks/lock_domain.h"

namespace visa::core {

class Resource : public EventOwner {
 public:
  Resource(model::Kind kind, std::shared_ptr<locks::LockDomain> domain)
      : EventOwner(kind), store_(kind), domain_(std::move(domain)), events_(*this) {}

  static constexpr bool holds(model::Kind kind) noexcept {
    return kind == model::Kind::resource_manager || model::kIoKinds.contains(kind);
  }

  /// viLock. `timeout` in milliseconds is the lock's own, apart from VI_ATTR_TMO_VALUE.
  locks::LockDomain::Granted lock(locks::LockKind kind, std::optional<std::string_view> key,
                                  ViUInt32 timeout);
  virtual locks::LockDomain::Granted lock_until(locks::LockKind kind,
                                                std::optional<std::string_view> key,
                                                Deadline deadline);
  virtual Status unlock();

  /// A signal that arrives while a call waits ends it with error_abort. Before the first call.
  void end_calls_on_signal(bool yes) noexcept { traffic_.end_calls_on_signal(yes); }

  /// viTerminate without a job: ends every call that is inside now (3.5.1.1).
  virtual void cancel_calls();

  /// viTerminate of one job: error_inv_job_id where there is none.
  virtual Status terminate(ViJobId) { return Status::error_inv_job_id; }

  /// The event operations (3.7).
  SessionEvents& events() noexcept { return events_; }
  SessionEvents* session_events() noexcept override { return &events_; }

  /// viWaitOnEvent. `timeout` is its own, apart from VI_ATTR_TMO_VALUE.
  Result<events::Occurrence> wait_on_event(ViEventType type, ViUInt32 timeout);

  Status start_event(ViEventType type) override;
  void stop_event(ViEventType type) override;

  /// Success, without a system call, or error_rsrc_locked when a lock of another session shuts this
  /// one out; `call.detail` then names the holder.
  Status check_lock(Call& call) const {
    return domain_->may_pass(handle()) ? Status::success : domain_->refuse(call);
  }

  Result<AttributeAnswer> get_attribute(ViAttr id) override;
  Status set_attribute(ViAttr id, ViAttrState value) override;

 protected:
  /// The value of a row whose home is "core", for the rows that go beyond the template.
  virtual Result<model::AttributeValue> computed(const model::Attribute& row) const = 0;
  virtual Result<model::AttributeValue> asked_of_driver(const model::Attribute& row, Call& call);
  virtual Status give_to_driver(const model::Attribute& row, std::uint64_t value, Call& call);
  /// True while a window is mapped, which makes some attributes read-only.
  virtual bool window_mapped() const noexcept { return false; }
  /// Makes the channel look at its cancel tokens.
  virtual void wake() = 0;

  /// The status of viUnlock from that of the domain; error_sesn_nlocked gets its reason.
  Status released(Status status);

  /// Refuses newcomers and ends those inside; false when some are still there after `grace`.
  bool end_calls(Deadline grace);

  AttributeStore& store() noexcept { return store_; }
  const AttributeStore& store() const noexcept { return store_; }
  locks::LockDomain& domain() const noexcept { return *domain_; }
  Traffic& traffic() noexcept { return traffic_; }

 private:
  AttributeStore store_;
  Traffic traffic_;
  const std::shared_ptr<locks::LockDomain> domain_;
  SessionEvents events_;
};

/// A VISA timeout in milliseconds, with VI_TMO_IMMEDIATE and VI_TMO_INFINITE.
Deadline deadline_of(ViUInt32 timeout) noexcept;

}  // namespace visa::core
