// SPDX-License-Identifier: MIT
// [vxi11] and [[fault]].
#include <limits>

#include "tools/sim/description/description_reader.h"

namespace visa::sim {

void DescriptionReader::read_vxi11(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[vxi11]", mistakes_);
  Vxi11Description& vxi11 = description_->vxi11;
  vxi11.device = table.text("device").value_or("");
  const bool plain =
      vxi11.device.size() <= 32 &&
      vxi11.device.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (table.has("device") && (!plain || vxi11.device.empty() || vxi11.device.starts_with("gpib"))) {
    table.mistake("device", "expected a name as in \"inst3\": small letters, digits, '_' and '-'");
    vxi11.device.clear();
  }
  if (const auto text = table.text("gpib")) {
    vxi11.gpib = parse_gpib_address(*text);
    if (!vxi11.gpib) {
      table.mistake("gpib", "expected an address as in \"5\" or \"5,2\", 0 to 30");
    }
  }
  if (const auto most = table.integer("max_receive", 1,
                                      static_cast<std::int64_t>(Vxi11Description::kMostReceive))) {
    vxi11.max_receive = static_cast<std::uint32_t>(*most);
  }
  if (const auto most = table.integer("largest_answer", 1, 1 << 30)) {
    vxi11.largest_answer = static_cast<std::size_t>(*most);
  }
  table.finish();
}

void DescriptionReader::read_fault(const Node& node) {
  TableReader table(*node.get<Table>(), node.place, "[[fault]]", mistakes_);
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMostNumber = std::numeric_limits<std::uint32_t>::max();
  Fault fault;
  std::string names;
  for (const std::string_view name : fault_names()) {
    names += (names.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  table.require("kind", names);
  const auto kinds = fault_names();
  const auto kind = table.word("kind", {kinds.begin(), kinds.end()});
  fault.kind = static_cast<FaultKind>(kind.value_or(0));
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
    fault.procedure = find_procedure(*name);
    if (fault.procedure == nullptr) {
      table.mistake("procedure", "expected a procedure as in \"device_read\"");
    }
  }
  if (const auto length = table.integer("length", 0, kMostNumber)) {
    fault.length = static_cast<std::uint32_t>(*length);
  }
  fault.error = static_cast<std::uint32_t>(table.integer("error", 0, kMostNumber).value_or(0));
  if (fault_needs_error(fault.kind) && !table.has("error")) {
    table.require("error", "the number it answers");
  }
  table.finish();
  description_->faults.push_back(fault);
}

}  // namespace visa::sim
