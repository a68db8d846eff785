// SPDX-License-Identifier: MIT
// The attribute path of architecture section 4: find the row for this kind, then by home. Setting:
// access, range, and for global scope the lock (function table of viSetAttribute).
#include "lib/core/resource.h"

#include <chrono>
#include <utility>

#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

using model::AttributeValue;

// The version of this library in the layout of ViVersion (12, 12 and 8 bits), and who made it.
constexpr ViVersion kImplementationVersion =
    (FREEVISA_VERSION_MAJOR << 20) | (FREEVISA_VERSION_MINOR << 8) | FREEVISA_VERSION_PATCH;
constexpr std::string_view kManufacturerName = "FreeVISA";
// No VXIplug&play number was assigned to us; 0x3FFF is the largest, and nobody's.
constexpr std::uint16_t kManufacturerId = 0x3FFF;

// The template's computed rows that every kind answers alike (3.2.1, 3.2.2).
std::optional<AttributeValue> template_value(ViAttr id, const locks::LockDomain& domain) {
  switch (id) {
    case VI_ATTR_RSRC_IMPL_VERSION:
      return AttributeValue(std::uint64_t{kImplementationVersion});
    case VI_ATTR_RSRC_SPEC_VERSION:
      return AttributeValue(std::uint64_t{VI_SPEC_VERSION});
    case VI_ATTR_RSRC_MANF_NAME:
      return AttributeValue(std::string(kManufacturerName));
    case VI_ATTR_RSRC_MANF_ID:
      return AttributeValue(std::uint64_t{kManufacturerId});
    case VI_ATTR_RSRC_LOCK_STATE:
      return AttributeValue(static_cast<std::uint64_t>(domain.state()));
    default:
      return std::nullopt;
  }
}

}  // namespace

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
  remember(granted.status, std::move(call.detail));
  return granted;
}

Status Resource::unlock() {
  return domain_->unlock(handle());
}

void Resource::cancel_calls() {
  traffic_.cancel_all();
  domain_->wake();
  wake();
}

bool Resource::end_calls(Deadline grace) {
  traffic_.close();
  domain_->wake();
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
    auto value = asked_of_driver(*row);
    if (!value) return value.status();
    return AttributeAnswer{row, *std::move(value)};
  }
  if (auto value = template_value(id, *domain_)) return AttributeAnswer{row, *std::move(value)};
  auto value = computed(*row);
  if (!value) return value.status();
  return AttributeAnswer{row, *std::move(value)};
}

Status Resource::set_attribute(ViAttr id, ViAttrState raw) {
  const auto* row = model::find_attribute(id, kind());
  if (row == nullptr) return Status::error_nsup_attr;
  if (!model::writable(*row)) return Status::error_attr_readonly;
  const auto value = model::narrow(*row, raw);
  const auto status = model::check_range(*row, value);
  if (status != Status::success) return status;  // a warning leaves the old value, too
  if (row->scope == model::Scope::global) {
    const auto locked = check_lock();
    if (failed(locked)) return locked;
  }
  if (row->home == model::Home::stored) {
    store_.set(*row, value);
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

Result<AttributeValue> Resource::asked_of_driver(const model::Attribute&) const {
  return Status::error_nsup_attr;
}

Status Resource::give_to_driver(const model::Attribute&, std::uint64_t, Call&) {
  return Status::error_nsup_attr;
}

}  // namespace visa::core
