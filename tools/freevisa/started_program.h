// SPDX-License-Identifier: MIT
// A program that runs as a child while this one serves it. Signals that end programs are passed on
// to it, so that it decides.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace visa::tool {

/// A file that is there until the end of its owner. Throws std::system_error.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& suffix);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// A program that cannot be started: its name, the reason and what helps.
struct StartFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class StartedProgram {
 public:
  /// Looks `command`'s first word up as a shell does. `environment`: "NAME=value", instead of or
  /// beside what this process has. From now on SIGTERM and SIGHUP go to the program; SIGINT of a
  /// terminal reaches both, and this one ignores it. Throws StartFailure.
  StartedProgram(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment);
  /// Waits for its end.
  ~StartedProgram();
  StartedProgram(const StartedProgram&) = delete;
  StartedProgram& operator=(const StartedProgram&) = delete;

  /// `then` is called by another thread when the program has ended. Once.
  void on_end(std::function<void()> then);
  /// Waits for its end: its exit code, or 128 and the signal that ended it.
  int exit_code();

 private:
  int spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
            const sigset_t& mask);
  void pass_signals_on();
  void wait() noexcept;

  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::thread waiter_;
};

}  // namespace visa::tool
