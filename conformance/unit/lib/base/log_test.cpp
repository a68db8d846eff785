// SPDX-License-Identifier: MIT
#include "lib/base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/ended_thread.h"
#include "conformance/unit/support/temp_folder.h"
#include "lib/base/unique_fd.h"

namespace visa::log {
namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

class Log : public ::testing::Test {
 protected:
  ~Log() override { redirect(""); }
  test::TempFolder folder_;
};

TEST_F(Log, OffWritesNothingAndSaysSo) {
  redirect(folder_.file("trace"));
  redirect("");
  EXPECT_FALSE(enabled());
  line("not wanted");
  EXPECT_EQ(folder_.text("trace"), "");
}

TEST_F(Log, OffCostsNextToNothing) {
  redirect("");
  constexpr int kCalls = 10'000'000;
  const auto start = std::chrono::steady_clock::now();
  int on = 0;
  for (int i = 0; i < kCalls; ++i) {
    if (enabled()) ++on;
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(on, 0);
  EXPECT_LT(took.count() / kCalls, 1000.0) << "nanoseconds a question";
}

TEST_F(Log, WritesOneLineWithTimeProcessAndThread) {
  redirect(folder_.file("trace"));
  EXPECT_TRUE(enabled());
  line("hello");
  const auto text = folder_.text("trace");
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z (\d+)/(\d+) hello\n)");
  std::smatch match;
  ASSERT_TRUE(std::regex_match(text, match, form)) << text;
  EXPECT_EQ(match[1], std::to_string(::getpid()));
  EXPECT_EQ(match[2], std::to_string(::gettid()));
}

TEST_F(Log, EscapesWhatWouldBreakALine) {
  redirect(folder_.file("trace"));
  line("a\nb\rc\td\x1b[31m\x7f e");
  line(std::string_view("nul\0in", 6));
  const auto all = lines(folder_.text("trace"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[0].find(R"(a\nb\x0dc\x09d\x1b[31m\x7f e)"), std::string::npos) << all[0];
  EXPECT_NE(all[1].find(R"(nul\x00in)"), std::string::npos) << all[1];
}

TEST_F(Log, BracesAreTextAndNoFormat) {
  redirect(folder_.file("trace"));
  line("{} {0} {:d} %s");
  EXPECT_NE(folder_.text("trace").find("{} {0} {:d} %s"), std::string::npos);
}

TEST_F(Log, KeepsALongLineWhole) {
  redirect(folder_.file("trace"));
  line(std::string(100'000, 'x'));
  const auto all = lines(folder_.text("trace"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_NE(all[0].find(std::string(100'000, 'x')), std::string::npos);
}

TEST_F(Log, AddsToAFileThatIsThere) {
  folder_.make("trace", "before\n");
  redirect(folder_.file("trace"));
  line("after");
  const auto all = lines(folder_.text("trace"));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0], "before");
}

TEST_F(Log, GoesToTheStandardErrorWhenAsked) {
  ::testing::internal::CaptureStderr();
  redirect("stderr");
  line("seen by the user");
  redirect("");
  const auto text = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("seen by the user\n"), std::string::npos);
}

TEST_F(Log, APlaceThatCannotBeWrittenIsSilent) {
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  redirect("/nonexistent-folder/trace");
  EXPECT_FALSE(enabled());
  line("lost");
  redirect(folder_.path());  // a folder
  EXPECT_FALSE(enabled());
  line("lost");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST_F(Log, AFullDiskDisturbsNobody) {
  ::testing::internal::CaptureStderr();
  redirect("/dev/full");
  EXPECT_TRUE(enabled());
  line("lost");
  redirect("");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(Log, ThreadsDoNotTearEachOthersLines) {
  redirect(folder_.file("trace"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int j = 0; j < 200; ++j) line("<" + std::string(100, static_cast<char>('a' + i)) + ">");
    });
  }
  for (auto& thread : threads) thread.join();
  const auto all = lines(folder_.text("trace"));
  EXPECT_EQ(all.size(), 800u);
  const std::regex form(R"(.* <(a{100}|b{100}|c{100}|d{100})>)");
  for (const auto& one : all) EXPECT_TRUE(std::regex_match(one, form)) << one;
}

TEST_F(Log, TwoProcessesShareAFile) {
  redirect(folder_.file("trace"));
  const auto write_many = [](char letter) {
    for (int j = 0; j < 300; ++j) line("<" + std::string(200, letter) + ">");
    return 0;
  };
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(write_many('c'));
  write_many('p');
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const auto all = lines(folder_.text("trace"));
  EXPECT_EQ(all.size(), 600u);
  const std::regex form(R"(.* <(c{200}|p{200})>)");
  for (const auto& one : all) EXPECT_TRUE(std::regex_match(one, form)) << one;
}

TEST_F(Log, TwoOpenersShareAFile) {
  // Not one descriptor inherited but two of their own: only O_APPEND keeps their lines apart.
  const auto path = folder_.file("trace");
  const auto opener = [&] {
    redirect(path);
    for (int j = 0; j < 300; ++j) line("<" + std::string(200, 'x') + ">");
    return 0;
  };
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(opener());
  opener();
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(lines(folder_.text("trace")).size(), 600u);
}

TEST_F(Log, AChildOfForkWritesUnderItsOwnNumber) {
  redirect(folder_.file("trace"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    line("from the child");
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  const auto text = folder_.text("trace");
  EXPECT_NE(text.find(" " + std::to_string(child) + "/"), std::string::npos) << text;
}

TEST_F(Log, ReadsTheEnvironmentAtTheFirstQuestion) {
  const auto path = folder_.file("from-environment");
  ::setenv("FREEVISA_TRACE", path.c_str(), 1);
  EXPECT_EQ(test::in_child([] {
              detail::state.store(detail::State::unknown);  // as in a process just started
              if (!enabled()) return 1;
              line("by the environment");
              return 0;
            }),
            "");
  ::unsetenv("FREEVISA_TRACE");
  EXPECT_NE(folder_.text("from-environment").find("by the environment"), std::string::npos);
  EXPECT_EQ(test::in_child([] {
              detail::state.store(detail::State::unknown);
              return enabled() ? 1 : 0;
            }),
            "");
}

TEST_F(Log, OpensOnAThreadThatIsBeingCancelled) {
  test::EndedThread thread([this] {
    ::pthread_cancel(::pthread_self());
    redirect(folder_.file("trace"));
    ::pthread_testcancel();
  });
  EXPECT_TRUE(thread.join());
  EXPECT_TRUE(enabled());
}

TEST_F(Log, ARecordMayEndAThreadThatIsBeingCancelled) {
  redirect(folder_.file("trace"));
  test::EndedThread thread([] {
    ::pthread_cancel(::pthread_self());
    line("written or not");
    ::pthread_testcancel();
  });
  EXPECT_TRUE(thread.join());
  line("by another");
  EXPECT_NE(folder_.text("trace").find("by another"), std::string::npos);
}

TEST_F(Log, TheFileIsNotInheritedByPrograms) {
  redirect(folder_.file("trace"));
  bool found = false;
  for (int fd = 3; fd < 256; ++fd) {
    char target[4096] = {};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    if (::readlink(link.c_str(), target, sizeof target - 1) < 0) continue;
    if (folder_.file("trace") != target) continue;
    found = true;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace visa::log
