// SPDX-License-Identifier: MIT
// The rows of the benchmark. Each function measures a group of rows and adds their lines and goals
// to the report. The goals are those of this project, for one processor.
#pragma once

#include <string>
#include <vector>

#include "conformance/bench/client.h"
#include "conformance/bench/report.h"

namespace visa::bench {

struct Bench {
  std::vector<Client*> clients;  // the floor, the measured library, and a peer if there is one
  std::vector<const VisaLibrary*> libraries;  // the measured library and the peer
  std::vector<std::string> paths;             // of the libraries
  int server_cpu;
  bool quick;
  int rounds;  // 0: each row's own number
  Report& report;

  bool has_peer() const { return libraries.size() > 1; }
  Effort effort(int rounds_wanted, int warm_up, int count) const;
};

/// Checks every byte of the replies that the rows read, and that a read stops at the termination
/// character, so that a fast but wrong library is not measured. Throws Failure.
void check_content(const Bench& bench);

void message_rows(Bench& bench);    // queries, reads, writes, open + close
void attribute_rows(Bench& bench);  // viGetAttribute, viSetAttribute
void process_rows(Bench& bench);    // load, find, calls per query, 4000 sessions

/// process_rows runs these in a separate process; they print "name value" lines.
int calls_worker(const std::string& library, unsigned port);
int sessions_worker(const std::string& library, unsigned port, bool quick);

}  // namespace visa::bench
