// SPDX-License-Identifier: MIT
// The tables of the wires, [[fault]], and [[recorded]].
#include <algorithm>
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

// The four fields of *IDN? as they were recorded, for those who announce the instrument.
void DescriptionReader::read_recorded(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[recorded]]", mistakes_);
  auto recording = std::make_shared<Recording>(read_recording(table, file_));
  description_->name = recording->name;
  if (!plain_name(recording->name)) {
    table.mistake("name", "expected 1 to 32 letters, digits, '-' and '_'");
  }
  description_->title = "recorded from " + recording->resource;
  description_->identity = "Recorded," + recording->name + ",0,0";
  for (const RecordedExchange& exchange : recording->exchanges) {
    if (exchange.message != "*IDN?" || exchange.answers.empty()) continue;
    const std::string_view identity = without_line_end(*exchange.answers.front());
    if (std::all_of(identity.begin(), identity.end(),
                    [](char c) { return c >= ' ' && c <= '~'; })) {
      description_->identity = identity;
    }
    break;
  }
  for (RecordedExchange& exchange : recording->exchanges) {
    if (delays_) break;
    exchange.delay = {};
    for (auto& time : exchange.service_requests) time = {};
  }
  for (const WireKind* const wire : wires_) {
    if (!wire->has_section()) continue;
    if (const Node* const section = table.table(wire->name())) read_section(*wire, *section);
  }
  table.finish();
  description_->recording = std::move(recording);
}

}  // namespace visa::sim
