// SPDX-License-Identifier: MIT
// A real connection and a child of fork that has a copy of its descriptor.
#include <poll.h>
#include <signal.h>

#include "conformance/unit/library/open_socket.h"
#include "conformance/unit/support/child_process.h"

namespace visa {
namespace {

class Fork : public test::RealSocket {
 protected:
  test::LoopbackServer server_;
};

TEST_F(Fork, TheChildsCloseDoesNotReachTheInstrument) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  EXPECT_EQ(test::in_child([&] {
              std::string data;
              if (write(session, "x") != VI_ERROR_INV_OBJECT) return 1;
              if (::viDisableEvent(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH) < 0) return 2;
              if (::viDiscardEvents(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH) < 0) return 3;
              if (::viClose(session) != VI_SUCCESS) return 4;
              return ::viClose(rm_) == VI_SUCCESS ? 0 : 5;
            }),
            "");
  pollfd silent{peer.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&silent, 1, 0), 0) << "neither a byte nor the end arrived";
  ASSERT_EQ(write(session, "*IDN?\n"), VI_SUCCESS);
  EXPECT_EQ(peer.receive(6), "*IDN?\n");
  ASSERT_TRUE(peer.send("parent\n"));
  std::string data;
  EXPECT_EQ(read(session, data), VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(data, "parent\n");
}

TEST_F(Fork, TheParentsCloseEndsTheConnectionThoughTheChildHasACopy) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // lives on with the descriptor until the parent lets it go
    ::alarm(60);
    ::close(gate[1]);
    char byte = 0;
    ::_exit(::read(gate[0], &byte, 1) == 0 ? 0 : 1);
  }
  ::close(gate[0]);
  EXPECT_EQ(::viClose(session), VI_SUCCESS);
  EXPECT_EQ(peer.next(), 0) << "the instrument sees the end while the child lives";
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, WNOHANG), 0);
  ::close(gate[1]);
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A worker that outlives the program that made it must not keep the instrument's only session.
TEST_F(Fork, TheDeathOfTheParentEndsTheConnectionThoughAChildLives) {
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    ::alarm(60);
    open(server_);  // on the manager of this test, which serves here, too
    const pid_t worker = ::fork();
    if (worker == 0) {
      ::alarm(60);
      ::close(gate[1]);
      char byte = 0;
      ::_exit(::read(gate[0], &byte, 1) == 0 ? 0 : 1);
    }
    ::kill(::getpid(), SIGKILL);
  }
  ::close(gate[0]);
  const auto peer = server_.accept();
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(peer.next(), 0) << "the instrument sees the end while the worker lives";
  ::close(gate[1]);
}

TEST_F(Fork, TheChildHasConnectionsOfItsOwn) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  const auto address = name(server_);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::alarm(60);
    ViSession own = VI_NULL;
    ViSession mine = VI_NULL;
    if (::viOpenDefaultRM(&own) != VI_SUCCESS) ::_exit(1);
    if (::viOpen(own, address.c_str(), VI_NO_LOCK, 0, &mine) != VI_SUCCESS) ::_exit(2);
    if (write(mine, "child\n") != VI_SUCCESS) ::_exit(3);
    ::_exit(::viClose(own) == VI_SUCCESS ? 0 : 4);
  }
  const auto second = server_.accept();
  EXPECT_EQ(second.receive(6), "child\n");
  EXPECT_EQ(second.next(), 0);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  ASSERT_EQ(write(session, "parent\n"), VI_SUCCESS);
  EXPECT_EQ(peer.receive(7), "parent\n");
}

}  // namespace
}  // namespace visa
