// SPDX-License-Identifier: MIT
// viTerminate and viClose at every moment of a read: thousands of rounds of two threads that meet
// where they happen to. What must hold in each: the read ends, with one of the answers that fit;
// the terminate does not outlive the call it hit; the connection is closed once.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using test::FakeWire;

class SessionStress : public test::VisaSession {
 protected:
  // Both threads pass here before they act; `lead` spins one of them for a changing while.
  static void meet(std::atomic<int>& arrived, int lead) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
    for (int i = 0; i < lead; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
  }
};

TEST_F(SessionStress, TerminateAtEveryMomentOfARead) {
  std::shared_ptr<FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
  int aborted = 0;
  for (int round = 0; round < 2000; ++round) {
    wire->blocks("read");
    std::atomic<int> arrived{0};
    std::atomic<bool> done{false};
    ViStatus status = VI_SUCCESS;
    std::thread reader([&] {
      char room[4];
      meet(arrived, round % 7 * 50);
      status = ::viRead(session, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr);
      done = true;
    });
    meet(arrived, round % 11 * 40);
    // The first may come too early, and is then nobody's; the next one hits.
    while (!done) {
      ASSERT_EQ(::viTerminate(session, VI_NULL, VI_NULL), VI_SUCCESS);
      std::this_thread::yield();
    }
    reader.join();
    ASSERT_EQ(status, VI_ERROR_ABORT);
    ++aborted;
    // None is left over for this one; it takes no step, so it finds an unread block or nothing.
    ASSERT_EQ(write(session, "x"), VI_SUCCESS) << "in round " << round;
  }
  EXPECT_EQ(aborted, 2000);
}

TEST_F(SessionStress, CloseAtEveryMomentOfARead) {
  for (int round = 0; round < 2000; ++round) {
    std::shared_ptr<FakeWire> wire;
    const ViSession session = open(test::kSocket, wire);
    ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
    wire->blocks("read");
    std::atomic<int> arrived{0};
    ViStatus status = VI_SUCCESS;
    std::thread reader([&] {
      char room[4];
      meet(arrived, round % 7 * 50);
      status = ::viRead(session, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr);
    });
    meet(arrived, round % 11 * 40);
    ASSERT_EQ(::viClose(session), VI_SUCCESS);
    ASSERT_EQ(wire->count("close"), 1u);
    reader.join();
    // Before, during: never the answer of a read that worked.
    ASSERT_TRUE(status == VI_ERROR_ABORT || status == VI_ERROR_INV_OBJECT) << std::hex << status;
    ASSERT_TRUE(wire->channel_destroyed());
  }
}

TEST_F(SessionStress, ManyThreadsOnOneSessionAreServedOneByOne) {
  std::shared_ptr<FakeWire> wire;
  const ViSession session = open(test::kSocket, wire);
  for (int i = 0; i < 4 * 200; ++i) wire->answers("a", spi::StopReason::end);
  std::atomic<int> answers{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        std::string data;
        if (read(session, data) == VI_SUCCESS && data == "a") ++answers;
        if (write(session, "w") != VI_SUCCESS) --answers;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answers, 800);  // the fake itself reports two transfers at once
}

}  // namespace
}  // namespace visa::core
