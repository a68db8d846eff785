// SPDX-License-Identifier: MIT
// The functions that the attribute families are written with: one per kind of access, and one for
// each fact that may follow (default, bounds, allowed values). Private to the attribute files of
// this folder; constant expressions only.
#pragma once

#include <visa.h>

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "lib/model/attribute.h"
#include "lib/model/resource_class.h"

namespace visa::model::rows {

using enum AttributeType;
using enum Scope;
using enum Home;
using enum Kind;

constexpr std::uint64_t lowest(AttributeType type) noexcept {
  if (!is_signed(type)) return 0;
  const std::int64_t low = type == int16 ? std::numeric_limits<std::int16_t>::min()
                                         : std::numeric_limits<std::int32_t>::min();
  return static_cast<std::uint64_t>(low);
}

constexpr std::uint64_t highest(AttributeType type) noexcept {
  if (type == boolean) return 1;
  const unsigned bits = static_cast<unsigned>(8 * size_of(type)) - (is_signed(type) ? 1U : 0U);
  if (!is_number(type)) return 0;
  return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

/// A row being described; each call adds one fact.
struct Row {
  Attribute attribute;

  constexpr Row initially(std::int64_t value) const noexcept {
    Row row = *this;
    row.attribute.default_value = static_cast<std::uint64_t>(value);
    row.attribute.has_default = true;
    return row;
  }
  constexpr Row between(std::int64_t low, std::int64_t high) const noexcept {
    Row row = *this;
    row.attribute.low = static_cast<std::uint64_t>(low);
    row.attribute.high = static_cast<std::uint64_t>(high);
    return row;
  }
  /// `values` must live as long as the table.
  constexpr Row one_of(std::span<const std::uint64_t> values) const noexcept {
    Row row = *this;
    row.attribute.allowed = values;
    return row;
  }
  /// For a legal value outside `allowed`, viSetAttribute warns instead of failing.
  constexpr Row or_warn() const noexcept {
    Row row = *this;
    row.attribute.unsupported = Status::warn_nsup_attr_state;
    return row;
  }
  /// Makes the row the narrow twin of the attribute `id`, which stores the value.
  constexpr Row kept_as(ViAttr id) const noexcept {
    Row row = *this;
    row.attribute.storage = id;
    return row;
  }
};

constexpr Row row(Access access, ViAttr id, std::string_view name, AttributeType type, Scope scope,
                  Home home, KindSet kinds) noexcept {
  Row made{.attribute = {.id = id,
                         .name = name,
                         .type = type,
                         .access = access,
                         .scope = scope,
                         .home = home,
                         .kinds = kinds}};
  made.attribute.low = lowest(type);
  made.attribute.high = highest(type);
  made.attribute.storage = id;
  return made;
}

constexpr Row read_only(ViAttr id, std::string_view name, AttributeType type, Scope scope,
                        Home home, KindSet kinds) noexcept {
  return row(Access::read_only, id, name, type, scope, home, kinds);
}

constexpr Row read_write(ViAttr id, std::string_view name, AttributeType type, Scope scope,
                         Home home, KindSet kinds) noexcept {
  return row(Access::read_write, id, name, type, scope, home, kinds);
}

/// Read-only while `event` is enabled.
constexpr Row unless_enabled(ViEventType event, ViAttr id, std::string_view name,
                             AttributeType type, Scope scope, Home home, KindSet kinds) noexcept {
  Row made = row(Access::read_write_unless_event, id, name, type, scope, home, kinds);
  made.attribute.event = event;
  return made;
}

// Sets of kinds that several families use.
inline constexpr KindSet kServants = gpib_servant | KindSet(vxi_servant) | tcpip_servant;
inline constexpr KindSet kMemacc = gpib_vxi_memacc | KindSet(vxi_memacc) | pxi_memacc;
inline constexpr KindSet kBackplanes = gpib_vxi_backplane | KindSet(vxi_backplane) | pxi_backplane;
inline constexpr KindSet kTcpipInstr = tcpip_vxi11 | tcpip_hislip;
inline constexpr KindSet kTcpipIo = kTcpipInstr | tcpip_socket;
inline constexpr KindSet kUsb = usb_instr | usb_raw;
inline constexpr KindSet kVxiInstr = vxi_instr | gpib_vxi_instr;
inline constexpr KindSet kVxiMemacc = vxi_memacc | gpib_vxi_memacc;
inline constexpr KindSet kVxiBackplane = vxi_backplane | gpib_vxi_backplane;
inline constexpr KindSet kMessageInstr =
    asrl_instr | KindSet(gpib_instr) | kVxiInstr | kTcpipInstr | usb_instr;
inline constexpr KindSet kInstr = kMessageInstr | pxi_instr | firewire_instr;

}  // namespace visa::model::rows
