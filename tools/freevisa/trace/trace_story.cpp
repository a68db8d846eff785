// SPDX-License-Identifier: MIT
// A call that never returned (its thread ended inside it) is shown when an outer call of its thread
// returns, or at the end.
#include "tools/freevisa/trace/trace_story.h"

#include <algorithm>

namespace visa::tool {
namespace {

constexpr std::size_t kMostSessions = 100000;

/// The text of a string argument, without quotation marks.
std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return std::string(value);
}

}  // namespace

std::string_view argument(const std::vector<TraceArgument>& arguments, std::string_view name) {
  const auto found = std::find_if(arguments.begin(), arguments.end(),
                                  [name](const TraceArgument& one) { return one.name == name; });
  return found != arguments.end() ? std::string_view(found->value) : std::string_view();
}

void TraceStory::add(const TraceLine& line) {
  const Thread thread{line.process, line.thread};
  switch (line.kind) {
    case TraceLine::Kind::call: {
      if (open_count_ >= kMostOpen) return;
      TracedCall call;
      call.begin = line.time;
      call.process = line.process;
      call.thread = line.thread;
      call.function = line.function;
      call.in = line.arguments;
      call.session = session_of(line.process, call);
      open_[thread].push_back(std::move(call));
      ++open_count_;
      return;
    }
    case TraceLine::Kind::result:
      end_call(line);
      return;
    case TraceLine::Kind::wire: {
      const auto found = open_.find(thread);
      if (found == open_.end()) {
        listener_.on_wire(line);
      } else if (found->second.back().wire.size() < kMostWire) {
        found->second.back().wire.push_back(line.wire);
      } else {
        ++found->second.back().more_wire;
      }
      return;
    }
    case TraceLine::Kind::data:
      return;
    case TraceLine::Kind::note:
      listener_.on_note(line);
      return;
  }
}

void TraceStory::end_call(const TraceLine& line) {
  const auto found = open_.find({line.process, line.thread});
  if (found == open_.end()) return;
  std::vector<TracedCall>& calls = found->second;
  const auto fits = [&line](const TracedCall& call) { return call.function == line.function; };
  if (std::none_of(calls.begin(), calls.end(), fits)) return;
  bool ended = false;
  while (!ended) {
    TracedCall call = std::move(calls.back());
    calls.pop_back();
    --open_count_;
    ended = fits(call);
    if (ended) {
      call.out = line.arguments;
      call.status = line.status;
      call.detail = line.detail;
      call.milliseconds = line.milliseconds;
      note_session(call);
    }
    listener_.on_call(call);
  }
  if (calls.empty()) open_.erase(found);
}

// viOpen tells which name a handle stands for; after viClose the handle is nobody's.
void TraceStory::note_session(const TracedCall& call) {
  if (call.failed()) return;
  if (call.function == "viOpen" && sessions_.size() < kMostSessions) {
    sessions_[{call.process, std::string(argument(call.out, "vi"))}] =
        unquoted(argument(call.in, "name"));
  } else if (call.function == "viClose") {
    sessions_.erase({call.process, std::string(argument(call.in, "vi"))});
  }
}

std::string TraceStory::session_of(long process, const TracedCall& call) const {
  if (call.function == "viOpen") return unquoted(argument(call.in, "name"));
  const auto found = sessions_.find({process, std::string(argument(call.in, "vi"))});
  return found != sessions_.end() ? found->second : std::string();
}

void TraceStory::tell_waiting(std::int64_t now, std::int64_t age,
                              const std::function<void(const TracedCall&)>& tell) {
  for (auto& [thread, calls] : open_) {
    for (TracedCall& call : calls) {
      if (call.shown_waiting || now - call.begin < age) continue;
      call.shown_waiting = true;
      tell(call);
    }
  }
}

void TraceStory::finish() {
  for (auto& [thread, calls] : open_) {
    for (const TracedCall& call : calls) listener_.on_call(call);
  }
  open_.clear();
  open_count_ = 0;
}

}  // namespace visa::tool
