// SPDX-License-Identifier: MIT
// The words of the preload library: calls, memory in both directions, and ends at any point.
#include "tools/sim/usb/preload_client.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace visa::sim {
namespace {

using Words = std::array<unsigned long, 3>;

class Recorder : public PreloadClient {
 public:
  using PreloadClient::done;
  using PreloadClient::fetch;
  using PreloadClient::leave_to_program;
  using PreloadClient::PreloadClient;
  using PreloadClient::store;
  unsigned long request = 0;
  std::uint64_t argument = 0;
  std::size_t read_count = 0;
  bool closed = false;

 private:
  void on_ioctl(unsigned long number, std::uint64_t address) override {
    request = number;
    argument = address;
  }
  void on_read(std::uint64_t, std::size_t count) override { read_count = count; }
  void on_closed() override { closed = true; }
};

class PreloadClientTest : public ::testing::Test {
 protected:
  PreloadClientTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    program = FileDescriptor(ends[0]);
    client = std::make_unique<Recorder>(loop, FileDescriptor(ends[1]));
  }
  void put(const std::string& bytes) {
    EXPECT_EQ(::send(program.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    client->on_events(EPOLLIN);
  }
  void call(unsigned long command, unsigned long first, unsigned long second) {
    const Words words = {command, first, second};
    put({reinterpret_cast<const char*>(words.data()), sizeof words});
  }
  std::string get(std::size_t count) {
    std::string bytes(count, '\0');
    const ssize_t got = ::recv(program.get(), bytes.data(), count, 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return bytes;
  }
  Words words() {
    Words result{};
    const std::string bytes = get(sizeof result);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(result.data()));
    return result;
  }

  EventLoop loop;
  FileDescriptor program;
  std::unique_ptr<Recorder> client;
};

TEST_F(PreloadClientTest, ACallIsAnsweredLater) {
  call(1, 0x1234, 0x5678);
  EXPECT_EQ(client->request, 0x1234U);
  EXPECT_EQ(client->argument, 0x5678U);
  EXPECT_EQ(get(1), "");
  client->done(-1, EBUSY);
  EXPECT_EQ(words(), (Words{3, static_cast<unsigned long>(-1), EBUSY}));
  call(7, 1, 99);
  EXPECT_EQ(client->read_count, 99U);
  client->leave_to_program();
  EXPECT_EQ(words()[1], static_cast<unsigned long>(-100));
}

TEST_F(PreloadClientTest, MemoryIsFetchedInWhateverPiecesItComes) {
  call(1, 1, 2);
  std::string fetched;
  client->fetch(0x1000, 6, [&](const std::string& bytes) { fetched = bytes; });
  client->store(0x2000, std::string_view("abc"));
  client->on_events(EPOLLOUT);
  EXPECT_EQ(words(), (Words{5, 0x1000, 6}));
  EXPECT_EQ(words(), (Words{6, 0x2000, 3}));
  EXPECT_EQ(get(3), "abc");
  put("123");
  EXPECT_EQ(fetched, "");
  put("456");
  EXPECT_EQ(fetched, "123456");
  client->fetch(0, 0, [&](const std::string& bytes) { fetched = bytes; });
  EXPECT_EQ(fetched, "");
}

TEST_F(PreloadClientTest, WhatIsTooLongOrUnknownIsRefused) {
  call(1, 1, 2);
  client->fetch(0, PreloadClient::kMostMemory + 1, [](const std::string&) { FAIL(); });
  EXPECT_EQ(words(), (Words{3, static_cast<unsigned long>(-1), ENOMEM}));
  call(8, 1, 2);
  EXPECT_EQ(words(), (Words{3, static_cast<unsigned long>(-1), EINVAL})) << "write()";
  call(77, 1, 2);
  EXPECT_EQ(words()[1], static_cast<unsigned long>(-100));
}

TEST_F(PreloadClientTest, WhatTheSocketDoesNotTakeGoesLater) {
  call(1, 1, 2);
  client->store(0x1000, std::string(4 << 20, 'x'));
  client->done(0);
  EXPECT_EQ(words(), (Words{6, 0x1000, 4 << 20}));
  std::size_t count = 0;
  for (int turns = 0; count < (4U << 20) && turns < 10000; ++turns) {
    count += get(std::min<std::size_t>(65536, (4U << 20) - count)).size();
    client->on_events(EPOLLOUT);
  }
  EXPECT_EQ(count, 4U << 20);
  EXPECT_EQ(words()[0], 3U);
}

TEST_F(PreloadClientTest, TheEndIsNoticedInTheMiddleOfACall) {
  put("half a");
  EXPECT_FALSE(client->closed);
  program = FileDescriptor();
  client->on_events(EPOLLIN | EPOLLHUP);
  EXPECT_TRUE(client->closed);
  client->done(0);
}

}  // namespace
}  // namespace visa::sim
