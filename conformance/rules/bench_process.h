// SPDX-License-Identifier: MIT
// The virtual bench as a process beside the suite, ended with this object, and what there is to
// know of it: the rules see what crossed its wires in its log and order faults on its control
// socket. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace visa::rules {

// Nothing of it is there for a bench that somebody else started.
struct BenchFacts {
  std::string control;        // path of its control socket
  std::string log;            // path of its log
  std::string configuration;  // what it would have written into FREEVISA_CONFIG
  std::string file;           // where that stands
  int core_port = 0;          // of VXI-11
  int portmapper_port = 0;    // 111, or one that only a configured library asks
};

class BenchProcess {
 public:
  BenchProcess() = default;
  ~BenchProcess();
  BenchProcess(const BenchProcess&) = delete;
  BenchProcess& operator=(const BenchProcess&) = delete;

  // Runs "PROGRAM sim" with the bundled instruments and `instrument`, a file, and appends the
  // resource names it prints. `portmapper`: "111", "rpcbind" or "0". Returns when it is ready;
  // throws std::runtime_error when it is not within 30 s.
  void start(const std::string& program, const std::string& instrument,
             const std::string& portmapper, std::vector<std::string>& names);
  const BenchFacts& facts() const { return facts_; }

 private:
  void stop();
  void read_facts(const std::string& text, const std::string& portmapper);

  pid_t child_ = -1;
  int output_ = -1;
  std::string folder_;
  BenchFacts facts_;
};

// Appends the lines of a file up to the first empty one; throws std::runtime_error.
void read_names(const std::string& path, std::vector<std::string>& names);

}  // namespace visa::rules
