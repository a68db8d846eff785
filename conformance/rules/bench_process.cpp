// SPDX-License-Identifier: MIT
#include "conformance/rules/bench_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace visa::rules {
namespace {

constexpr int kPatience = 30'000;  // ms

void names_of(std::istream& text, std::vector<std::string>& names) {
  std::string line;
  while (std::getline(text, line) && !line.empty()) names.push_back(line);
}

}  // namespace

BenchProcess::~BenchProcess() {
  if (child_ < 0) return;
  ::kill(child_, SIGTERM);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::close(output_);
}

void BenchProcess::start(const std::string& program, std::vector<std::string>& names) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the bench");
  child_ = ::fork();
  if (child_ < 0) throw std::runtime_error("no process for the bench");
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a suite that is killed leaves no bench behind
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(program.c_str(), program.c_str(), "sim", "--port", "0", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ends[0];
  std::string text;
  while (text.find("\nready\n") == std::string::npos) {
    pollfd one{output_, POLLIN, 0};
    char buffer[4096];
    if (::poll(&one, 1, kPatience) <= 0)
      throw std::runtime_error(program + " sim: not ready in time");
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count <= 0) throw std::runtime_error(program + " sim: ended before it was ready");
    text.append(buffer, static_cast<std::size_t>(count));
  }
  std::istringstream lines(text);
  names_of(lines, names);
}

void read_names(const std::string& path, std::vector<std::string>& names) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  names_of(file, names);
}

}  // namespace visa::rules
