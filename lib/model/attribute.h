// SPDX-License-Identifier: MIT
// What one row of the attribute table says: which objects have an attribute, how wide it is, which
// values a program may set, and where its value lives. Rows are constants: any thread.
#pragma once

#include <visa.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/status.h"
#include "lib/model/resource_class.h"

namespace visa::model {

/// The C type behind an attribute; it decides how many bytes viGetAttribute writes.
enum class AttributeType : std::uint8_t {
  uint8,        // ViUInt8
  int16,        // ViInt16
  uint16,       // ViUInt16
  boolean,      // ViBoolean, two bytes
  int32,        // ViInt32
  uint32,       // ViUInt32, ViVersion, ViAccessMode, ViEventType, ViJobId
  session,      // ViSession, ViObject: a handle, four bytes
  status,       // ViStatus
  uint64,       // ViUInt64
  bus_address,  // ViBusAddress64
  address,      // a pointer (ViAddr, ViBuf)
  string,       // ViString, ViRsrc: at most 256 bytes with the NUL (3.4.1)
  bytes,        // ViAUInt8: as many bytes as a size attribute says
};

/// Bytes that viGetAttribute writes; 0 for strings and byte arrays, whose length varies.
constexpr std::size_t size_of(AttributeType type) noexcept {
  switch (type) {
    case AttributeType::uint8:
      return 1;
    case AttributeType::int16:
    case AttributeType::uint16:
    case AttributeType::boolean:
      return 2;
    case AttributeType::int32:
    case AttributeType::uint32:
    case AttributeType::session:
    case AttributeType::status:
      return 4;
    case AttributeType::uint64:
    case AttributeType::bus_address:
      return 8;
    case AttributeType::address:
      return sizeof(void*);
    case AttributeType::string:
    case AttributeType::bytes:
      break;
  }
  return 0;
}

constexpr bool is_signed(AttributeType type) noexcept {
  return type == AttributeType::int16 || type == AttributeType::int32 ||
         type == AttributeType::status;
}

constexpr bool is_number(AttributeType type) noexcept {
  return type != AttributeType::string && type != AttributeType::bytes;
}

enum class Access : std::uint8_t {
  read_only,
  read_write,
  read_write_until_event,   // read-only after the session's first viEnableEvent, for good
  read_write_unless_event,  // read-only while the event named by `event` is enabled
  read_write_until_map,     // read-only while a window is mapped
};

enum class Scope : std::uint8_t { local, global, event };

/// Where the value lives.
enum class Home : std::uint8_t {
  stored,  // a plain value of the session; at first the table's default
  core,    // computed by the core
  driver,  // asked of the driver
};

/// One attribute, for some kinds of object. Several rows may share an id; their kinds are then
/// disjoint.
struct Attribute {
  ViAttr id;
  std::string_view name;  // "VI_ATTR_TMO_VALUE"
  AttributeType type;
  Access access;
  Scope scope;
  Home home;
  KindSet kinds;
  std::uint64_t default_value = 0;  // meaningful with has_default; signed types sign-extended
  bool has_default = false;
  std::uint64_t low = 0;  // bounds of the legal values, both included; signed types sign-extended
  std::uint64_t high = 0;
  std::span<const std::uint64_t> allowed = {};  // the values accepted inside the bounds; empty: all
  Status unsupported = Status::error_nsup_attr_state;  // for a legal value that is not `allowed`
  ViAttr storage = 0;     // the id under which the value is stored: its own, or the 64-bit twin's
  ViEventType event = 0;  // for read_write_unless_event
};

/// True when viSetAttribute can succeed in some state.
constexpr bool writable(const Attribute& attribute) noexcept {
  return attribute.access != Access::read_only;
}

/// The value that the caller meant by `raw`, in the 64-bit form of AttributeValue: signed types
/// accept the sign-extended and the zero-extended form of a negative number. A `raw` that does not
/// fit the type comes back unchanged, so that check_range refuses it and no bits are silently lost.
std::uint64_t narrow(const Attribute& attribute, ViAttrState raw) noexcept;

/// Success when a narrowed `value` may be set; Status::error_nsup_attr_state when it is illegal or
/// not supported; Status::warn_nsup_attr_state when it is legal but not available and the program
/// should carry on: the current value then stays. Does not check access.
Status check_range(const Attribute& attribute, std::uint64_t value) noexcept;

}  // namespace visa::model
