// SPDX-License-Identifier: MIT
// Processes the harness starts: the reference server, and short-lived children whose output it
// reads. Each has a time limit and never outlives the harness. One thread.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace visa::bench {

// The folder this program lies in; its helpers lie there too.
std::string own_folder();

class Server {
 public:
  // `many`: all connections at once, otherwise one after the other. Throws Failure.
  Server(bool many, int cpu);
  // Another program of our folder that prints "port N".
  Server(const std::string& program, const std::vector<std::string>& arguments);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();
  unsigned port() const { return port_; }

 private:
  pid_t pid_ = -1;
  unsigned port_ = 0;
};

// Runs a program with the given environment and returns what it printed as "name value" lines; what
// it writes to stderr goes to ours. Throws Failure when it fails or takes over four minutes.
using Values = std::map<std::string, double>;
Values run_child(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment);

// This process's environment without FREEVISA_* and with home folders that hold no configuration.
std::vector<std::string> bare_environment();

}  // namespace visa::bench
