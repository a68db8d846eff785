// SPDX-License-Identifier: MIT
// Measures a libvisa.so given by path against the floor client, SOCKET rows. Only the ratios of one
// interleaved run on one processor count; absolute times are for orientation.
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "conformance/bench/rows.h"

namespace visa::bench {
namespace {

constexpr unsigned kLimitSeconds = 1200;  // a run that takes longer hangs

struct Options {
  std::string library;
  std::string peer;
  std::string json;
  bool check = false;
  bool quick = false;
  bool two_cpus = false;
  int rounds = 0;
};

constexpr const char* kUsage =
    "usage: visa_bench LIBVISA [--peer LIBVISA] [--cpus same|two] [--quick] [--rounds N]\n"
    "                  [--json FILE] [--check]\n"
    "  Measures the SOCKET rows of LIBVISA against the floor client.\n"
    "  --peer   a second library in the same rounds (libvisa_floor.so: the best there can be)\n"
    "  --cpus   same: client and server on one processor (the goals are for this); two: shown "
    "only\n"
    "  --quick  a few seconds; numbers for orientation\n"
    "  --check  exit 1 when a goal is missed (otherwise 0: measured; 2: could not be measured)\n";

// The path with a slash, so that dlopen does not search the loader's folders.
std::string with_folder(const std::string& path) {
  return path.find('/') == std::string::npos ? "./" + path : path;
}

bool parse(const std::vector<std::string>& arguments, Options& options) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    const bool more = i + 1 < arguments.size();
    if (a == "--check") {
      options.check = true;
    } else if (a == "--quick") {
      options.quick = true;
    } else if (a == "--peer" && more) {
      options.peer = with_folder(arguments[++i]);
    } else if (a == "--json" && more) {
      options.json = arguments[++i];
    } else if (a == "--rounds" && more) {
      options.rounds = std::atoi(arguments[++i].c_str());
    } else if (a == "--cpus" && more) {
      const std::string& value = arguments[++i];
      if (value != "same" && value != "two") return false;
      options.two_cpus = value == "two";
    } else if (!a.starts_with("-") && options.library.empty()) {
      options.library = with_folder(a);
    } else {
      return false;
    }
  }
  return !options.library.empty();
}

// Pins this process to its last allowed processor; returns the processor for the server.
int pin(bool two_cpus) {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  }
  if (two_cpus && cpus.size() < 2) throw Failure("--cpus two: only one processor is allowed here");
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(cpus.back(), &own);
  if (sched_setaffinity(0, sizeof own, &own) != 0) throw Failure("sched_setaffinity failed");
  return two_cpus ? cpus[cpus.size() - 2] : cpus.back();
}

int run(const Options& options) {
  const int server_cpu = pin(options.two_cpus);
  Report report;
  const VisaLibrary ours(options.library);
  std::unique_ptr<VisaLibrary> peer;
  FloorClient floor;
  VisaClient our_client(ours);
  std::unique_ptr<VisaClient> peer_client;
  Bench bench{{&floor, &our_client}, {&ours}, {options.library}, server_cpu, options.quick,
              options.rounds,        report};
  if (!options.peer.empty()) {
    peer = std::make_unique<VisaLibrary>(options.peer);
    peer_client = std::make_unique<VisaClient>(*peer);
    bench.clients.push_back(peer_client.get());
    bench.libraries.push_back(peer.get());
    bench.paths.push_back(options.peer);
  }
  check_content(bench);
  message_rows(bench);
  attribute_rows(bench);
  process_rows(bench);

  const bool gated = !options.two_cpus;
  const std::string peer_name = peer ? peer->name() : "";
  std::cout << options.library << ", client and server on "
            << (gated ? "one processor" : "two processors (for orientation)")
            << (options.quick ? ", quick" : "") << "\n\n";
  report.print(std::cout, ours.name(), peer_name, gated);
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    report.print_json(file, ours.name(), peer_name, gated);
    if (!file.flush()) throw Failure(options.json + " cannot be written");
  }
  return options.check && gated && !report.all_met() ? 1 : 0;
}

int work(const std::vector<std::string>& arguments) {
  if (arguments.size() < 4) return 2;
  const auto port = static_cast<unsigned>(std::atoi(arguments[3].c_str()));
  if (arguments[1] == "calls") return calls_worker(arguments[2], port);
  const bool quick = arguments.size() > 4 && arguments[4] == "quick";
  if (arguments[1] == "sessions") return sessions_worker(arguments[2], port, quick);
  return 2;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  using namespace visa::bench;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  alarm(kLimitSeconds);
  try {
    if (!arguments.empty() && arguments.front() == "--worker") return work(arguments);
    Options options;
    if (!parse(arguments, options)) {
      std::cerr << kUsage;
      return 2;
    }
    return run(options);
  } catch (const std::exception& e) {
    std::cerr << "visa_bench: " << e.what() << '\n';
    return 2;
  }
}
