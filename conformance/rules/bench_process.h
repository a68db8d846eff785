// SPDX-License-Identifier: MIT
// Runs the virtual bench as a child process that ends with this object, and holds what the rules
// need to know about it: they read in its log what crossed its wires, and order faults on its
// control socket. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace visa::rules {

/// All empty for a bench that the suite did not start.
struct BenchFacts {
  std::string control;        // path of its control socket
  std::string log;            // path of its log
  std::string configuration;  // the text that the bench wants in FREEVISA_CONFIG
  std::string file;           // path of the file with that text
  int core_port = 0;          // of the VXI-11 core channel
  int portmapper_port = 0;    // 111, or another one, which only a configured library asks
};

class BenchProcess {
 public:
  BenchProcess() = default;
  ~BenchProcess();
  BenchProcess(const BenchProcess&) = delete;
  BenchProcess& operator=(const BenchProcess&) = delete;

  /// Runs "PROGRAM sim" with the bundled instruments and `instrument`, a file, and appends the
  /// resource names it prints. `portmapper`: "111", "rpcbind" or "0". Returns when the bench is
  /// ready; throws std::runtime_error if that takes more than 30 s.
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

/// Appends the lines of a file up to its first empty line; throws std::runtime_error.
void read_names(const std::string& path, std::vector<std::string>& names);

}  // namespace visa::rules
