// SPDX-License-Identifier: MIT
// Operations are timed one by one; opening and closing a connection is outside the timed part.
#include "conformance/bench/measure.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace visa::bench {
namespace {

double clock_ns(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

}  // namespace

double now_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}
double cpu_ns() {
  return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 != 0) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

double median_of(const std::vector<Block>& blocks, double Block::*value) {
  std::vector<double> values;
  for (const Block& block : blocks) values.push_back(block.*value);
  return median(std::move(values));
}

Ratio ratio_of(const std::vector<double>& ours, const std::vector<double>& floor) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / floor[i]);
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return {median(ratios), *low, *high};
}

Ratio ratio_of(const std::vector<Block>& ours, const std::vector<Block>& floor,
               double Block::*value) {
  std::vector<double> a;
  std::vector<double> b;
  for (const Block& block : ours) a.push_back(block.*value);
  for (const Block& block : floor) b.push_back(block.*value);
  return ratio_of(a, b);
}

Block measure_block(const std::function<void()>& operation, int warm_up, int count) {
  for (int i = 0; i < warm_up; ++i) operation();
  std::vector<double> times(static_cast<std::size_t>(count));
  const double cpu_start = cpu_ns();
  for (double& time : times) {
    const double start = now_ns();
    operation();
    time = now_ns() - start;
  }
  Block block;
  block.cpu = (cpu_ns() - cpu_start) / count;
  std::sort(times.begin(), times.end());
  block.p50 = times[times.size() / 2];
  block.p99 = times[std::min(times.size() - 1, times.size() * 99 / 100)];
  block.max = times.back();
  return block;
}

Blocks measure_rounds(const std::vector<Client*>& clients, unsigned port, const Effort& effort,
                      const Operation& operation) {
  Blocks blocks(clients.size());
  for (int round = 0; round < effort.rounds; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      Client& client = *clients[i];
      client.open(port);
      blocks[i].push_back(measure_block([&] { operation(client); }, effort.warm_up, effort.count));
      client.close();
    }
  }
  return blocks;
}

}  // namespace visa::bench
