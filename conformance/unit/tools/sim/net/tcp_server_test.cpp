// SPDX-License-Identifier: MIT
// Connections that end by themselves or for want of memory; the others are served on.
#include "tools/sim/net/tcp_server.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <new>
#include <string_view>
#include <thread>

#include "conformance/unit/tools/sim/socket/client.h"

namespace visa::sim {
namespace {

/// Sends back what it receives; "quit" ends it, and "more" asks for more memory than there is.
class Echo final : public TcpConnection {
 public:
  Echo(TcpServer& server, FileDescriptor socket) : server_(server), socket_(std::move(socket)) {
    server_.loop().add(socket_.get(), EPOLLIN, *this);
  }
  ~Echo() override { server_.loop().remove(socket_.get()); }

  void on_events(std::uint32_t) override {
    server_.serve(*this, [this] {
      std::array<char, 64> room;
      const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
      if (count <= 0) {
        return false;
      }
      const std::string_view text(room.data(), static_cast<std::size_t>(count));
      if (text == "more") {
        throw std::bad_alloc();
      }
      return text != "quit" &&
             ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == count;
    });
  }
  void on_due(Clock::time_point) override {}

 private:
  TcpServer& server_;
  FileDescriptor socket_;
};

class TcpServerTest : public ::testing::Test {
 protected:
  ~TcpServerTest() override {
    loop.stop();
    thread.join();
  }

  EventLoop loop;
  TcpServer server{loop, "127.0.0.1", 0, [this](FileDescriptor socket) {
                     return std::make_unique<Echo>(server, std::move(socket));
                   }};
  std::thread thread{[this] { loop.run(); }};
};

TEST_F(TcpServerTest, ConnectionEndsAloneByItselfAndForWantOfMemory) {
  Client other(server.port());
  for (const char* const end : {"quit", "more"}) {
    Client client(server.port());
    ASSERT_TRUE(client.send("one"));
    EXPECT_EQ(client.receive(3), "one");
    ASSERT_TRUE(client.send(end));
    EXPECT_EQ(client.receive(1), "") << end;
    ASSERT_TRUE(other.send("two"));
    EXPECT_EQ(other.receive(3), "two");
  }
}

}  // namespace
}  // namespace visa::sim
