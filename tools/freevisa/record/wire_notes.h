// SPDX-License-Identifier: MIT
// What passed over the wires of a program, by resource, from the lines of a trace with all bytes
// (FREEVISA_TRACE_LEVEL=whole). One thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/freevisa/trace/trace_line.h"
#include "tools/sim/recording/recorder.h"

namespace visa::tool {

struct ResourceNotes {
  explicit ResourceNotes(bool stream) : recorder(stream) {}
  sim::Recorder recorder;
  std::vector<std::string> opened_as;  ///< the names that the program gave to viOpen, each once
  bool loads_configuration = false;    ///< by VI_LOAD_CONFIG
};

class WireNotes {
 public:
  /// `wants`: whether a resource is recorded.
  explicit WireNotes(std::function<bool(const std::string&)> wants) : wants_(std::move(wants)) {}

  /// A line of the trace.
  void add(std::string_view line);
  const std::map<std::string, ResourceNotes>& resources() const noexcept { return resources_; }
  /// Their names as they were opened.
  const std::vector<std::string>& in_order() const noexcept { return in_order_; }
  /// Why the notes are not whole; nothing if they are.
  const std::optional<std::string>& problem() const noexcept { return problem_; }

 private:
  using Thread = std::pair<long, long>;
  struct Pieces {
    std::string data;
    std::string hidden;
  };
  void note_open(const TraceLine& line);
  void note_operation(const TraceLine& line);

  std::function<bool(const std::string&)> wants_;
  std::map<std::string, ResourceNotes> resources_;
  std::vector<std::string> in_order_;
  std::map<Thread, TraceLine> opening_;  ///< calls of viOpen that have not returned
  std::map<Thread, Pieces> pieces_;      ///< data lines before their operation
  std::map<std::pair<long, unsigned>, unsigned> sessions_;  ///< numbered, by process and channel
  std::optional<std::string> problem_;
};

}  // namespace visa::tool
