// SPDX-License-Identifier: MIT
// Merges the families into one sorted array and checks it at build time: a row that contradicts
// itself or another row does not compile.
#include "lib/model/attribute_table.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "lib/model/ascii.h"
#include "lib/model/attributes_common.h"
#include "lib/model/attributes_event.h"
#include "lib/model/attributes_gpib.h"
#include "lib/model/attributes_pxi.h"
#include "lib/model/attributes_serial.h"
#include "lib/model/attributes_tcpip.h"
#include "lib/model/attributes_usb.h"
#include "lib/model/attributes_vxi.h"

namespace visa::model {
namespace {

constexpr auto by_id = [](const Attribute& a, const Attribute& b) { return a.id < b.id; };

/// All families in one array, sorted by id.
template <std::size_t... kSizes>
constexpr auto merge(const rows::Row (&... families)[kSizes]) {
  std::array<Attribute, (kSizes + ...)> merged{};
  std::size_t at = 0;
  const auto append = [&merged, &at](const auto& family) {
    for (const rows::Row& row : family) merged[at++] = row.attribute;
  };
  (append(families), ...);
  std::sort(merged.begin(), merged.end(), by_id);
  return merged;
}

constexpr auto kTable = merge(rows::kCommonRows, rows::kEventRows, rows::kGpibRows, rows::kPxiRows,
                              rows::kSerialRows, rows::kTcpipRows, rows::kUsbRows, rows::kVxiRows);

constexpr bool inside(const Attribute& row, std::uint64_t value) {
  return is_signed(row.type)
             ? static_cast<std::int64_t>(row.low) <= static_cast<std::int64_t>(value) &&
                   static_cast<std::int64_t>(value) <= static_cast<std::int64_t>(row.high)
             : row.low <= value && value <= row.high;
}

constexpr bool contains(std::span<const std::uint64_t> values, std::uint64_t value) {
  return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
}

constexpr bool every_row(bool (*test)(const Attribute&)) {
  return std::all_of(kTable.begin(), kTable.end(), test);
}

constexpr bool rows_of_one_id_agree() {
  for (std::size_t i = 0; i + 1 < kTable.size(); ++i) {
    for (std::size_t j = i + 1; j < kTable.size() && kTable[j].id == kTable[i].id; ++j) {
      if (kTable[i].kinds.intersects(kTable[j].kinds) || kTable[i].type != kTable[j].type ||
          kTable[i].name != kTable[j].name || kTable[i].storage != kTable[j].storage) {
        return false;
      }
    }
  }
  return true;
}

/// True when each twin's storage row exists for the same kinds and is wide enough.
constexpr bool twins_have_storage() {
  for (const Attribute& row : kTable) {
    KindSet stored;
    for (const Attribute& other : kTable) {
      if (other.id == row.storage && other.storage == other.id &&
          size_of(other.type) >= size_of(row.type) && other.home == row.home) {
        stored = stored | other.kinds;
      }
    }
    if (!(row.kinds - stored).empty()) return false;
  }
  return true;
}

static_assert(std::is_sorted(kTable.begin(), kTable.end(), by_id));
static_assert(every_row([](const Attribute& row) { return !row.kinds.empty(); }),
              "a row belongs to at least one kind");
static_assert(rows_of_one_id_agree(), "kinds of one id are disjoint, name and type are the same");
static_assert(every_row([](const Attribute& row) {
                return !row.has_default ||
                       (inside(row, row.default_value) && contains(row.allowed, row.default_value));
              }),
              "a default is a legal value");
static_assert(every_row([](const Attribute& row) {
                return std::all_of(row.allowed.begin(), row.allowed.end(),
                                   [&row](std::uint64_t value) { return inside(row, value); });
              }),
              "allowed values are inside the bounds");
static_assert(every_row([](const Attribute& row) {
                return row.scope != Scope::global || row.home != Home::stored;
              }),
              "two sessions must not disagree about a global attribute");
static_assert(every_row([](const Attribute& row) {
                return row.home != Home::stored || row.has_default;
              }),
              "what the session stores has a first value");
static_assert(every_row([](const Attribute& row) {
                return is_number(row.type) || (row.access == Access::read_only && !row.has_default);
              }),
              "strings and byte arrays are read-only");
static_assert(every_row([](const Attribute& row) {
                return (row.access == Access::read_write_unless_event) == (row.event != 0);
              }),
              "the event that makes a row read-only is named");
static_assert(every_row([](const Attribute& row) {
                return (row.scope == Scope::event) == (row.kinds - kEventKinds).empty();
              }),
              "event attributes are on event contexts and nowhere else");
static_assert(twins_have_storage(), "a twin names a row that holds the value");

}  // namespace

std::span<const Attribute> attribute_table() noexcept {
  return kTable;
}

std::span<const Attribute> attribute_rows(ViAttr id) noexcept {
  const auto first =
      std::lower_bound(kTable.begin(), kTable.end(), id,
                       [](const Attribute& row, ViAttr wanted) { return row.id < wanted; });
  auto last = first;
  while (last != kTable.end() && last->id == id) ++last;
  return {first, last};
}

const Attribute* find_attribute(ViAttr id, Kind kind) noexcept {
  if (kind >= Kind::count) return nullptr;
  for (const Attribute& row : attribute_rows(id)) {
    if (row.kinds.contains(kind)) return &row;
  }
  return nullptr;
}

const Attribute* find_attribute_by_name(std::string_view name) noexcept {
  // VI_ATTR_USER_DATA is a macro that stands for the twin of pointer width.
  static constexpr std::string_view kPointerWidth = sizeof(void*) == 8 ? "_64" : "_32";
  const Attribute* twin = nullptr;
  for (const Attribute& row : kTable) {
    if (equal_without_case(row.name, name)) return &row;
    if (twin == nullptr && row.name.size() == name.size() + kPointerWidth.size() &&
        row.name.ends_with(kPointerWidth) && starts_without_case(row.name, name)) {
      twin = &row;
    }
  }
  return twin;
}

bool attribute_exists(ViAttr id) noexcept {
  return !attribute_rows(id).empty();
}

}  // namespace visa::model
