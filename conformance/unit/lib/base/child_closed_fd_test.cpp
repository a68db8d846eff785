// SPDX-License-Identifier: MIT
#include "lib/base/child_closed_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/sanitizers.h"

namespace {
std::atomic<int> blocked_number{-1};
std::atomic<bool> number_is_free{false};
std::atomic<bool> inside_close{false};
}  // namespace

extern "C" {
int __real_close(int fd);
int __wrap_close(int fd) {
  if (fd < 0 || fd != blocked_number || inside_close.exchange(true)) return __real_close(fd);
  if (!number_is_free) {
    while (blocked_number == fd) std::this_thread::yield();
    return __real_close(fd);
  }
  const int result = __real_close(fd);
  while (blocked_number == fd) std::this_thread::yield();
  return result;
}
}

namespace visa {
namespace {

using test::in_child;

int some_fd() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(ChildClosedFd, ClosesAtTheEndOfItsLifeAndMoves) {
  int number = -1;
  {
    ChildClosedFd first = ChildClosedFd::made_by(some_fd);
    number = first.get();
    EXPECT_TRUE(is_open(number));
    ChildClosedFd second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(second.get(), number);
    ChildClosedFd third;
    EXPECT_FALSE(third);
    third = std::move(second);
    auto& same = third;
    third = std::move(same);
    EXPECT_EQ(third.get(), number);
  }
  EXPECT_FALSE(is_open(number));
}

TEST(ChildClosedFd, KeepsTheReasonOfAFailure) {
  const auto none = ChildClosedFd::made_by([] { return ::open("/nowhere/at/all", O_RDONLY); });
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(none);
  EXPECT_LT(none.get(), 0);
}

TEST(ChildClosedFd, AChildOfForkHasItNot) {
  const auto noted = ChildClosedFd::made_by(some_fd);
  const UniqueFd plain(some_fd());
  const int number = noted.get();
  EXPECT_EQ(in_child([&] {
              if (is_open(number)) return 1;
              if (noted) return 2;
              return is_open(plain.get()) ? 0 : 3;
            }),
            "");
  EXPECT_TRUE(is_open(number));
  EXPECT_EQ(noted.get(), number);
}

TEST(ChildClosedFd, DestructorInTheChildLeavesAStrangersDescriptorAlone) {
  ChildClosedFd noted = ChildClosedFd::made_by(some_fd);
  const int number = noted.get();
  EXPECT_EQ(in_child([&] {
              const UniqueFd stranger(some_fd());
              if (stranger.get() != number) return 1;  // the lowest free number
              noted.reset();
              if (!is_open(number)) return 2;
              // What the child itself makes is its own, and not its child's.
              const auto own = ChildClosedFd::made_by(some_fd);
              if (!own || !is_open(own.get())) return 3;
              return in_child([&] {
                       return !is_open(own.get()) && is_open(stranger.get()) ? 0 : 1;
                     }).empty()
                         ? 0
                         : 4;
            }),
            "");
}

// The copy is closed, not shut down: the parent's connection goes on.
TEST(ChildClosedFd, AConnectionSharedWithTheChildGoesOn) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const ChildClosedFd here{UniqueFd(ends[0])};
  const UniqueFd there(ends[1]);
  EXPECT_EQ(in_child([] { return 0; }), "");
  char byte = 0;
  ASSERT_EQ(::send(here.get(), "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(::recv(there.get(), &byte, 1, 0), 1);
}

TEST(ChildClosedFd, ThousandsAreClosed) {
  std::vector<ChildClosedFd> many;
  for (int i = 0; i < 900; ++i) {  // many chunks of the table, below the usual limit of 1024
    many.push_back(ChildClosedFd::made_by(some_fd));
    ASSERT_TRUE(many.back()) << i;
  }
  std::vector<int> numbers;
  for (const auto& one : many) numbers.push_back(one.get());
  EXPECT_EQ(in_child([&] {
              for (const int number : numbers) {
                if (is_open(number)) return 1;
              }
              return 0;
            }),
            "");
  many.erase(many.begin() + 100, many.end() - 100);
  for (int i = 0; i < 500; ++i) many.push_back(ChildClosedFd::made_by(some_fd));
  EXPECT_EQ(in_child([&] {
              for (const auto& one : many) {
                if (one) return 1;
              }
              return 0;
            }),
            "");
}

int open_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 1024; ++fd) count += is_open(fd) ? 1 : 0;
  return count;
}

// Whatever another thread was doing with a descriptor at the moment of the fork.
TEST(ChildClosedFd, ForksBesideThreadsThatOpenAndCloseLeaveNothing) {
  // Without it the first fork may come between the first descriptor and the hooks.
  ASSERT_TRUE(watch_forks());
  const int before = open_descriptors();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto one = ChildClosedFd::made_by(some_fd);
        const auto two = ChildClosedFd::made_by(some_fd);
      }
    });
  }
  std::string problem;
  const int rounds = test::kThreadSanitizer || test::kAddressSanitizer ? 40 : 400;
  for (int round = 0; round < rounds && problem.empty(); ++round) {
    problem = in_child([&] { return open_descriptors() == before ? 0 : 1; });
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(problem, "");
}

TEST(ChildClosedFd, ForksOfSeveralThreadsAtOnce) {
  const auto noted = ChildClosedFd::made_by(some_fd);
  std::atomic<int> problems{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) {
        const auto own = ChildClosedFd::made_by(some_fd);
        const std::string problem = in_child([&] { return noted || own ? 1 : 0; });
        if (!problem.empty() || !own) ++problems;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(problems, 0);
}

TEST(ChildClosedFd, VforkAndSpawnTakeNothingFromTheParent) {
  const auto noted = ChildClosedFd::made_by(some_fd);
  pid_t child = -1;
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  ASSERT_EQ(::posix_spawn(&child, program, nullptr, nullptr, arguments, environ), 0);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(noted);
  EXPECT_TRUE(is_open(noted.get()));
}

/// Closes `fd` on a thread of its own, which stays inside close(2), before or after the number has
/// become free, until the object goes.
class LongClose {
 public:
  enum class Number { still_taken, free };
  LongClose(ChildClosedFd fd, Number number) {
    blocked_number = fd.get();
    number_is_free = number == Number::free;
    inside_close = false;
    thread_ = std::thread([fd = std::move(fd)]() mutable { fd.reset(); });
    while (!inside_close) std::this_thread::yield();
  }
  ~LongClose() {
    blocked_number = -1;
    thread_.join();
  }

 private:
  std::thread thread_;
};

// viClose of a serial line that the instrument has stopped made every fork of the program wait.
TEST(ChildClosedFd, NoForkWaitsForALongClose) {
  for (const auto number : {LongClose::Number::still_taken, LongClose::Number::free}) {
    auto noted = ChildClosedFd::made_by(some_fd);
    const int fd = noted.get();
    const LongClose closing(std::move(noted), number);
    auto fastest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(in_child([&] { return is_open(fd) ? 1 : 0; }), "") << "the child keeps it";
      fastest = std::min(fastest, std::chrono::steady_clock::now() - start);
    }
    EXPECT_LT(fastest, std::chrono::milliseconds(900)) << "a fork waits a second for a pause";
  }
}

TEST(ChildClosedFd, NumberThatIsAnotherFilesDuringTheCloseIsLeftAlone) {
  auto noted = ChildClosedFd::made_by(some_fd);
  const int fd = noted.get();
  const LongClose closing(std::move(noted), LongClose::Number::free);
  const UniqueFd stranger(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(stranger.get(), fd) << "the lowest free number";
  EXPECT_EQ(in_child([&] { return is_open(fd) ? 0 : 1; }), "");
}

// A signal handler may fork while its own thread holds forks up: late, but not never.
TEST(ChildClosedFd, AForkInsideAPauseOfItsOwnThreadEnds) {
  const ForkPause pause;
  EXPECT_EQ(in_child([] {
              const auto made = ChildClosedFd::made_by(some_fd);
              return made ? 0 : 1;
            }),
            "");
}

}  // namespace
}  // namespace visa
