// SPDX-License-Identifier: MIT
// Calls that are blocked in real system calls, ended from outside: pthread_cancel, viTerminate,
// viClose at every moment.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "conformance/unit/library/open_socket.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa {
namespace {

class Cancel : public test::RealSocket {
 protected:
  // The thread number of whoever waits in recv or poll is not ours to see; that it sleeps is.
  static bool asleep(pid_t thread) {
    std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string line;
    std::getline(stat, line);
    const auto at = line.rfind(") ");
    return at != std::string::npos && line[at + 2] == 'S';
  }
  static void wait_until_asleep(const std::atomic<pid_t>& thread) {
    const auto limit = std::chrono::steady_clock::now() + test::kPatience;
    while ((thread == 0 || !asleep(thread)) && std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
  }

  test::LoopbackServer server_;
};

TEST_F(Cancel, PthreadCancelInARealReadLeavesAUsableSession) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  for (int round = 0; round < 20; ++round) {
    std::atomic<pid_t> reader{0};
    test::EndedThread thread([&] {
      reader = ::gettid();
      std::string data;
      read(session, data);
    });
    wait_until_asleep(reader);
    thread.cancel();
    EXPECT_TRUE(thread.join());
  }
  ASSERT_TRUE(peer.send("fine\n"));
  std::string data;
  EXPECT_EQ(read(session, data), VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(data, "fine\n");
  EXPECT_EQ(::viClose(session), VI_SUCCESS);
  EXPECT_EQ(peer.next(), 0);
}

TEST_F(Cancel, PthreadCancelInFormattedCallsLeavesTheirBuffersUsable) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  int value = -1;
  for (int round = 0; round < 20; ++round) {
    std::atomic<pid_t> reader{0};
    test::EndedThread thread([&] {
      reader = ::gettid();
      if (round % 2 == 0) {
        ::viScanf(session, "%d", &value);
      } else {
        ::viQueryf(session, "%d?\n", "%d", round, &value);
      }
    });
    wait_until_asleep(reader);
    thread.cancel();
    EXPECT_TRUE(thread.join());
    // A thread that is ended while it sends takes its message with it.
    test::EndedThread printer([&] {
      ::pthread_cancel(::pthread_self());
      ::viPrintf(session, "lost\n");
      ::pthread_testcancel();
    });
    EXPECT_TRUE(printer.join());
  }
  EXPECT_EQ(::viPrintf(session, "fine?"), VI_SUCCESS);
  ASSERT_TRUE(peer.send("42\n"));
  EXPECT_EQ(::viQueryf(session, "\n", "%d", &value), VI_SUCCESS);
  EXPECT_EQ(value, 42);
  EXPECT_EQ(::viClose(session), VI_SUCCESS);
  std::string sent;
  char piece[256];
  for (ssize_t got = 1; got > 0;
       sent.append(piece, static_cast<std::size_t>(std::max<ssize_t>(got, 0)))) {
    got = ::recv(peer.fd(), piece, sizeof piece, 0);
  }
  EXPECT_EQ(sent.substr(sent.rfind('?') - 4), "fine?\n") << sent;
  EXPECT_NE(sent.find("19?\n"), std::string::npos);
}

TEST_F(Cancel, EveryCallSurvivesAPendingCancel) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  std::string data;
  ViSession other = VI_NULL;
  const std::function<void()> operations[] = {
      [&] { ::viClear(session); },
      [&] { ::viTerminate(session, VI_NULL, VI_NULL); },
      [&] { write(session, "x"); },
      [&] { read(session, data); },
      [&] { ::viOpen(rm_, name(server_).c_str(), VI_NO_LOCK, 0, &other); },
      [&] { ::viOpen(rm_, "TCPIP0::127.0.0.1::1::SOCKET", VI_NO_LOCK, 0, &other); },
      [&] { ::viOpenDefaultRM(&other); },
      [&] { ::viFlush(session, VI_IO_IN_BUF); },
      [&] { ::viPrintf(session, "x"); },
      [&] { ::viFlush(session, VI_WRITE_BUF | VI_READ_BUF); },
      [&] { ::viSetBuf(session, VI_WRITE_BUF | VI_READ_BUF, 100'000); },
      [&] { ::viBufWrite(session, nullptr, 0, nullptr); },
      [&] { ::viQueryf(session, "x\n", "%*t"); },
      [&] { ::viScanf(session, "%*d"); },
      [&] { ::viClose(session); },  // close and shutdown under a noexcept close
  };
  for (const auto& operation : operations) {
    test::EndedThread thread([&] {
      ::pthread_cancel(::pthread_self());
      operation();
      ::pthread_testcancel();
    });
    EXPECT_TRUE(thread.join());
  }
  EXPECT_EQ(::viClear(session), VI_ERROR_INV_OBJECT) << "viClose went through";
  char rest[64];
  ssize_t got = 1;
  while (got > 0) got = ::recv(peer.fd(), rest, sizeof rest, 0);
  EXPECT_EQ(got, 0) << "and ended the connection";
}

TEST_F(Cancel, ATerminateOnAThreadBeingCancelledStillWakesTheReader) {
  const ViSession session = open(server_);
  const auto peer = server_.accept();
  std::atomic<pid_t> reader{0};
  ViStatus status = VI_SUCCESS;
  std::thread blocked([&] {
    reader = ::gettid();
    std::string data;
    status = read(session, data);
  });
  wait_until_asleep(reader);
  test::EndedThread thread([&] {
    ::pthread_cancel(::pthread_self());
    ::viTerminate(session, VI_NULL, VI_NULL);  // writes to an eventfd under a noexcept wake
    ::pthread_testcancel();
  });
  EXPECT_TRUE(thread.join());
  blocked.join();
  EXPECT_EQ(status, VI_ERROR_ABORT);
}

TEST_F(Cancel, TerminateAndCloseAtEveryMomentOfARealRead) {
  for (int round = 0; round < 300; ++round) {
    const ViSession session = open(server_);
    const auto peer = server_.accept();
    std::atomic<bool> go{false};
    std::atomic<bool> done{false};
    ViStatus status = VI_SUCCESS;
    std::thread reader([&] {
      while (!go) std::this_thread::yield();
      std::string data;
      status = read(session, data);
      done = true;
    });
    go = true;
    for (int i = 0; i < round % 13; ++i) std::this_thread::yield();
    if (round % 2 == 0) {
      while (!done) {
        ASSERT_EQ(::viTerminate(session, VI_NULL, VI_NULL), VI_SUCCESS);
        std::this_thread::yield();
      }
      reader.join();
      ASSERT_EQ(status, VI_ERROR_ABORT);
      ASSERT_TRUE(peer.send("next\n"));
      std::string data;
      ASSERT_EQ(read(session, data), VI_SUCCESS_TERM_CHAR) << "none is left for this one";
      ASSERT_EQ(data, "next\n");
    }
    ASSERT_EQ(::viClose(session), VI_SUCCESS);
    ASSERT_EQ(peer.next(), 0) << "closed when viClose has returned";
    if (reader.joinable()) {
      reader.join();
      ASSERT_TRUE(status == VI_ERROR_ABORT || status == VI_ERROR_INV_OBJECT) << std::hex << status;
    }
  }
}

}  // namespace
}  // namespace visa
