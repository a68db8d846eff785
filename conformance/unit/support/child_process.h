// SPDX-License-Identifier: MIT
// Runs a piece of a test in a child of fork and reports what became of it. The child has a time
// limit of its own: a deadlock in it is a failure, not a hang. One thread.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

namespace visa::test {

/// "" when `body` (in the child) returned 0; else what happened. `body` must not use GoogleTest's
/// assertions: it returns a number that says where it failed. `meanwhile` runs here beside it. Use
/// it rather than a thread started just before: AddressSanitizer does not prepare its allocator for
/// a fork, so the child of a process whose other threads allocate memory at that moment may wait
/// for ever.
template <class Body, class Meanwhile>
std::string in_child(Body&& body, Meanwhile&& meanwhile) {
  const pid_t child = ::fork();
  if (child < 0) return "fork failed";
  if (child == 0) {
    ::alarm(60);
    ::_exit(body());
  }
  meanwhile();
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    return code == 0 ? "" : "the child failed at point " + std::to_string(code);
  }
  const int signal = WTERMSIG(status);
  return signal == SIGALRM ? "the child hung"
                           : "the child died of signal " + std::to_string(signal);
}

template <class Body>
std::string in_child(Body&& body) {
  return in_child(std::forward<Body>(body), [] {});
}

}  // namespace visa::test
