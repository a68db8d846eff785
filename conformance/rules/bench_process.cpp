// SPDX-License-Identifier: MIT
// The bench ends with the suite, even with a killed one: the kernel sends it SIGTERM then.
#include "conformance/rules/bench_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
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

// The number after the first `words` in `text`; 0 if `text` does not have them.
int number_behind(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + words.size());
}

// The names of the files in the bench's folder.
constexpr const char* kFiles[] = {"/log", "/control", "/bench.toml"};

}  // namespace

BenchProcess::~BenchProcess() {
  stop();
}

void BenchProcess::stop() {
  if (child_ >= 0) {
    ::kill(child_, SIGTERM);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::close(output_);
    child_ = -1;
  }
  if (folder_.empty()) return;
  for (const char* const file : kFiles) ::unlink((folder_ + file).c_str());
  ::rmdir(folder_.c_str());
  folder_.clear();
}

void BenchProcess::start(const std::string& program, const std::string& instrument,
                         const std::string& portmapper, std::vector<std::string>& names) {
  stop();
  char folder[] = "/tmp/visa_rules_bench_XXXXXX";
  if (::mkdtemp(folder) == nullptr) throw std::runtime_error("no folder for the bench");
  folder_ = folder;
  facts_ = {folder_ + "/control", folder_ + "/log", {}, folder_ + "/bench.toml"};
  const std::string control = "unix:" + facts_.control;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for the bench");
  child_ = ::fork();
  if (child_ < 0) throw std::runtime_error("no process for the bench");
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // so that a killed suite leaves no bench running
    ::dup2(ends[1], STDOUT_FILENO);
    ::execl(program.c_str(), program.c_str(), "sim", "--port", "0", "--portmapper",
            portmapper.c_str(), "--control", control.c_str(), "--log", facts_.log.c_str(),
            "--log-limit", "0", "--config-out", facts_.file.c_str(), "pyvisa", "dmm", "scope",
            "psu", "fgen", instrument.c_str(), static_cast<char*>(nullptr));
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
  read_facts(text, portmapper);
  std::istringstream lines(text);
  names_of(lines, names);
}

void BenchProcess::read_facts(const std::string& text, const std::string& portmapper) {
  std::ostringstream configuration;
  configuration << std::ifstream(facts_.file).rdbuf();
  facts_.configuration = configuration.str();
  facts_.core_port = number_behind(text, "core_port = ");
  facts_.portmapper_port =
      portmapper == "rpcbind" ? 111 : number_behind(text, "# portmapper 127.0.0.1 port ");
}

void read_names(const std::string& path, std::vector<std::string>& names) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  names_of(file, names);
}

}  // namespace visa::rules
