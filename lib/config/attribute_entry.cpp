// SPDX-License-Identifier: MIT
// A value is kept only where the table allows it for the kind of the resource; anything else is a
// mistake. The name is looked up first for any kind and then for the resource's, so that the
// message can say whether the name is wrong or the attribute is one of another wire.
#include "lib/config/attribute_entry.h"

#include <string>
#include <string_view>

#include "lib/model/attribute.h"
#include "lib/model/attribute_table.h"

namespace visa::config {

namespace {

using model::Attribute;
using model::AttributeType;

std::string range_text(const Attribute& attribute) {
  std::string text;
  for (const std::uint64_t value : attribute.allowed) {
    if (!text.empty()) text += ", ";
    text += model::is_signed(attribute.type) ? std::to_string(static_cast<std::int64_t>(value))
                                             : std::to_string(value);
  }
  if (!text.empty()) return "one of " + text;
  if (model::is_signed(attribute.type)) {
    return std::to_string(static_cast<std::int64_t>(attribute.low)) + " to " +
           std::to_string(static_cast<std::int64_t>(attribute.high));
  }
  return std::to_string(attribute.low) + " to " + std::to_string(attribute.high);
}

/// The value as a number, if its TOML type and sign fit the attribute's type.
std::optional<std::uint64_t> number_of(const Attribute& attribute, const tomlio::Node& node) {
  if (attribute.type == AttributeType::boolean) {
    if (const bool* flag = node.get<bool>()) return *flag ? 1u : 0u;
  }
  const auto* integer = node.get<std::int64_t>();
  if (integer == nullptr || (*integer < 0 && !model::is_signed(attribute.type))) return {};
  return static_cast<std::uint64_t>(*integer);
}

}  // namespace

std::optional<std::pair<ViAttr, model::AttributeValue>> read_attribute(const tomlio::Entry& entry,
                                                                       model::Kind kind,
                                                                       ProblemLog& problems) {
  const Attribute* attribute = model::find_attribute_by_name(entry.key);
  if (attribute == nullptr) {
    problems.lost(entry.place, "unknown attribute " + in_quotes(entry.key) +
                                   ": expected a name like VI_ATTR_TMO_VALUE");
    return {};
  }
  const std::string name(attribute->name);
  attribute = model::find_attribute(attribute->id, kind);
  if (attribute == nullptr) {
    problems.lost(entry.place, name + " does not exist for " + std::string(model::name(kind)));
    return {};
  }
  // Every writable attribute of the standard is a number; a string would need its own rule here.
  if (!model::writable(*attribute) || !model::is_number(attribute->type)) {
    problems.lost(entry.place, name + " cannot be set");
    return {};
  }
  const auto number = number_of(*attribute, entry.value);
  if (!number || failed(model::check_range(*attribute, *number))) {
    const bool flag = attribute->type == AttributeType::boolean;
    problems.lost(entry.value.place, name + ": expected " +
                                         (flag ? std::string("true or false")
                                               : "a whole number, " + range_text(*attribute)));
    return {};
  }
  return {{attribute->id, *number}};
}

}  // namespace visa::config
