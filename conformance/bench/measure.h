// SPDX-License-Identifier: MIT
// The method: in each round every client does the same block of operations, one client after the
// other, and each operation is timed. The result is the median over the rounds of the ratio to the
// floor's block of the same round. One thread.
#pragma once

#include <functional>
#include <vector>

#include "conformance/bench/client.h"

namespace visa::bench {

/// One client's block in one round, in nanoseconds per operation.
struct Block {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
  double cpu = 0;  // processor time of this process, all threads
};

struct Ratio {
  double median = 0;
  double low = 0;
  double high = 0;
};

struct Effort {
  int rounds;
  int warm_up;  // operations of each block that are not measured
  int count;    // operations of each block that are
};

using Operation = std::function<void(Client&)>;
/// blocks[client][round]
using Blocks = std::vector<std::vector<Block>>;

double now_ns();
double cpu_ns();
double median(std::vector<double> values);
/// Ratios of the values of each round; `ours` and `floor` are blocks of the same rounds.
double median_of(const std::vector<Block>& blocks, double Block::*value);
Ratio ratio_of(const std::vector<Block>& ours, const std::vector<Block>& floor,
               double Block::*value);
Ratio ratio_of(const std::vector<double>& ours, const std::vector<double>& floor);

/// Runs `count` timed operations after `warm_up` untimed ones.
Block measure_block(const std::function<void()>& operation, int warm_up, int count);

/// Every client opens its connection for its block and closes it afterwards, because the server
/// serves one at a time, and so that a lucky connection lasts only one round.
Blocks measure_rounds(const std::vector<Client*>& clients, unsigned port, const Effort& effort,
                      const Operation& operation);

}  // namespace visa::bench
