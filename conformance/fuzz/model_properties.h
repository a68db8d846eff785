// SPDX-License-Identifier: MIT
// What must hold for every input of the two parsers of lib/model, however hostile. Shared by the
// fuzz targets and by the random tests of conformance/unit/lib/model. Each check returns "" or what
// was violated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/model/find_expression.h"
#include "lib/model/resource_name.h"

namespace visa::fuzz {

/// A refusal says which part of `text` is wrong, in a short line of ASCII.
inline std::string check_mistake(std::string_view text, const model::Mistake& mistake) {
  const auto* const begin = mistake.found.data();
  if (mistake.expected.empty() || begin < text.data() ||
      begin + mistake.found.size() > text.data() + text.size()) {
    return "a mistake that is no part of the text";
  }
  const std::string line = model::describe(text, mistake);
  if (line.size() > model::kMostMistakeText ||
      !std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    return "a mistake too long or not ASCII: " + line;
  }
  return "";
}

/// A name that parses has a canonical form that is short ASCII and parses to itself.
inline std::string check_resource_name(std::string_view text) {
  model::Mistake mistake;
  const auto name = model::parse_resource_name(text, &mistake);
  if (!name) {
    return name.status() == Status::error_inv_rsrc_name ? check_mistake(text, mistake)
                                                        : "refused with another status";
  }
  const std::string canonical = name->canonical();
  if (canonical.size() > model::kMaxResourceNameLength) {
    return "canonical form too long";
  }
  if (!std::all_of(canonical.begin(), canonical.end(),
                   [](char c) { return c >= ' ' && c <= '~'; })) {
    return "canonical form not ASCII";
  }
  const auto again = model::parse_resource_name(canonical);
  if (!again) {
    return "canonical form refused";
  }
  if (again->canonical() != canonical) {
    return "canonical form of the canonical form differs: " + again->canonical();
  }
  if (again->kind != name->kind || again->board != name->board || again->port != name->port ||
      again->host != name->host || again->device != name->device ||
      again->credential != name->credential || again->has_credential != name->has_credential ||
      again->usb_serial != name->usb_serial || again->path != name->path || !(*again == *name)) {
    return "a field was lost on the way through the canonical form";
  }
  if (name->kind >= model::Kind::find_list || name->kind == model::Kind::resource_manager) {
    return "not a kind that viOpen makes";
  }
  return "";
}

/// A pattern that parses visits no state more than once per character of the name.
inline std::string check_find_pattern(std::string_view pattern, std::string_view name) {
  const auto parsed = model::FindPattern::parse(pattern);
  if (!parsed.has_value()) {
    return "";
  }
  std::uint64_t steps = 0;
  parsed->matches(name, &steps);
  if (steps > parsed->state_count() * (name.size() + 1)) {
    return "more steps than states times characters";
  }
  return "";
}

/// An expression that parses can be asked; what could_match denies matches no name.
inline std::string check_find_expression(std::string_view text, std::string_view name) {
  model::Mistake mistake;
  const auto expression = model::FindExpression::parse(text, &mistake);
  if (!expression) {
    return expression.status() == Status::error_inv_expr ? check_mistake(text, mistake)
                                                         : "refused with another status";
  }
  bool asked = false;
  const bool holds =
      expression->matches_attributes([&asked](ViAttr id) -> std::optional<model::AttributeValue> {
        asked = true;
        if (id % 3 == 0) {
          return std::nullopt;
        }
        return (id & 0x80000000U) != 0 ? model::AttributeValue(std::string("text"))
                                       : model::AttributeValue(std::uint64_t{id % 7});
      });
  if (asked != expression->has_attributes() || (!asked && !holds)) {
    return "attributes asked without or not asked with an expression in braces";
  }
  const bool matches = expression->matches_name(name);
  const auto parsed = model::parse_resource_name(name);
  if (matches && parsed && parsed->canonical() == name &&
      !expression->could_match(parsed->interface)) {
    return "could_match denies a name that matches";
  }
  return check_find_pattern(text, name);
}

}  // namespace visa::fuzz
