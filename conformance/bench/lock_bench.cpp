// SPDX-License-Identifier: MIT
// Measures the locks of a libvisa given by path: viLock + viUnlock without contention, and how long
// after viUnlock, or after the death of the holder, a waiter in another process has the lock. It is
// a separate program, because it must fork before the library is loaded. If the locks of the
// library do not reach other processes, it says so and ends with 77.
#include <dlfcn.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "conformance/bench/child.h"
#include "conformance/bench/measure.h"
#include "conformance/bench/visa_library.h"

namespace visa::bench {
namespace {

constexpr double kHandOverGoalMs = 20;
constexpr ViUInt32 kPatience = 20000;
constexpr int kLimitMs = 60000;

struct Locks {
  explicit Locks(const std::string& path) : library(path) {
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_NOLOAD);
    lock = reinterpret_cast<decltype(&::viLock)>(::dlsym(handle, "viLock"));
    unlock = reinterpret_cast<decltype(&::viUnlock)>(::dlsym(handle, "viUnlock"));
    if (lock == nullptr || unlock == nullptr) throw Failure(path + " has no viLock");
  }
  void take(ViSession session, ViUInt32 time) const {
    library.check(lock(session, VI_EXCLUSIVE_LOCK, time, VI_NULL, VI_NULL), "viLock");
  }
  void give(ViSession session) const { library.check(unlock(session), "viUnlock"); }

  const VisaLibrary library;
  decltype(&::viLock) lock;
  decltype(&::viUnlock) unlock;
};

struct Ends {
  int in;
  int out;
};

double receive(int fd) {
  pollfd ready{fd, POLLIN, 0};
  double value = 0;
  if (::poll(&ready, 1, kLimitMs) != 1 || ::read(fd, &value, sizeof value) != sizeof value) {
    throw Failure("the other process does not answer");
  }
  return value;
}
void send(int fd, double value) {
  if (::write(fd, &value, sizeof value) != sizeof value) throw Failure("the other process is gone");
}

// The other process. Command 0: try to lock at once and report the result. 1: wait for the lock and
// report when it had it. 2: take the lock and keep it.
[[noreturn]] void serve(const std::string& path, unsigned port, Ends ends) {
  try {
    const Locks locks(path);
    const ViSession session = locks.library.open(port);
    send(ends.out, 0);
    for (;;) {
      const double what = receive(ends.in);
      if (what == 0) {
        const ViStatus status = locks.lock(session, VI_EXCLUSIVE_LOCK, 0, VI_NULL, VI_NULL);
        send(ends.out, status);
        if (status >= VI_SUCCESS) locks.give(session);
      } else {
        locks.take(session, kPatience);
        send(ends.out, now_ns());
        if (what == 1) locks.give(session);
      }
    }
  } catch (const std::exception&) {
    ::_exit(0);
  }
}

class Other {
 public:
  Other(const std::string& path, unsigned port) {
    int to[2];
    int from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) throw Failure("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(to[1]);
      ::close(from[0]);
      serve(path, port, {to[0], from[1]});
    }
    ::close(to[0]);
    ::close(from[1]);
    ends_ = {from[0], to[1]};
    receive(ends_.in);
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  ~Other() {
    kill();
    ::close(ends_.in);
    ::close(ends_.out);
  }
  void ask(double what) const { send(ends_.out, what); }
  double answer() const { return receive(ends_.in); }
  void kill() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  Ends ends_{};
};

void print(const char* what, std::vector<double> values, const char* unit) {
  std::sort(values.begin(), values.end());
  std::printf("%-52s median %8.3f, longest %8.3f %s\n", what, values[values.size() / 2],
              values.back(), unit);
}

int run(const std::string& path, int rounds) {
  const Server server(true, 0);
  // Fork before the library is loaded here: each child loads its own.
  const Other waiter(path, server.port());
  std::vector<std::unique_ptr<Other>> holders;
  for (int i = 0; i < rounds / 4; ++i) {
    holders.push_back(std::make_unique<Other>(path, server.port()));
  }
  const Locks locks(path);
  const ViSession session = locks.library.open(server.port());

  constexpr int kBatch = 1000;
  std::vector<double> pairs;
  for (int round = 0; round < rounds; ++round) {
    const double start = now_ns();
    for (int i = 0; i < kBatch; ++i) {
      locks.take(session, 0);
      locks.give(session);
    }
    pairs.push_back((now_ns() - start) / kBatch / 1e3);
  }
  print("viLock + viUnlock, uncontended", pairs, "us");

  locks.take(session, 0);
  waiter.ask(0);
  const bool shared = waiter.answer() < 0;
  locks.give(session);
  if (!shared) {
    std::printf("The locks of this library do not reach another process here: no wake-up.\n");
    return 77;
  }

  std::vector<double> wake_ups;
  for (int round = 0; round < rounds; ++round) {
    locks.take(session, kPatience);
    waiter.ask(1);
    ::usleep(static_cast<useconds_t>(1000 + 1500 * (round % 40)));  // short and long waits
    const double released = now_ns();
    locks.give(session);
    wake_ups.push_back((waiter.answer() - released) / 1e6);
  }
  print("viUnlock to viLock of a waiter in another process", wake_ups, "ms");

  std::vector<double> deaths;
  for (auto& holder : holders) {
    holder->ask(2);
    holder->answer();
    waiter.ask(1);
    ::usleep(40000);
    const double killed = now_ns();
    holder->kill();
    deaths.push_back((waiter.answer() - killed) / 1e6);
  }
  print("SIGKILL of the holder to viLock of a waiter", deaths, "ms");
  const double longest = std::max(*std::max_element(wake_ups.begin(), wake_ups.end()),
                                  *std::max_element(deaths.begin(), deaths.end()));
  std::printf("goal %.0f ms: %s\n", kHandOverGoalMs, longest <= kHandOverGoalMs ? "met" : "MISSED");
  return 0;
}

}  // namespace
}  // namespace visa::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: lock_bench LIBVISA [ROUNDS]\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::alarm(300);
  try {
    const std::string path = argv[1];
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 80;
    return visa::bench::run(path.find('/') == std::string::npos ? "./" + path : path,
                            std::max(rounds, 8));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lock_bench: %s\n", e.what());
    return 2;
  }
}
