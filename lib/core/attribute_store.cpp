// SPDX-License-Identifier: MIT
// Twins (VI_ATTR_USER_DATA_32 and _64) share the entry of their storage id (3.2.10).
#include "lib/core/attribute_store.h"

#include <algorithm>
#include <chrono>

#include "lib/model/attribute_table.h"

namespace visa::core {
namespace {

constexpr ViAttr kMirrored[] = {
    VI_ATTR_TMO_VALUE,        VI_ATTR_IO_PROT,         VI_ATTR_TERMCHAR,
    VI_ATTR_SUPPRESS_END_EN,  VI_ATTR_TERMCHAR_EN,     VI_ATTR_SEND_END_EN,
    VI_ATTR_FILE_APPEND_EN,   VI_ATTR_ASRL_END_IN,     VI_ATTR_ASRL_END_OUT,
    VI_ATTR_RD_BUF_OPER_MODE, VI_ATTR_WR_BUF_OPER_MODE};

/// Of a formatted buffer: flushed at the end of every call, or not.
constexpr bool is_mode(ViAttr id) {
  return id == VI_ATTR_RD_BUF_OPER_MODE || id == VI_ATTR_WR_BUF_OPER_MODE;
}

}  // namespace

AttributeStore::AttributeStore(model::Kind kind) {
  for (const ViAttr id : kMirrored) {
    const auto* row = model::find_attribute(id, kind);
    if (row != nullptr) mirror(id, row->default_value);
  }
}

void AttributeStore::mirror(ViAttr id, std::uint64_t value) noexcept {
  constexpr auto relaxed = std::memory_order_relaxed;
  if (id == VI_ATTR_TMO_VALUE) {
    timeout_.store(static_cast<std::uint32_t>(value), relaxed);
  } else if (id == VI_ATTR_TERMCHAR) {
    termchar_.store(static_cast<std::uint8_t>(value), relaxed);
  } else if (id == VI_ATTR_IO_PROT) {
    protocol_.store(static_cast<std::uint16_t>(value), relaxed);
  } else if (id == VI_ATTR_ASRL_END_IN) {
    end_in_.store(static_cast<std::uint16_t>(value), relaxed);
  } else if (id == VI_ATTR_ASRL_END_OUT) {
    end_out_.store(static_cast<std::uint16_t>(value), relaxed);
  } else if (is_mode(id) ? value == VI_FLUSH_ON_ACCESS : value != 0) {
    flags_.fetch_or(flag_bit(id), relaxed);
  } else {
    flags_.fetch_and(static_cast<std::uint8_t>(~flag_bit(id)), relaxed);
  }
}

std::uint64_t AttributeStore::get(const model::Attribute& row) const {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& entry) { return entry.first == row.storage; });
  return found == values_.end() ? row.default_value : found->second;
}

void AttributeStore::set(const model::Attribute& row, std::uint64_t value) {
  const MutexLock lock(mutex_);
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [&](const auto& entry) { return entry.first == row.storage; });
  if (found == values_.end()) {
    values_.emplace_back(row.storage, value);
  } else {
    found->second = value;
  }
  mirror(row.id, value);
}

Deadline AttributeStore::deadline() const noexcept {
  const auto value = timeout();
  if (value == VI_TMO_INFINITE) return Deadline::infinite();
  return Deadline::after(std::chrono::milliseconds(value));
}

}  // namespace visa::core
