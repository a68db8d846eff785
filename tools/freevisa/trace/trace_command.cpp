// SPDX-License-Identifier: MIT
// freevisa trace: the calls of a program as they happen. They go to standard error, because
// standard output is the program's own.
#include <sys/time.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/trace/rotating_file.h"
#include "tools/freevisa/trace/trace_page.h"
#include "tools/freevisa/trace/trace_run.h"
#include "tools/freevisa/trace/trace_view.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--wire",
     .letter = "-w",
     .help = "also what passes over the wire, by the first 64 bytes of each operation"},
    {.name = "--json", .help = "an object a line: {\"type\":\"call\",...}"},
    {.name = "--html",
     .value = "FILE",
     .help = "also write one self-contained page with a timeline of the sessions, search and every "
             "call; with the wire"},
    {.name = "--output",
     .letter = "-o",
     .value = "FILE",
     .help = "write the trace to FILE instead of standard error; what FILE held is kept as FILE.1, "
             "or the next number that is free"},
    {.name = "--limit",
     .value = "MB",
     .help = "with --output: at this size FILE becomes FILE.1, FILE.2 and so on, the oldest first, "
             "and begins anew; nothing is deleted (0: never, the default)",
     .number = Number{0, 1000000, 0}},
    {.name = "--call",
     .value = "NAME",
     .help = "only this function; '*' stands for anything: 'viRead*'. May be given several times",
     .repeats = true},
    {.name = "--session",
     .value = "NAME",
     .help = "only sessions that were opened by this name, or lead to it; '*' stands for anything: "
             "'*SOCKET'. May be given several times",
     .repeats = true},
    {.name = "--failed", .help = "only calls that fail, or never return"},
    {.name = "--slow",
     .value = "MS",
     .help = "only calls that take at least so many milliseconds",
     .number = Number{0, 4000000, 0}},
    {.name = "--read",
     .value = "FILE",
     .help = "show a trace that FREEVISA_TRACE=FILE wrote; several files are read in this order",
     .repeats = true,
     .instead = ""},
};

constexpr char kAbout[] =
    R"(Runs PROGRAM with FreeVISA's trace on, children included, and shows each call with its arguments,
status, results, the reason of a failure and how long it took; a call that has not returned after a
quarter of a second is shown as waiting. PROGRAM keeps its standard input and output. The trace costs
it one write to a file per line and never makes it wait for a reader. What follows the header of a
password is hidden, and so is the answer to a query of one.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa trace -- python3 measure.py
  freevisa trace --wire --call 'viRead*' --session dmm -- ./station42
  freevisa trace --html trace.html -- python3 measure.py
  freevisa trace --json --output trace.json --limit 100 -- ./station42
  freevisa trace --read visa.log --html trace.html --failed

Exit codes: that of PROGRAM, 128 and a number if a signal ended it; 1 FILE cannot be written or
PROGRAM not started; 2 wrong usage. With --read 0, or 1 if nothing in it is a trace.
)";

constexpr std::int64_t kWaiting = 250000;  // microseconds after which a call is shown as waiting

std::int64_t now() {
  timeval time{};
  ::gettimeofday(&time, nullptr);
  return std::int64_t{time.tv_sec} * 1000000 + time.tv_usec;
}

/// Where the calls go.
class TraceOutput {
 public:
  explicit TraceOutput(const CommandLine& line)
      : json_(line.has("--json")),
        wire_(line.has("--wire") || line.has("--read")),
        quiet_(line.has("--html") && line.program().empty() && !line.has("--json")) {
    filter_.functions = line.values("--call");
    filter_.sessions = line.values("--session");
    filter_.failed = line.has("--failed");
    filter_.slow = line.number("--slow");
    if (const auto file = line.value("--output")) {
      file_.emplace(*file, std::uint64_t{line.number("--limit")} << 20);
      quiet_ = false;
    }
    text_.emplace(file_ ? nullptr : stream(line));
    if (const auto file = line.value("--html")) {
      std::string title;
      for (const std::string& word : line.program()) {
        // A word with a blank may be a command for an instrument, with a password in it.
        const bool command = word.find_first_of(" \t") != std::string::npos;
        title += (title.empty() ? "" : " ") + (command ? std::string("...") : word);
      }
      for (const std::string& name : line.values("--read")) {
        title += (title.empty() ? "" : " ") + name;
      }
      page_ = std::make_unique<TracePage>(*file, title);
    }
  }

  void add(std::string_view line) {
    const auto parsed = parse_trace_line(line);
    if (!parsed) return;
    ++lines_;
    if (start_ == 0) start_ = parsed->time;
    story_.add(*parsed);
  }
  void tick() {
    if (json_ || !story_.waits()) return;
    story_.tell_waiting(now(), kWaiting, [this](const TracedCall& call) {
      if (filter_.wants(call)) put(text_->waiting(call));
    });
  }
  void finish() {
    story_.finish();
    if (page_ && lines_ > 0) page_->finish();
  }
  std::size_t lines() const noexcept { return lines_; }

 private:
  /// A trace that is read is the answer; that of a program goes beside the program's own output.
  std::FILE* stream(const CommandLine& line) {
    target_ = line.program().empty() ? stdout : stderr;
    return target_;
  }
  void put(const std::string& text) {
    if (quiet_) return;
    if (file_) {
      file_->write(text);
    } else {
      std::fprintf(target_, "%s\n", text.c_str());
    }
  }
  void on_call(const TracedCall& call) {
    if (!filter_.wants(call)) return;
    if (page_) page_->add(trace_json(call, start_));
    if (quiet_) return;
    TracedCall shown = call;
    if (!wire_) shown.wire.clear();
    put(json_ ? trace_json(shown, start_) : text_->call(shown));
  }
  void on_line(const TraceLine& line) {
    const bool wire = line.kind == TraceLine::Kind::wire;
    if (wire && !filter_.wants(line.wire)) return;
    if (page_) page_->add(trace_json(line, start_));
    if (quiet_ || (wire && !wire_)) return;
    if (json_) {
      put(trace_json(line, start_));
    } else {
      put(wire ? text_->wire(line) : text_->note(line));
    }
  }

  const bool json_;
  const bool wire_;  // is shown
  bool quiet_;       // only the page is wanted
  TraceFilter filter_;
  std::FILE* target_ = nullptr;
  std::optional<RotatingFile> file_;
  std::optional<TraceText> text_;
  std::unique_ptr<TracePage> page_;
  std::int64_t start_ = 0;
  std::size_t lines_ = 0;
  TraceStory story_{{[this](const TracedCall& call) { on_call(call); },
                     [this](const TraceLine& line) { on_line(line); },
                     [this](const TraceLine& line) { on_line(line); }}};
};

int read_traces(const CommandLine& line) {
  TraceOutput output(line);
  for (const std::string& file : line.values("--read")) {
    read_trace_file(file, [&output](std::string_view text) { output.add(text); });
  }
  output.finish();
  if (output.lines() > 0) return kDone;
  std::fprintf(stderr, "freevisa: %s has no line of a trace; FREEVISA_TRACE=FILE writes one\n",
               line.values("--read").front().c_str());
  return kFailed;
}

int run(const CommandLine& line) {
  if (line.has("--read") != line.program().empty()) {
    throw UsageError{line.has("--read") ? "--read starts no program"
                                        : "expected '--' and a program, or --read FILE"};
  }
  if (line.has("--limit") && !line.has("--output")) {
    throw UsageError{"--limit is about the file of --output"};
  }
  if (line.has("--read")) return read_traces(line);
  TraceOutput output(line);
  const int code = run_traced({.program = line.program(),
                               .level = line.has("--wire") || line.has("--html") ? "wire" : "call",
                               .on_line = [&output](std::string_view text) { output.add(text); },
                               .on_tick = [&output] { output.tick(); }});
  output.finish();
  if (output.lines() == 0) {
    std::fprintf(stderr,
                 "freevisa: %s made no VISA call that FreeVISA saw; does it load another VISA "
                 "library? 'freevisa doctor' shows which ones there are.\n",
                 line.program().front().c_str());
  }
  return code;
}

constexpr Command kCommand = {.name = "trace",
                              .topic = Topic::programs,
                              .summary = "run a program and show its VISA calls",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "-- PROGRAM [ARGUMENT...]",
                              .least = 0,
                              .most = 0,
                              .starts_program = true,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& trace_command() {
  return kCommand;
}

}  // namespace visa::tool
