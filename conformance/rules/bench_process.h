// SPDX-License-Identifier: MIT
// The virtual bench as a process beside the suite, ended with this object. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace visa::rules {

class BenchProcess {
 public:
  BenchProcess() = default;
  ~BenchProcess();
  BenchProcess(const BenchProcess&) = delete;
  BenchProcess& operator=(const BenchProcess&) = delete;

  // Runs "PROGRAM sim --port 0" and appends the resource names it prints. Returns when it is ready;
  // throws std::runtime_error when it is not within 30 s.
  void start(const std::string& program, std::vector<std::string>& names);

 private:
  pid_t child_ = -1;
  int output_ = -1;
};

// Appends the lines of a file up to the first empty one; throws std::runtime_error.
void read_names(const std::string& path, std::vector<std::string>& names);

}  // namespace visa::rules
