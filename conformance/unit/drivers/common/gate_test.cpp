// SPDX-License-Identifier: MIT
#include "drivers/common/gate.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

namespace visa::test {
namespace {

using drivers::Gate;
using drivers::GatePass;
using std::chrono::milliseconds;

TEST(Gate, LetsOneThroughAtATime) {
  Gate gate;
  int inside = 0;
  int most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        Call call(Deadline::infinite());
        const GatePass pass(gate, call);
        most = std::max(most, ++inside);
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
}

TEST(Gate, WaitsToTheDeadlineAndNoLonger) {
  Gate gate;
  Call first(Deadline::immediate());
  const GatePass pass(gate, first);
  EXPECT_EQ(pass.status(), Status::success);
  Call second(Deadline::after(milliseconds(30)));
  EXPECT_EQ(GatePass(gate, second).status(), Status::error_tmo);
  EXPECT_TRUE(second.deadline.expired());
  Call third(Deadline::immediate());
  EXPECT_EQ(GatePass(gate, third).status(), Status::error_tmo);
}

TEST(Gate, CancelledWaiterLeaves) {
  Gate gate;
  Call first(Deadline::infinite());
  const GatePass pass(gate, first);
  Call second(Deadline::infinite());
  auto waiting = std::async(std::launch::async, [&] { return GatePass(gate, second).status(); });
  second.cancel();
  gate.wake();
  EXPECT_EQ(waiting.get(), Status::error_abort);
}

TEST(Gate, OpensWhenTheOneInsideLeaves) {
  Gate gate;
  Call call(Deadline::infinite());
  std::future<Status> waiting;
  {
    const GatePass pass(gate, call);
    waiting = std::async(std::launch::async, [&] { return GatePass(gate, call).status(); });
  }
  EXPECT_EQ(waiting.get(), Status::success);
}

}  // namespace
}  // namespace visa::test
