// SPDX-License-Identifier: MIT
// The thread that does an operation writes its lines one after the other, so the data lines before
// an operation on the same thread are its own. The line "open" comes inside viOpen.
#include "tools/freevisa/record/wire_notes.h"

#include <visa.h>

#include <algorithm>
#include <cstdlib>

#include "tools/freevisa/trace/trace_story.h"

namespace visa::tool {
namespace {

constexpr unsigned long kLoadConfig = VI_LOAD_CONFIG;
constexpr std::string_view kServiceRequest = "0x3FFF200B";  // VI_EVENT_SERVICE_REQ

bool is_stream(std::string_view resource) {
  return resource.starts_with("ASRL") || resource.ends_with("::SOCKET");
}

std::string unquoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"'
             ? std::string(value.substr(1, value.size() - 2))
             : std::string(value);
}

std::optional<sim::SeenOperation::Kind> kind_of(const WireOperation& wire) {
  using Kind = sim::SeenOperation::Kind;
  if (wire.name == "write") return Kind::write;
  if (wire.name == "read") return Kind::read;
  if (wire.name == "stb" && wire.status.empty()) return Kind::status;
  if (wire.name == "trigger" && wire.status.empty()) return Kind::trigger;
  if (wire.name == "clear" && wire.status.empty()) return Kind::clear;
  if (wire.name == "event" && wire.mark == kServiceRequest) return Kind::service_request;
  return std::nullopt;
}

}  // namespace

void WireNotes::add(std::string_view text) {
  if (problem_) return;
  auto line = parse_trace_line(text);
  if (!line) return;
  const Thread thread{line->process, line->thread};
  switch (line->kind) {
    case TraceLine::Kind::call:
      if (line->function == "viOpen") opening_[thread] = *std::move(line);
      return;
    case TraceLine::Kind::result:
      if (line->function == "viOpen") opening_.erase(thread);
      return;
    case TraceLine::Kind::data: {
      Pieces& pieces = pieces_[thread];
      if (pieces.data.size() > sim::Recording::kMostData) {
        problem_ = "more than 512 MB passed in one operation";
        return;
      }
      pieces.hidden.resize(line->wire.hidden.empty() ? pieces.hidden.size() : pieces.data.size(),
                           '\0');
      pieces.hidden += line->wire.hidden;
      pieces.data += line->wire.data;
      return;
    }
    case TraceLine::Kind::wire:
      note_operation(*line);
      return;
    case TraceLine::Kind::note:
      if (line->note.find("lines of this trace are missing here") != std::string::npos) {
        problem_ = line->note;
      }
      return;
  }
}

void WireNotes::note_operation(const TraceLine& line) {
  const WireOperation& wire = line.wire;
  Pieces pieces = std::move(pieces_[{line.process, line.thread}]);
  pieces_.erase({line.process, line.thread});
  if (!wants_(wire.resource)) return;
  if (wire.name == "open") {
    note_open(line);
    return;
  }
  const auto kind = kind_of(wire);
  const auto found = resources_.find(wire.resource);
  if (!kind || found == resources_.end()) return;
  if (pieces.data.size() != wire.size) {
    problem_ = "the data of an operation of " + wire.resource + " is missing in the trace";
    return;
  }
  const auto number =
      sessions_.try_emplace({line.process, wire.channel}, static_cast<unsigned>(sessions_.size()))
          .first->second;
  sim::SeenOperation seen;
  seen.kind = *kind;
  seen.end = line.time;
  seen.took = wire.took;
  seen.began = wire.began;
  seen.session = number;
  seen.data = std::move(pieces.data);
  seen.hidden = std::move(pieces.hidden);
  seen.whole = wire.mark == "END";
  if (!found->second.recorder.add(std::move(seen))) {
    problem_ =
        "more than a million operations or 512 MB passed between the program and " + wire.resource;
  }
}

void WireNotes::note_open(const TraceLine& line) {
  const auto [place, made] =
      resources_.try_emplace(line.wire.resource, is_stream(line.wire.resource));
  if (made) in_order_.push_back(line.wire.resource);
  ResourceNotes& notes = place->second;
  const auto call = opening_.find({line.process, line.thread});
  if (call == opening_.end()) return;
  const std::string name = unquoted(argument(call->second.arguments, "name"));
  const std::string mode(argument(call->second.arguments, "mode"));
  if ((std::strtoul(mode.c_str(), nullptr, 0) & kLoadConfig) != 0) notes.loads_configuration = true;
  if (std::find(notes.opened_as.begin(), notes.opened_as.end(), name) == notes.opened_as.end()) {
    notes.opened_as.push_back(name);
  }
}

}  // namespace visa::tool
