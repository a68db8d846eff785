// SPDX-License-Identifier: MIT
// The program is collected by the waiting thread alone, after which its number means nothing: the
// signal handler then finds none.
#include "tools/freevisa/started_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <system_error>

extern char** environ;

namespace visa::tool {
namespace {

std::atomic<pid_t> running_program{-1};  // lock-free, for the signal handler

extern "C" void pass_on(int number) {
  const int saved = errno;
  const pid_t pid = running_program.load(std::memory_order_relaxed);
  if (pid > 0) ::kill(pid, number);
  errno = saved;
}

std::string fix_of_start(int error) {
  if (error == ENOENT)
    return "; is it installed, and its folder in PATH? 'FOLDER/NAME' names a file";
  if (error == EACCES) return "; may this user run it ('chmod +x'), and is it no folder?";
  if (error == ENOEXEC) return "; a script needs '#!' and its interpreter in the first line";
  return "";
}

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& name, const std::string& suffix) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  path_ = (error ? "/tmp" : folder.string()) + "/" + name + ".XXXXXX" + suffix;
  const int fd = ::mkostemps(path_.data(), static_cast<int>(suffix.size()), O_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path_);
  ::close(fd);
}

TemporaryFile::~TemporaryFile() {
  static_cast<void>(::unlink(path_.c_str()));
}

StartedProgram::StartedProgram(const std::vector<std::string>& command,
                               const std::vector<std::string>& environment) {
  std::vector<std::string> all = environment;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view name = name_of(*one);
    if (std::none_of(environment.begin(), environment.end(),
                     [name](const std::string& own) { return name_of(own) == name; })) {
      all.emplace_back(*one);
    }
  }
  // A signal that comes meanwhile waits until it can be passed on.
  sigset_t waiting;
  sigset_t before;
  sigemptyset(&waiting);
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) sigaddset(&waiting, number);
  pthread_sigmask(SIG_BLOCK, &waiting, &before);
  const int error = spawn(command, all, before);
  if (error == 0) pass_signals_on();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    throw StartFailure("cannot start '" + command.front() +
                       "': " + std::generic_category().message(error) + fix_of_start(error));
  }
}

int StartedProgram::spawn(const std::vector<std::string>& command,
                          const std::vector<std::string>& environment, const sigset_t& mask) {
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> variables = pointers(environment);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  const int error = ::posix_spawnp(&pid_, command.front().c_str(), nullptr, &attributes,
                                   arguments.data(), variables.data());
  posix_spawnattr_destroy(&attributes);
  return error;
}

StartedProgram::~StartedProgram() {
  static_cast<void>(exit_code());
}

void StartedProgram::wait() noexcept {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  running_program.store(-1);
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
}

void StartedProgram::pass_signals_on() {
  running_program.store(pid_);
  struct sigaction action {};
  action.sa_handler = &pass_on;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGINT, SIG_IGN);  // the program was started before, and has its own
}

void StartedProgram::on_end(std::function<void()> then) {
  waiter_ = std::thread([this, then = std::move(then)] {
    wait();
    then();
  });
}

int StartedProgram::exit_code() {
  if (waiter_.joinable()) {
    waiter_.join();
  } else if (!ended_) {
    wait();
  }
  ended_ = true;
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

}  // namespace visa::tool
