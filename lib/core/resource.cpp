// SPDX-License-Identifier: MIT
// The way of an attribute: find the row for this kind, then by home. Setting:
// access, range, and for global scope the lock (function table of viSetAttribute).
#include "lib/core/resource.h"

#include <chrono>
#include <utility>

#include "lib/core/exception_delivery.h"
#include "lib/core/template_attributes.h"
#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

// What an event makes read-only: for good (3.2.6), or while it is enabled.
bool frozen_by_events(const model::Attribute& row, const events::EventHub& hub) {
  if (row.access == model::Access::read_write_until_event) return hub.frozen();
  return row.access == model::Access::read_write_unless_event && hub.enabled(row.event);
}

}  // namespace
using model::AttributeValue;

Deadline deadline_of(ViUInt32 timeout) noexcept {
  if (timeout == VI_TMO_INFINITE) return Deadline::infinite();
  return Deadline::after(std::chrono::milliseconds(timeout));
}

locks::LockDomain::Granted Resource::lock(locks::LockKind kind, std::optional<std::string_view> key,
                                          ViUInt32 timeout) {
  return lock_until(kind, key, deadline_of(timeout));
}

locks::LockDomain::Granted Resource::lock_until(locks::LockKind kind,
                                                std::optional<std::string_view> key,
                                                Deadline deadline) {
  Call call(deadline);
  locks::LockDomain::Granted granted{Status::error_inv_object, {}};
  {
    const Passage passage(traffic_, call, Lane::none);
    if (failed(passage.status())) return granted;
    granted = domain_->lock(handle(), kind, key, call);
  }
  explain(granted.status, std::move(call.detail));
  return granted;
}

Status Resource::unlock() {
  return released(domain_->unlock(handle()));
}

Status Resource::released(Status status) {
  if (status != Status::error_sesn_nlocked) return status;
  return remember(status, "this session holds no lock; " + domain_->where());
}

void Resource::cancel_calls() {
  traffic_.cancel_all();
  domain_->wake();
  events_.wake();
  wake();
}

bool Resource::end_calls(Deadline grace) {
  traffic_.close();
  domain_->wake();
  events_.wake();
  wake();
  return traffic_.wait_until_empty(grace);
}

Result<AttributeAnswer> Resource::get_attribute(ViAttr id) {
  const auto* row = model::find_attribute(id, kind());
  if (row == nullptr) return Status::error_nsup_attr;
  if (row->home == model::Home::stored) {
    return AttributeAnswer{row, AttributeValue(store_.get(*row))};
  }
  if (row->home == model::Home::driver) {
    // Registered, so that viClose does not close the channel meanwhile; the lock is not asked for.
    Call call(store_.deadline());
    const Passage passage(traffic_, call, Lane::attributes);
    if (failed(passage.status())) return passage.status();
    auto value = asked_of_driver(*row, call);
    if (!value) return remember(value.status(), std::move(call.detail));
    return AttributeAnswer{row, *std::move(value)};
  }
  if (id == VI_ATTR_RSRC_LOCK_STATE) {
    return AttributeAnswer{row, AttributeValue(static_cast<std::uint64_t>(domain_->state()))};
  }
  if (auto value = template_attribute(id)) return AttributeAnswer{row, *std::move(value)};
  auto value = computed(*row);
  if (!value) return value.status();
  return AttributeAnswer{row, *std::move(value)};
}

Status Resource::set_attribute(ViAttr id, ViAttrState raw) {
  const auto* row = model::find_attribute(id, kind());
  if (row == nullptr) return Status::error_nsup_attr;
  if (!model::writable(*row)) return Status::error_attr_readonly;
  const auto hub = events_.hub();
  if (hub != nullptr && frozen_by_events(*row, *hub)) return Status::error_attr_readonly;
  if (row->access == model::Access::read_write_until_map && window_mapped()) {
    return Status::error_attr_readonly;
  }
  const auto value = model::narrow(*row, raw);
  const auto status = model::check_range(*row, value);
  if (status != Status::success) return status;  // a warning leaves the old value, too
  if (row->scope == model::Scope::global) {
    Call refusal(Deadline::immediate());
    const auto locked = check_lock(refusal);
    if (failed(locked)) return remember(locked, std::move(refusal.detail));
  }
  if (row->home == model::Home::stored) {
    store_.set(*row, value);
    if (hub != nullptr && id == VI_ATTR_MAX_QUEUE_LENGTH) {
      hub->set_queue_length(static_cast<std::uint32_t>(value));
    }
    return Status::success;
  }
  if (row->home != model::Home::driver) return Status::error_attr_readonly;
  Call call(store_.deadline());
  Status done = Status::error_inv_object;
  {
    const Passage passage(traffic_, call, Lane::attributes);
    if (failed(passage.status())) return passage.status();
    done = give_to_driver(*row, value, call);
  }
  return remember(done, std::move(call.detail));
}

Result<events::Occurrence> Resource::wait_on_event(ViEventType type, ViUInt32 timeout) {
  Call call(deadline_of(timeout));
  const Passage passage(traffic_, call, Lane::none);
  if (failed(passage.status())) return passage.status();
  return events_.wait(type, call);
}

// The guard raises exceptions by itself once it knows whom to call; no other event comes from here.
Status Resource::start_event(ViEventType type) {
  if (type == VI_EVENT_EXCEPTION) set_exception_hook({deliver_exception, nullptr});
  return Status::success;
}

void Resource::stop_event(ViEventType type) {
  if (type == VI_EVENT_EXCEPTION) set_exception_hook({});
}

Result<AttributeValue> Resource::asked_of_driver(const model::Attribute&, Call&) {
  return Status::error_nsup_attr;
}

Status Resource::give_to_driver(const model::Attribute&, std::uint64_t, Call&) {
  return Status::error_nsup_attr;
}

}  // namespace visa::core
