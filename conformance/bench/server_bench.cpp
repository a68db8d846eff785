// SPDX-License-Identifier: MIT
// Is the virtual bench ever the bottleneck? Compares its SOCKET side with the reference server, by
// the method of measure.h the other way round: the same floor client asks both in every round, all
// on one processor. The ratio must stay within 1.3.
//   server_bench [--quick] [--check]
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/client.h"
#include "conformance/bench/measure.h"
#include "tools/sim/bench/bench.h"
#include "tools/sim/description/bundled.h"

namespace visa::bench {
namespace {

constexpr double kLimit = 1.3;
constexpr int kLimitSeconds = 600;

// Pins this process and its children to the last processor that it may use.
int pin_to_one() {
  cpu_set_t allowed;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) last = cpu;
  }
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(last, &own);
  if (sched_setaffinity(0, sizeof own, &own) != 0) throw Failure("sched_setaffinity failed");
  return last;
}

// The oscilloscope of the virtual bench as a child process that ends with this process.
class SimServer {
 public:
  SimServer() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw Failure("pipe failed");
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve(ends[1]);
    }
    close(ends[1]);
    const bool good = read(ends[0], &port_, sizeof port_) == sizeof port_;
    close(ends[0]);
    if (pid_ < 0 || !good) throw Failure("the virtual bench did not start");
  }
  SimServer(const SimServer&) = delete;
  SimServer& operator=(const SimServer&) = delete;
  ~SimServer() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unsigned port() const { return port_; }

 private:
  [[noreturn]] static void serve(int output) {
    try {
      sim::Bench bench;
      bench.open("socket");
      const unsigned port = bench.serve(sim::bundled_description("scope"), 0).port;
      if (write(output, &port, sizeof port) == sizeof port) bench.run();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "server_bench: %s\n", error.what());
    }
    _exit(1);
  }
  pid_t pid_ = -1;
  unsigned port_ = 0;
};

struct Row {
  const char* name;
  Effort effort;
  std::string prepare_sim;  // a message without answer, sent once per round
  std::string ask_floor;
  std::string ask_sim;
  std::size_t floor_size;
  std::size_t sim_size;
};

std::vector<Row> rows(bool quick) {
  const int few = quick ? 3 : 11;
  const std::size_t large = std::size_t{64} << 20;
  const std::string padded = "*WAI" + std::string(1019, ' ') + "\n*OPC?\n";
  const std::string small_record = "WAV:POIN " + std::to_string(65536 - 8) + "\n";
  const std::string large_record = "WAV:POIN " + std::to_string(large - 11) + "\n";
  return {
      {"*IDN?", {few, 500, quick ? 2000 : 10000}, "", "*IDN?\n", "*IDN?\n", 30, 49},
      {"1 KB write + *OPC?", {few, 500, quick ? 2000 : 10000}, "", padded, padded, 2, 2},
      {"64 KB read",
       {few, 100, quick ? 500 : 2000},
       small_record,
       "DATA? 65536\n",
       "CURV?\n",
       65536,
       65536},
      {"64 MB read",
       {few, 1, quick ? 2 : 4},
       large_record,
       "DATA? " + std::to_string(large) + "\n",
       "CURV?\n",
       large,
       large},
  };
}

int run(bool quick, bool check) {
  const int cpu = pin_to_one();
  const SimServer sim;
  const Server floor(false, cpu);
  std::vector<char> buffer((std::size_t{64} << 20) + 4096);
  FloorClient client;
  bool met = true;
  std::printf(
      "server_bench: SOCKET side of the virtual bench against the reference server, one "
      "processor\n\n%-20s %12s %12s %8s  %s\n",
      "", "floor us", "bench us", "ratio", "lowest..highest, limit 1.3");
  for (const Row& row : rows(quick)) {
    std::vector<Block> of_floor;
    std::vector<Block> of_sim;
    for (int round = 0; round < row.effort.rounds; ++round) {
      const auto block = [&](unsigned port, const std::string& prepare, const std::string& ask,
                             std::size_t size) {
        client.open(port);
        if (!prepare.empty()) client.write(prepare);
        Block result = measure_block(
            [&] {
              client.write(ask);
              client.read_line(buffer, size);
            },
            row.effort.warm_up, row.effort.count);
        client.close();
        return result;
      };
      of_floor.push_back(block(floor.port(), "", row.ask_floor, row.floor_size));
      of_sim.push_back(block(sim.port(), row.prepare_sim, row.ask_sim, row.sim_size));
    }
    const Ratio ratio = ratio_of(of_sim, of_floor, &Block::p50);
    met = met && ratio.median <= kLimit;
    std::printf("%-20s %12.1f %12.1f %8.2f  %.2f..%.2f%s\n", row.name,
                median_of(of_floor, &Block::p50) / 1e3, median_of(of_sim, &Block::p50) / 1e3,
                ratio.median, ratio.low, ratio.high, ratio.median <= kLimit ? "" : "  MISSED");
    std::fflush(stdout);
  }
  return check && !met ? 1 : 0;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  bool quick = false;
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    quick = quick || argument == "--quick";
    check = check || argument == "--check";
    if (argument != "--quick" && argument != "--check") {
      std::fputs("usage: server_bench [--quick] [--check]\n", stderr);
      return 2;
    }
  }
  alarm(visa::bench::kLimitSeconds);
  try {
    return visa::bench::run(quick, check);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "server_bench: %s\n", error.what());
    return 2;
  }
}
