// SPDX-License-Identifier: MIT
// For the command's tests: runs a program, with a time limit on everything it may take.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace visa::tool {

class Process {
 public:
  // Starts `arguments[0]` with `environment` entries ("NAME=value") added; standard output and
  // error are read through output().
  explicit Process(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw std::runtime_error("pipe2");
    }
    std::vector<char*> list;
    for (auto& argument : arguments) {
      list.push_back(argument.data());
    }
    list.push_back(nullptr);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], 1);
      ::dup2(ends[1], 2);
      for (auto& entry : environment) {
        ::putenv(entry.data());
      }
      ::execv(list[0], list.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ends[0];
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(output_);
  }

  // Output up to and including `text`, or all of it when the program ends or 20 s have passed.
  std::string output_until(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    while (text.empty() || output_text_.find(text) == std::string::npos) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          deadline - std::chrono::steady_clock::now());
      pollfd readable{output_, POLLIN, 0};
      char bytes[4096];
      if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) != 1) {
        break;
      }
      const ssize_t count = ::read(output_, bytes, sizeof bytes);
      if (count <= 0) {
        break;
      }
      output_text_.append(bytes, static_cast<std::size_t>(count));
    }
    return output_text_;
  }
  std::string output() { return output_until(""); }

  void signal(int number) { ::kill(child_, number); }

  // The exit code; minus the signal that ended it; -1000 if it has not ended within 20 s.
  int wait() {
    const auto deadline = std::chrono::steady_clock::now() + kLimit;
    int status = 0;
    while (::waitpid(child_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) {
        return -1000;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));  // waitpid has no time limit
    }
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  static constexpr std::chrono::seconds kLimit{20};
  pid_t child_ = -1;
  int output_ = -1;
  std::string output_text_;
};

}  // namespace visa::tool
