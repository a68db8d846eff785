// SPDX-License-Identifier: MIT
// Processes that the benchmark starts: the reference server, and short-lived children whose output
// it reads. Each has a time limit and never outlives the benchmark. One thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace visa::bench {

/// The folder of this program and of the programs that it starts.
std::string own_folder();

class Server {
 public:
  /// With `many` the server serves all connections at once, otherwise one after the other. Throws
  /// Failure.
  Server(bool many, int cpu);
  /// Starts another program of this folder that prints "port N".
  Server(const std::string& program, const std::vector<std::string>& arguments);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();
  unsigned port() const { return port_; }

 private:
  pid_t pid_ = -1;
  unsigned port_ = 0;
};

/// Runs a program with the given environment and returns the "name value" lines that it printed. It
/// shares the stderr of this process. Throws Failure if it fails or takes over four minutes.
using Values = std::map<std::string, double>;
Values run_child(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment);

/// The environment of this process, without FREEVISA_* and with home folders without configuration.
std::vector<std::string> bare_environment();

}  // namespace visa::bench
