// SPDX-License-Identifier: MIT
// The rows that need a separate process: loading, searching, counting system calls, thousands of
// sessions.
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/rows.h"

namespace visa::bench {
namespace {

constexpr double kLoadLimitMs = 1;
constexpr double kFindLimitMs = 20;
constexpr double kCallsLimit = 2;
constexpr double kMemoryLimit = 8192;
constexpr double kFlatLimit = 1.15;
constexpr double kLookupFlatLimit = 1.5;

double value_of(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw Failure("a child process did not print " + name);
  return found->second;
}

void load_rows(Bench& bench) {
  const Effort effort = bench.effort(41, 0, 1);
  std::vector<std::vector<double>> load(bench.paths.size());
  std::vector<std::vector<double>> search(bench.paths.size());
  double found = 0;
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < bench.paths.size(); ++i) {
      const std::string probe = own_folder() + "load_probe";
      const Values alone = run_child({probe, bench.paths[i]}, bare_environment());
      load[i].push_back(value_of(alone, "load") / 1e3);
      // Only the library's work counts: how long it waits for the network is a setting.
      std::vector<std::string> no_network = bare_environment();
      std::erase(no_network, "XDG_CONFIG_HOME=/nonexistent");
      no_network.emplace_back(std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME);
      const Values values = run_child({probe, bench.paths[i], "?*INSTR"}, no_network);
      search[i].push_back(value_of(values, "find") / 1e3);
      if (i == 0) found = value_of(values, "found");
    }
  }
  bench.report.title("load", "a fresh process (a C program with nothing but libc)");
  const auto add = [&](const char* what, const std::vector<std::vector<double>>& values,
                       double limit) {
    Line line{"load", what, "ms", median(values[0]), {}, {}, limit, {}, {}};
    if (bench.has_peer()) line.peer = median(values[1]);
    if (limit == kFindLimitMs && found > 0) {
      line.note = "found " + std::to_string(static_cast<int>(found));
    }
    bench.report.add(std::move(line));
  };
  add("dlopen + viOpenDefaultRM", load, kLoadLimitMs);
  add("viFindRsrc, nothing configured, no network asked", search, kFindLimitMs);
}

// System calls per operation, counted in a process with libcount_calls.so preloaded.
Values count_calls(const std::string& library, unsigned port) {
  // The address sanitizer must be loaded first; the counter only passes calls on.
  const char* const given = std::getenv("ASAN_OPTIONS");
  std::vector<std::string> environment = bare_environment();
  std::erase_if(environment, [](const std::string& e) { return e.starts_with("ASAN_OPTIONS="); });
  environment.push_back(std::string("ASAN_OPTIONS=verify_asan_link_order=0") +
                        (given != nullptr ? std::string(":") + given : ""));
  environment.push_back("LD_PRELOAD=" + own_folder() + "libcount_calls.so");
  return run_child(
      {own_folder() + "visa_bench", "--worker", "calls", library, std::to_string(port)},
      environment);
}

std::string breakdown(const Values& values, const std::string& prefix) {
  std::string text;
  for (const auto& [name, value] : values) {
    if (!name.starts_with(prefix)) continue;
    char one[64];
    std::snprintf(one, sizeof one, "%s %.3g", name.c_str() + prefix.size(), value);
    if (!text.empty()) text += ", ";
    text += one;
  }
  return text;
}

void calls_rows(Bench& bench) {
  const Server server(false, bench.server_cpu);
  bench.report.title("calls", "system calls an operation, counted in the process");
  const Values floor = count_calls("floor", server.port());
  const Values ours = count_calls(bench.paths[0], server.port());
  Values peer;
  if (bench.has_peer()) peer = count_calls(bench.paths[1], server.port());
  const auto add = [&](const char* what, const char* key, std::optional<double> limit) {
    const std::string name = key;
    Line line{"calls", what, "", value_of(ours, name), {}, {}, limit, {}, {}};
    line.floor = value_of(floor, name);
    if (bench.has_peer()) line.peer = value_of(peer, name);
    line.note = breakdown(ours, name + ".");
    bench.report.add(std::move(line));
  };
  add("*IDN? query", "idn", kCallsLimit);
  add("write 1 KB + *OPC?", "write_1k", {});
  add("read 64 KB", "read_64k", {});
}

void sessions_rows(Bench& bench) {
  const Server server(true, bench.server_cpu);
  std::vector<Values> values;
  for (const std::string& path : bench.paths) {
    values.push_back(run_child({own_folder() + "visa_bench", "--worker", "sessions", path,
                                std::to_string(server.port()), bench.quick ? "quick" : "full"},
                               bare_environment()));
  }
  const std::string count = std::to_string(static_cast<int>(value_of(values[0], "sessions")));
  bench.report.title("sessions", count + " sessions in one process, each used once");
  const auto add = [&](const std::string& what, const char* unit, const std::string& name,
                       std::optional<double> limit) {
    Line line{"sessions", what, unit, value_of(values[0], name), {}, {}, limit, {}, {}};
    if (bench.has_peer()) line.peer = value_of(values[1], name);
    bench.report.add(std::move(line));
  };
  add("missing of 4000", "", "missing", 0);
  add("private memory a session", "B", "memory", kMemoryLimit);
  add("threads more than with one", "", "threads", 0);
  add("open, a session", "us", "open", {});
  add("close, a session", "us", "close", {});
  for (const char* n : {"1", "100", "all"}) {
    add(std::string("viGetAttribute, open: ") + n, "ns", std::string("lookup_") + n, {});
  }
  add("viGetAttribute, all against 1", "x", "lookup_flat", kLookupFlatLimit);
  for (const char* n : {"1", "100", "all"}) {
    const std::string name = std::string("query_") + n;
    Line line{"sessions", std::string("*IDN? query, open: ") + n, "us", 0, {}, {}, {}, {}, {}};
    line.ours = value_of(values[0], name);
    line.floor = value_of(values[0], name + "_floor");
    line.ratio = Ratio{value_of(values[0], name + "_ratio"), value_of(values[0], name + "_low"),
                       value_of(values[0], name + "_high")};
    if (bench.has_peer()) line.peer = value_of(values[1], name + "_ratio");
    bench.report.add(std::move(line));
  }
  add("*IDN? ratio, all against 1", "x", "query_flat", kFlatLimit);
}

}  // namespace

void process_rows(Bench& bench) {
  load_rows(bench);
  calls_rows(bench);
  sessions_rows(bench);
}

}  // namespace visa::bench
