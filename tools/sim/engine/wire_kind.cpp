// SPDX-License-Identifier: MIT
// Names are looked up among all wires of a bench: an instrument has one board of faults for all.
#include "tools/sim/engine/wire_kind.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace visa::sim {

std::optional<std::string> WireSettings::value(std::string_view option) const {
  const auto found = options.find(option);
  return found != options.end() ? std::optional(found->second) : std::nullopt;
}

std::uint32_t WireSettings::number(std::string_view option, std::uint32_t most) const {
  const auto text = value(option);
  if (!text) return 0;
  std::uint32_t number = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (code != std::errc() || end != text->data() + text->size() || number > most) {
    throw std::invalid_argument("option " + std::string(option) + " takes a number from 0 to " +
                                std::to_string(most) + ", not '" + *text + "'");
  }
  return number;
}

std::vector<const FaultKind*> fault_kinds(WireKinds wires) {
  const auto answers = answer_faults();
  std::vector<const FaultKind*> result(answers.begin(), answers.end());
  for (const WireKind* const wire : wires) {
    const auto own = wire->faults();
    result.insert(result.end(), own.begin(), own.end());
  }
  return result;
}

const FaultKind* find_fault_kind(WireKinds wires, std::string_view name) {
  const auto all = fault_kinds(wires);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [name](const FaultKind* one) { return one->name == name; });
  return found != all.end() ? *found : nullptr;
}

const WireOperation* find_operation(WireKinds wires, std::string_view name) {
  for (const WireKind* const wire : wires) {
    if (const WireOperation* const found = wire->find_operation(name)) return found;
  }
  return nullptr;
}

}  // namespace visa::sim
