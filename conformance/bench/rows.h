// SPDX-License-Identifier: MIT
// The rows of the benchmark. Each function measures a group of rows and adds its lines with their
// goals to the report; the goals are the project's, for one processor.
#pragma once

#include <string>
#include <vector>

#include "conformance/bench/client.h"
#include "conformance/bench/report.h"

namespace visa::bench {

struct Bench {
  std::vector<Client*> clients;  // the floor, the library measured, and a peer if there is one
  std::vector<const VisaLibrary*> libraries;  // the library measured, and the peer
  std::vector<std::string> paths;             // of the libraries
  int server_cpu;
  bool quick;
  int rounds;  // 0: each row's own
  Report& report;

  bool has_peer() const { return libraries.size() > 1; }
  Effort effort(int rounds_wanted, int warm_up, int count) const;
};

// Every byte of the replies the rows read, and that a read stops at the termination character: a
// library that is fast and wrong is not measured. Throws Failure.
void check_content(const Bench& bench);

void message_rows(Bench& bench);    // queries, reads, writes, open + close
void attribute_rows(Bench& bench);  // viGetAttribute, viSetAttribute
void process_rows(Bench& bench);    // load, find, calls per query, 4000 sessions

// Run in a process of their own by process_rows; they print "name value" lines.
int calls_worker(const std::string& library, unsigned port);
int sessions_worker(const std::string& library, unsigned port, bool quick);

}  // namespace visa::bench
