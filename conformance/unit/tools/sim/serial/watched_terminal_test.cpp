// SPDX-License-Identifier: MIT
#include "tools/sim/serial/watched_terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <string>

#include "conformance/unit/support/temp_folder.h"

namespace visa::sim {
namespace {

/// Is opened, gets input, sees the hang-up, and stops the loop.
class User final : public WatchedTerminal::User {
 public:
  explicit User(EventLoop& loop) : loop_(loop) {}
  void on_opened() override {
    if (++opened > 1) return;
    EXPECT_EQ(::write(program, "x\n", 2), 2);
    terminal->watch(EPOLLIN);
  }
  void on_events(std::uint32_t events) override {
    if ((events & EPOLLIN) != 0 && program >= 0) {
      ++inputs;
      ::close(program);
      program = -1;
      char input[16];
      EXPECT_GT(::read(terminal->fd(), input, sizeof input), 0);
      terminal->watch(EPOLLHUP);
      return;
    }
    hung_up = (events & EPOLLHUP) != 0;
    terminal->watch(0);
    loop_.stop();
  }
  WatchedTerminal* terminal = nullptr;
  int program = -1;  // the file of the one that has opened it
  int opened = 0;
  int inputs = 0;
  bool hung_up = false;

 private:
  EventLoop& loop_;
};

TEST(WatchedTerminal, HearsOfAnOpeningOfInputAndOfAHangUp) {
  const test::TempFolder folder;
  EventLoop loop;
  User user(loop);
  WatchedTerminal terminal(loop, folder.file("port"), user);
  user.terminal = &terminal;
  EXPECT_EQ(terminal.watched(), 0U);
  user.program = ::open(terminal.terminal().path().c_str(), O_RDWR | O_NOCTTY);
  ASSERT_GE(user.program, 0);
  loop.run();
  EXPECT_EQ(user.opened, 1);
  EXPECT_EQ(user.inputs, 1);
  EXPECT_TRUE(user.hung_up);
  EXPECT_EQ(terminal.watched(), 0U);
}

TEST(WatchedTerminal, PluggedInAnewItHasTheSameName) {
  const test::TempFolder folder;
  EventLoop loop;
  User user(loop);
  WatchedTerminal terminal(loop, folder.file("port"), user);
  const int old = ::open(terminal.terminal().path().c_str(), O_RDWR | O_NOCTTY);
  terminal.watch(EPOLLIN);
  terminal.replug();
  EXPECT_EQ(terminal.watched(), 0U);
  char input = 0;
  EXPECT_LE(::read(old, &input, 1), 0);  // hung up
  const int fresh = ::open(terminal.terminal().path().c_str(), O_RDWR | O_NOCTTY);
  EXPECT_GE(fresh, 0);
  EXPECT_TRUE(terminal.terminal().connected());
  ::close(old);
  ::close(fresh);
}

}  // namespace
}  // namespace visa::sim
