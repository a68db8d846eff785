// SPDX-License-Identifier: MIT
// freevisa record: notes what a program and its instruments said to each other, by the trace of the
// wire with all its bytes, and writes what `freevisa sim` plays.
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/record/wire_notes.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/trace/trace_run.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help = "the file to write, needed; answers that are large go to a second one beside it, "
             "FILE with .data instead of .toml"},
    {.name = "--no-delays",
     .help =
         "do not note how long the instruments took; 'freevisa sim --no-delays' drops it later"},
};

constexpr char kAbout[] =
    R"(Runs PROGRAM and notes all that passes between it and each NAME, a resource name or an alias:
messages, answers byte for byte, status bytes, triggers, requests for service, and how long the
instruments took. Without NAME every instrument that the program opens is recorded. FILE then
describes instruments that answer the same way:

  freevisa sim FILE -- PROGRAM

runs the program again without them: it opens the same names, and gets the same answers. The first
time it sends a message it gets the answers of the first time, and so on; more often than recorded
the last again. What was not recorded is an error that the program sees, and that the bench prints.

What follows the header of a password is not noted, and does not count when messages are compared;
asterisks stand for the answer to a query of one.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa record dmm scope -o bench.toml -- python3 measure.py
  freevisa sim bench.toml -- python3 measure.py
  freevisa sim --no-delays bench.toml -- python3 measure.py

Exit codes: that of PROGRAM, 128 and a number if a signal ended it; 1 nothing was recorded, the
recording is not whole or FILE cannot be written; 2 wrong usage.
)";

/// "TCPIP0::10.0.0.7::5025::SOCKET" by what the user or the program calls it.
class FullNames {
 public:
  /// Empty where the name means nothing.
  std::string of(const std::string& name) {
    const auto found = known_.find(name);
    if (found != known_.end()) return found->second;
    std::string full;
    try {
      full = parse_name(manager_, name).full_name;
    } catch (const VisaFailure&) {
    }
    known_.emplace(name, full);
    return full;
  }

 private:
  Session manager_ = open_manager();
  std::map<std::string, std::string> known_;
};

std::string wire_of(std::string_view resource) {
  if (resource.starts_with("ASRL")) return "serial";
  if (resource.starts_with("USB")) return "usb";
  if (resource.starts_with("GPIB")) return "gpib";
  if (resource.ends_with("::SOCKET")) return "socket";
  return resource.find("::hislip") != std::string_view::npos ? "hislip" : "vxi11";
}

/// `text` with '_' for what no name of an instrument has.
std::string plain(std::string_view text) {
  std::string name;
  for (const char c : text.substr(0, 24)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((std::isalnum(byte) != 0 && byte < 0x80) || c == '-' || c == '_') {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  while (name.ends_with('_')) name.pop_back();
  return name;
}

/// The model in the answer to *IDN?, where the program asked for it.
std::string model_of(const sim::Recording& recording) {
  for (const sim::RecordedExchange& exchange : recording.exchanges) {
    if (exchange.message != "*IDN?" || exchange.answers.empty()) continue;
    const std::string& identity = *exchange.answers.front();
    const auto comma = identity.find(',');
    if (comma == std::string::npos) return "";
    return plain(
        std::string_view(identity).substr(comma + 1, identity.find(',', comma + 1) - comma - 1));
  }
  return "";
}

class RecordedResources {
 public:
  explicit RecordedResources(const std::vector<std::string>& wanted) {
    for (const std::string& name : wanted) {
      const std::string full = names_.of(name);
      if (full.empty()) throw UsageError{"'" + name + "' is no resource name and no alias"};
      wanted_.emplace(full, name);
    }
  }

  bool wants(const std::string& resource) const {
    return wanted_.empty() || wanted_.count(resource) > 0;
  }
  sim::Recording describe(const ResourceNotes& notes, const std::string& resource,
                          std::vector<std::string>& remarks) {
    sim::Recording recording;
    recording.resource = resource;
    recording.wire = wire_of(resource);
    recording.loads_configuration = notes.loads_configuration;
    notes.recorder.finish(recording, remarks);
    std::string alias;
    for (const std::string& name : notes.opened_as) {
      const bool is_alias = name.find("::") == std::string::npos;
      if (is_alias && alias.empty()) alias = name;
      if (is_alias || names_.of(name) != resource) recording.opened_as.push_back(name);
    }
    const auto given = wanted_.find(resource);
    if (given != wanted_.end() && given->second.find("::") == std::string::npos) {
      alias = given->second;
    }
    std::string name = plain(alias);
    if (name.empty()) name = model_of(recording);
    if (name.empty()) name = "instrument";
    recording.name = name;
    for (int number = 2; !used_.insert(recording.name).second; ++number) {
      recording.name = name + std::to_string(number);
    }
    return recording;
  }
  /// Those of the user that the program never opened.
  std::vector<std::string> missing(const std::map<std::string, ResourceNotes>& seen) const {
    std::vector<std::string> names;
    for (const auto& [full, name] : wanted_) {
      if (seen.count(full) == 0) names.push_back(name);
    }
    return names;
  }

 private:
  FullNames names_;
  std::map<std::string, std::string> wanted_;  // as the user called it, by full name
  std::set<std::string> used_;
};

std::string head_of(const CommandLine& line) {
  std::string text =
      "# Recorded by 'freevisa record'. 'freevisa sim FILE' plays it; tools/sim/README.md says "
      "what "
      "each key means.\n# Program:";
  for (const std::string& word : line.program()) {
    text += ' ';
    // A word with a blank may be a command for an instrument, with a password in it.
    if (word.find_first_of(" \t") != std::string::npos) {
      text += "...";
      continue;
    }
    for (const char c : word) text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text + "\n";
}

void write_file(const std::string& file, std::string_view text) {
  AnswerOutput out(file);
  out.write(text);
  out.finish();
}

void drop_delays(sim::Recording& recording) {
  for (sim::RecordedExchange& exchange : recording.exchanges) {
    exchange.delay = {};
    for (auto& time : exchange.service_requests) time = {};
  }
}

/// Writes what was noted; the exit code.
int write_recordings(const CommandLine& line, RecordedResources& resources, const WireNotes& notes,
                     int code) {
  const std::string file = *line.value("--output");
  std::vector<sim::Recording> recordings;
  std::size_t exchanges = 0;
  for (const std::string& resource : notes.in_order()) {
    std::vector<std::string> remarks;
    recordings.push_back(
        resources.describe(notes.resources().find(resource)->second, resource, remarks));
    if (recordings.back().exchanges.size() > sim::Recording::kMostExchanges) {
      std::fprintf(stderr, "freevisa: %s: more than %zu exchanges, nothing was written\n",
                   resource.c_str(), sim::Recording::kMostExchanges);
      return code == kDone ? kFailed : code;
    }
    if (line.has("--no-delays")) drop_delays(recordings.back());
    exchanges += recordings.back().exchanges.size();
    for (const std::string& remark : remarks) {
      std::fprintf(stderr, "freevisa: %s: %s\n", resource.c_str(), remark.c_str());
    }
  }
  for (const std::string& name : resources.missing(notes.resources())) {
    std::fprintf(stderr, "freevisa: the program did not open %s\n", name.c_str());
    code = code == kDone ? kFailed : code;
  }
  if (recordings.empty()) {
    std::fprintf(stderr,
                 "freevisa: nothing was recorded: the program opened no instrument that FreeVISA "
                 "saw. Does it load another VISA library? 'freevisa doctor' shows which there "
                 "are.\n");
    return code == kDone ? kFailed : code;
  }
  std::string data;
  const std::string text = head_of(line) + sim::recording_text(recordings, data);
  if (text.size() > sim::Recording::kLargestText) {
    std::fprintf(
        stderr,
        "freevisa: the recording is larger than 'freevisa sim' reads, nothing was written\n");
    return code == kDone ? kFailed : code;
  }
  if (!data.empty()) write_file(sim::data_file_of(file), data);
  write_file(file, text);
  std::fprintf(stderr, "freevisa: %zu exchange%s with %zu instrument%s recorded in %s\n", exchanges,
               exchanges == 1 ? "" : "s", recordings.size(), recordings.size() == 1 ? "" : "s",
               file.c_str());
  return code;
}

int run(const CommandLine& line) {
  if (!line.has("--output")) throw UsageError{"expected --output FILE"};
  if (line.program().empty()) throw UsageError{"expected '--' and a program"};
  const std::string file = *line.value("--output");
  const std::string data = sim::data_file_of(file);
  if (file == data) throw UsageError{"FILE must not end in .data: large answers go there"};
  // Before the program asks the instruments anything.
  const AnswerOutput can_be_written(file);
  const AnswerOutput data_can_be_written(data);
  RecordedResources resources(line.operands());
  WireNotes notes([&resources](const std::string& name) { return resources.wants(name); });
  const int code = run_traced({.program = line.program(),
                               .level = "whole",
                               .on_line = [&notes](std::string_view text) { notes.add(text); }});
  if (const auto problem = notes.problem()) {
    std::fprintf(stderr, "freevisa: the recording is not whole, nothing was written: %s\n",
                 problem->c_str());
    return code == kDone ? kFailed : code;
  }
  return write_recordings(line, resources, notes, code);
}

constexpr Command kCommand = {.name = "record",
                              .topic = Topic::programs,
                              .summary = "record what a program and its instruments say",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[NAME...] -- PROGRAM [ARGUMENT...]",
                              .least = 0,
                              .most = 1000,
                              .starts_program = true,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& record_command() {
  return kCommand;
}

}  // namespace visa::tool
