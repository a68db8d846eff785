// SPDX-License-Identifier: MIT
// The tables of the wires and [[fault]].
#include <limits>

#include "tools/sim/description/description_reader.h"

namespace visa::sim {

void DescriptionReader::read_section(const WireKind& wire, const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[" + std::string(wire.name()) + "]",
                    mistakes_);
  description_->sections[&wire] = wire.read_section(table);
  table.finish();
}

void DescriptionReader::read_fault(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[fault]]", mistakes_);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMostNumber = std::numeric_limits<std::uint32_t>::max();
  Fault fault;
  std::string names;
  std::vector<std::string_view> words;
  const auto kinds = fault_kinds(wires_);
  for (const FaultKind* const kind : kinds) {
    words.push_back(kind->name);
    names += (names.empty() ? "\"" : ", \"") + std::string(kind->name) + "\"";
  }
  table.require("kind", names);
  fault.kind = kinds[table.word("kind", words).value_or(0)];
  fault.delay = milliseconds(table, "ms");
  fault.pieces = static_cast<std::size_t>(table.integer("pieces", 2, 1000).value_or(2));
  if (const auto bytes = table.integer("bytes", 0, 1 << 20)) {
    fault.bytes = static_cast<std::size_t>(*bytes);
  }
  fault.reset = table.boolean("reset").value_or(false);
  fault.terminated = table.boolean("terminated").value_or(true);
  fault.count = static_cast<std::uint64_t>(table.integer("count", 0, kMost).value_or(0));
  fault.after = static_cast<std::uint64_t>(table.integer("after", 0, kMost).value_or(0));
  if (const auto name = table.text("procedure")) {
    fault.operation = find_operation(wires_, *name);
    if (fault.operation == nullptr) {
      table.mistake("procedure", "expected a procedure as in \"device_read\"");
    }
  }
  if (const auto length = table.integer("length", 0, kMostNumber)) {
    fault.length = static_cast<std::uint32_t>(*length);
  }
  fault.error = static_cast<std::uint32_t>(table.integer("error", 0, kMostNumber).value_or(0));
  if (fault.kind->needs_error && !table.has("error")) {
    table.require("error", "the number it answers");
  }
  table.finish();
  description_->faults.push_back(fault);
}

}  // namespace visa::sim
