// SPDX-License-Identifier: MIT
// Each read of a child's output has a deadline, so that a hanging child ends the measurement.
#include "conformance/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <sstream>

#include "conformance/bench/visa_library.h"

namespace visa::bench {
namespace {

constexpr int kLimitMs = 240'000;  // generous: sanitizers on a busy machine

struct Spawned {
  pid_t pid;
  int output;  // reading end of its stdout
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

Spawned spawn(const std::vector<std::string>& command,
              const std::vector<std::string>& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Failure(std::string("pipe: ") + std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command.front().c_str(), &actions, nullptr,
                                pointers(command).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    throw Failure(command.front() + ": " + std::strerror(error));
  }
  return {pid, ends[0]};
}

// Appends what arrives within the limit; false at the end of the output or of the time.
bool read_some(int fd, std::string& text) {
  pollfd waiting{fd, POLLIN, 0};
  if (poll(&waiting, 1, kLimitMs) <= 0) return false;
  char buffer[4096];
  const ssize_t n = read(fd, buffer, sizeof buffer);
  if (n <= 0) return false;
  text.append(buffer, static_cast<std::size_t>(n));
  return true;
}

int end(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0) throw Failure("/proc/self/exe cannot be read");
  std::string text(path, static_cast<std::size_t>(n));
  return text.substr(0, text.rfind('/') + 1);
}

std::vector<std::string> bare_environment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const bool drop = text.starts_with("FREEVISA_") || text.starts_with("HOME=") ||
                      text.starts_with("XDG_CONFIG_HOME=");
    if (!drop) result.push_back(text);
  }
  result.emplace_back("HOME=/nonexistent");
  result.emplace_back("XDG_CONFIG_HOME=/nonexistent");
  return result;
}

Server::Server(bool many, int cpu)
    : Server("floor_server", many ? std::vector<std::string>{"--cpu", std::to_string(cpu), "--many"}
                                  : std::vector<std::string>{"--cpu", std::to_string(cpu)}) {}

Server::Server(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{own_folder() + program};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Spawned child = spawn(command, bare_environment());
  pid_ = child.pid;
  std::string text;
  while (text.find('\n') == std::string::npos && read_some(child.output, text)) {
  }
  close(child.output);
  std::string word;
  std::istringstream(text) >> word >> port_;
  if (port_ == 0) {
    kill(pid_, SIGKILL);
    end(pid_);
    throw Failure(program + " did not say its port");
  }
}

Server::~Server() {
  kill(pid_, SIGKILL);
  end(pid_);
}

Values run_child(const std::vector<std::string>& command,
                 const std::vector<std::string>& environment) {
  const Spawned child = spawn(command, environment);
  std::string text;
  while (read_some(child.output, text)) {
  }
  close(child.output);
  // The child has closed its output, so it should end; one that hangs is killed.
  const int watch = static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0));
  pollfd ending{watch, POLLIN, 0};
  const bool in_time = watch >= 0 && poll(&ending, 1, kLimitMs) == 1;
  if (watch >= 0) close(watch);
  if (!in_time) kill(child.pid, SIGKILL);
  const int status = end(child.pid);
  if (!in_time) throw Failure(command.front() + ": took too long");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Failure(command.front() + ": failed");
  Values values;
  std::istringstream lines(text);
  std::string name;
  double value = 0;
  while (lines >> name >> value) values[name] = value;
  return values;
}

}  // namespace visa::bench
