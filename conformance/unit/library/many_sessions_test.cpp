// SPDX-License-Identifier: MIT
// Close and reopen at once, 80 times, against an instrument that admits one connection; 4,000
// sessions open together, and what each costs.
#include <poll.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include "conformance/unit/library/open_socket.h"
#include "conformance/unit/support/sanitizers.h"

namespace visa {
namespace {

class ManySessions : public test::RealSocket {};

// Serves one client: a second one that comes before the first is gone is turned away.
class JealousServer {
 public:
  explicit JealousServer(const test::LoopbackServer& server, int clients)
      : thread_([this, &server, clients] {
          test::PeerEnd current;
          for (int i = 0; i < clients; ++i) {
            auto next = server.accept();
            if (current.fd() >= 0) {
              char byte = 0;
              const ssize_t seen = ::recv(current.fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
              if (seen != 0) ++turned_away;
            }
            current = std::move(next);
            if (current.receive(6) != "*IDN?\n") ++strange;
            current.send("one at a time\n");
          }
        }) {}
  ~JealousServer() { thread_.join(); }
  std::atomic<int> turned_away{0};
  std::atomic<int> strange{0};

 private:
  std::thread thread_;
};

TEST_F(ManySessions, EightyCyclesOfCloseAndReopen) {
  const test::LoopbackServer listener;
  constexpr int kCycles = 80;
  JealousServer server(listener, kCycles);
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const ViSession session = open(listener);
    ASSERT_EQ(write(session, "*IDN?\n"), VI_SUCCESS);
    std::string data;
    ASSERT_EQ(read(session, data), VI_SUCCESS_TERM_CHAR);
    EXPECT_EQ(data, "one at a time\n");
    ASSERT_EQ(::viClose(session), VI_SUCCESS);
  }
  EXPECT_EQ(server.turned_away, 0);
  EXPECT_EQ(server.strange, 0);
}

std::size_t private_kilobytes() {
  std::ifstream stream("/proc/self/smaps_rollup");
  std::size_t sum = 0;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("Private_", 0) == 0) sum += std::stoul(line.substr(line.find(':') + 1));
  }
  return sum;
}

std::size_t threads() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator("/proc/self/task")) {
    ++count;
  }
  return count;
}

TEST_F(ManySessions, FourThousandAtOnce) {
  constexpr std::size_t kSessions = 4000;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t wanted = 2 * kSessions + 200;  // both ends are in this process
  if (limit.rlim_cur < wanted) {
    if (limit.rlim_max < wanted) {
      GTEST_SKIP() << "the hard limit of open files is " << limit.rlim_max << ", " << wanted
                   << " are needed";
    }
    limit.rlim_cur = wanted;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  const test::LoopbackServer server;
  const std::size_t threads_before = threads();
  std::vector<test::PeerEnd> peers;
  std::vector<ViSession> sessions;
  peers.reserve(kSessions);
  sessions.reserve(kSessions);
  {  // what the first session of a process costs once
    const ViSession first = open(server);
    peers.push_back(server.accept());
    ASSERT_EQ(::viClose(first), VI_SUCCESS);
    peers.clear();
  }
  const std::size_t before = private_kilobytes();
  for (std::size_t i = 0; i < kSessions; ++i) {
    sessions.push_back(open(server));
    peers.push_back(server.accept());
    ASSERT_NE(sessions.back(), static_cast<ViSession>(VI_NULL)) << "session " << i;
  }
  const std::size_t after = private_kilobytes();
  EXPECT_EQ(threads(), threads_before) << "no threads for numeric hosts";

  // A descriptor beyond what select() can hold, the first, one in between: all work, and are found.
  for (const std::size_t i : {std::size_t{0}, kSessions / 2, kSessions - 1}) {
    ASSERT_EQ(write(sessions[i], "*IDN?\n"), VI_SUCCESS);
    ASSERT_EQ(peers[i].receive(6), "*IDN?\n");
    ASSERT_TRUE(peers[i].send("number " + std::to_string(i) + "\n"));
    std::string data;
    ASSERT_EQ(read(sessions[i], data), VI_SUCCESS_TERM_CHAR);
    EXPECT_EQ(data, "number " + std::to_string(i) + "\n");
  }
  for (const ViSession session : sessions) {
    ViUInt32 value = 0;
    ASSERT_EQ(::viGetAttribute(session, VI_ATTR_RM_SESSION, &value), VI_SUCCESS);
    ASSERT_EQ(value, rm_);
  }

  const double each = static_cast<double>(after - before) / static_cast<double>(kSessions);
  std::cout << "private memory a session: " << each << " kB\n";
  RecordProperty("private_kB_per_session", std::to_string(each));
  if (!test::kAddressSanitizer && !test::kThreadSanitizer) {
    EXPECT_LE(each, 16.0);  // 8 is wanted; the figure above is for people
  }
  ASSERT_EQ(::viClose(rm_), VI_SUCCESS);
  rm_ = VI_NULL;
  for (const auto& peer : peers) ASSERT_EQ(peer.next(), 0);
}

}  // namespace
}  // namespace visa
