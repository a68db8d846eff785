// SPDX-License-Identifier: MIT
// Where the trace may go, and what must not come of it: a stop, a signal, a line in a foreign
// file. Each test runs in a child of its own, whose signals have their default effect.
#include "lib/base/trace_target.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <regex>
#include <string>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/temp_folder.h"
#include "lib/base/log.h"

namespace visa {
namespace {

constexpr std::string_view kFiller =
    "a line of some length, so that a pipe is full soon: 0123456789";
constexpr int kMany = 4000;  // several times what a pipe or a socket holds

bool same_mask(const sigset_t& before) {
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
  for (int number = 1; number < NSIG; ++number) {
    if (::sigismember(&now, number) != ::sigismember(&before, number)) return false;
  }
  return true;
}

/// Traces many lines; false when a signal is left over or the mask has changed.
bool trace_many() {
  sigset_t before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  for (int i = 0; i < kMany; ++i) log::line(kFiller);
  sigset_t pending;
  ::sigpending(&pending);
  return same_mask(before) && ::sigismember(&pending, SIGPIPE) == 0 &&
         ::sigismember(&pending, SIGXFSZ) == 0;
}

/// What a descriptor that does not block has now.
std::string drained(int fd) {
  std::string text;
  char room[4096];
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  for (ssize_t got = 0; (got = ::read(fd, room, sizeof room)) > 0;) {
    text.append(room, static_cast<std::size_t>(got));
  }
  return text;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// The sum of what the trace says it lost.
std::size_t told_lost(const std::string& text) {
  const std::regex form(R"((\d+) lines of this trace are missing here)");
  std::size_t sum = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    sum += std::stoul((*at)[1]);
  }
  return sum;
}

/// The number of the descriptor that has `path` open; -1 for none.
int descriptor_of(const std::string& path) {
  for (int fd = 0; fd < 256; ++fd) {
    char target[4096] = {};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    if (::readlink(link.c_str(), target, sizeof target - 1) > 0 && path == target) return fd;
  }
  return -1;
}

class TraceTargetTest : public ::testing::Test {
 protected:
  std::string fifo() const {
    auto path = folder_.file("fifo");
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  /// A reader that is there but does not read, until all lines were offered.
  static int idle_reader(int reader) {
    const auto start = std::chrono::steady_clock::now();
    if (!trace_many()) return 1;
    if (std::chrono::steady_clock::now() - start > std::chrono::seconds(30)) return 2;
    auto text = drained(reader);
    log::line("at last");
    text += drained(reader);
    if (text.find("at last\n") == std::string::npos) return 3;
    if (text.find("missing here: nobody read them in time\n") == std::string::npos) return 4;
    return count(text, kFiller) + told_lost(text) == kMany ? 0 : 5;
  }
  test::TempFolder folder_;
};

// The socket to the instrument would become descriptor 2, and the trace go to the instrument.
TEST_F(TraceTargetTest, AClosedStandardErrorIsNoTraceForGood) {
  EXPECT_EQ(test::in_child([this] {
              ::close(2);
              log::redirect("stderr");
              if (log::enabled()) return 1;
              const auto path = folder_.make("data", "");
              if (::open(path.c_str(), O_WRONLY) != 2) return 2;
              log::line("not here");
              return folder_.text("data").empty() ? 0 : 3;
            }),
            "");
}

TEST_F(TraceTargetTest, WhatTakesTheNumberOfTheStandardErrorLaterGetsNoLine) {
  EXPECT_EQ(test::in_child([this] {
              const auto path = folder_.make("errors", "");
              const int errors = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
              if (::dup2(errors, 2) != 2 || ::close(errors) != 0) return 1;
              log::redirect("stderr");
              log::line("one");
              ::close(2);
              if (::open(folder_.make("data", "").c_str(), O_WRONLY) != 2) return 2;
              log::line("two");
              if (!folder_.text("data").empty()) return 3;
              const auto text = folder_.text("errors");
              return count(text, " one\n") == 1 && count(text, " two\n") == 1 ? 0 : 4;
            }),
            "");
}

TEST_F(TraceTargetTest, AConnectionIsNobodysStandardError) {
  EXPECT_EQ(test::in_child([] {
              ::close(2);
              if (::socket(AF_INET, SOCK_STREAM, 0) != 2) return 1;
              log::redirect("stderr");
              return log::enabled() ? 2 : 0;
            }),
            "");
}

TEST_F(TraceTargetTest, AStandardErrorThatIsOnlyReadIsNone) {
  EXPECT_EQ(test::in_child([] {
              ::close(2);
              if (::open("/dev/null", O_RDONLY) != 2) return 1;
              log::redirect("stderr");
              return log::enabled() ? 2 : 0;
            }),
            "");
}

TEST_F(TraceTargetTest, ADescriptorTheProgramClosedIsNotWrittenAnyMore) {
  EXPECT_EQ(test::in_child([this] {
              const auto path = folder_.file("trace");
              log::redirect(path);
              const int fd = descriptor_of(path);
              if (fd < 3 || ::close(fd) != 0) return 1;  // as programs do that become daemons
              const int data = ::open(folder_.make("data", "").c_str(), O_WRONLY);
              if (::dup2(data, fd) != fd) return 2;
              log::line("not here");
              return folder_.text("data").empty() ? 0 : 3;
            }),
            "");
}

TEST_F(TraceTargetTest, TakesNoStandardNumber) {
  EXPECT_EQ(test::in_child([this] {
              for (const int fd : {0, 1, 2}) ::close(fd);
              const auto path = folder_.file("trace");
              log::redirect(path);
              log::line("one");
              if (descriptor_of(path) < 3) return 1;
              for (const int fd : {0, 1, 2}) {
                if (::fcntl(fd, F_GETFD) >= 0) return 2;
              }
              return count(folder_.text("trace"), " one\n") == 1 ? 0 : 3;
            }),
            "");
}

TEST_F(TraceTargetTest, AFifoKeepsTheFirstLinesForAReaderThatComesLater) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              log::redirect(path);
              if (!log::enabled()) return 1;
              log::line("first");
              const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              return drained(reader).find(" first\n") != std::string::npos ? 0 : 2;
            }),
            "");
}

TEST_F(TraceTargetTest, AFifoNobodyReadsStopsNothing) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              log::redirect(path);
              if (!trace_many()) return 1;
              const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              return idle_reader(reader) == 5 ? 0 : 2;  // some lines more than its own
            }),
            "");
}

TEST_F(TraceTargetTest, AnIdleReaderOfAFifoCostsLinesAndIsTold) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              log::redirect(path);
              return idle_reader(reader);
            }),
            "");
}

TEST_F(TraceTargetTest, AnIdleReaderOfThePipeAtTheStandardErrorToo) {
  EXPECT_EQ(test::in_child([] {
              int ends[2];
              if (::pipe(ends) != 0 || ::dup2(ends[1], 2) != 2) return 10;
              log::redirect("stderr");
              // The program's own description must go on blocking.
              if ((::fcntl(2, F_GETFL) & O_NONBLOCK) != 0) return 11;
              return idle_reader(ends[0]);
            }),
            "");
}

TEST_F(TraceTargetTest, AnIdleReaderOfAPipeOfAnotherUserToo) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a pipe and become somebody else";
  EXPECT_EQ(test::in_child([] {
              int ends[2];
              if (::pipe(ends) != 0 || ::dup2(ends[1], 2) != 2) return 10;
              if (::setresuid(65534, 65534, 65534) != 0) return 11;
              if (::open("/proc/self/fd/2", O_WRONLY) >= 0) return 12;  // as in a container
              log::redirect("stderr");
              return idle_reader(ends[0]);
            }),
            "");
}

TEST_F(TraceTargetTest, AnIdleReaderOfASocketToo) {
  EXPECT_EQ(test::in_child([] {
              int ends[2];
              if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return 10;
              if (::dup2(ends[1], 2) != 2) return 11;
              log::redirect("stderr");
              return idle_reader(ends[0]);
            }),
            "");
}

TEST_F(TraceTargetTest, AReaderThatIsGoneEndsNothing) {
  const auto path = fifo();
  for (const int kind : {0, 1, 2}) {
    EXPECT_EQ(test::in_child([&] {
                int ends[2];
                if (kind == 0) {
                  ends[0] = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
                  log::redirect(path);
                } else {
                  const int made =
                      kind == 1 ? ::pipe(ends) : ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
                  if (made != 0 || ::dup2(ends[1], 2) != 2) return 1;
                  log::redirect("stderr");
                }
                if (!log::enabled()) return 2;
                ::close(ends[0]);
                return trace_many() ? 0 : 3;
              }),
              "")
        << kind;
  }
}

TEST_F(TraceTargetTest, ANewReaderIsToldWhatItMissed) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              const int first = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              log::redirect(path);
              ::close(first);
              for (int i = 0; i < 3; ++i) log::line("lost");
              const int second = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              log::line("seen");
              const auto text = drained(second);
              if (told_lost(text) != 3 || count(text, " lost\n") != 0) return 1;
              return count(text, " seen\n") == 1 ? 0 : 2;
            }),
            "");
}

TEST_F(TraceTargetTest, AChildOfForkDoesNotTellItsParentsLosses) {
  const auto path = fifo();
  EXPECT_EQ(test::in_child([&] {
              ::close(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
              const int first = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              log::redirect(path);
              ::close(first);
              log::line("lost by the parent");
              const int second = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
              if (!test::in_child([] { return log::line("child"), 0; }).empty()) return 1;
              const auto child = drained(second);
              if (told_lost(child) != 0 || count(child, " child\n") != 1) return 2;
              log::line("parent");
              return told_lost(drained(second)) == 1 ? 0 : 3;
            }),
            "");
}

TEST_F(TraceTargetTest, ASizeLimitEndsNothingAndTheNextLineBeginsAnew) {
  EXPECT_EQ(test::in_child([this] {
              log::redirect(folder_.file("trace"));
              rlimit limit{1000, RLIM_INFINITY};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
              if (!trace_many()) return 2;
              if (folder_.text("trace").size() != 1000) return 3;
              limit.rlim_cur = RLIM_INFINITY;
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 4;
              log::line("again");
              const auto text = folder_.text("trace");
              if (count(text, std::string(kFiller) + "\n") + told_lost(text) != kMany) return 5;
              if (text.find("missing here: File too large\n") == std::string::npos) return 6;
              return std::regex_search(text, std::regex(R"(\n\S+Z \S+ \d+ lines of)")) ? 0 : 7;
            }),
            "");
}

TEST_F(TraceTargetTest, ASignalTheProgramHadPendingStays) {
  EXPECT_EQ(test::in_child([] {
              sigset_t set;
              ::sigemptyset(&set);
              ::sigaddset(&set, SIGPIPE);
              ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
              ::pthread_kill(::pthread_self(), SIGPIPE);
              int ends[2];
              if (::pipe(ends) != 0 || ::dup2(ends[1], 2) != 2) return 1;
              log::redirect("stderr");
              ::close(ends[0]);
              log::line("lost");
              sigset_t pending;
              ::sigpending(&pending);
              return ::sigismember(&pending, SIGPIPE) == 1 ? 0 : 2;
            }),
            "");
}

TEST_F(TraceTargetTest, AStoppedTerminalStopsNothing) {
  EXPECT_EQ(test::in_child([] {
              const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
              if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) return 1;
              const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
              if (slave < 0 || ::dup2(slave, 2) != 2 || ::tcflow(slave, TCOOFF) != 0) return 2;
              log::redirect("stderr");
              return trace_many() ? 0 : 3;
            }),
            "");
}

// With TOSTOP a terminal stops background jobs that write to it.
int trace_in_the_background() {
  ::setpgid(0, 0);
  log::redirect("stderr");
  log::line("from the background");
  return log::enabled() ? 0 : 1;
}

TEST_F(TraceTargetTest, ATerminalDoesNotStopAJobInTheBackground) {
  EXPECT_EQ(test::in_child([] {
              const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
              if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) return 1;
              ::setsid();
              const int slave = ::open(::ptsname(master), O_RDWR);  // the session's terminal
              termios modes{};
              if (slave < 0 || ::tcgetattr(slave, &modes) != 0) return 2;
              modes.c_lflag |= TOSTOP;
              if (::tcsetattr(slave, TCSANOW, &modes) != 0 || ::dup2(slave, 2) != 2) return 3;
              const pid_t job = ::fork();
              if (job == 0) ::_exit(trace_in_the_background());
              int status = 0;
              if (::waitpid(job, &status, WUNTRACED) != job) return 4;
              if (WIFSTOPPED(status)) return ::kill(job, SIGKILL), 5;
              return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 6;
            }),
            "");
}

}  // namespace
}  // namespace visa
