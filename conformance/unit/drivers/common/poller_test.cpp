// SPDX-License-Identifier: MIT
#include "drivers/common/poller.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <thread>

#include "lib/base/unique_fd.h"

namespace visa::test {
namespace {

using drivers::Poller;
using std::chrono::milliseconds;

class PollerTest : public testing::Test {
 protected:
  PollerTest() {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    out = UniqueFd(ends[0]);
    in = UniqueFd(ends[1]);
  }

  UniqueFd out;
  UniqueFd in;
  Poller poller;
};

TEST_F(PollerTest, ReadyDescriptorEndsTheWait) {
  ASSERT_EQ(::write(in.get(), "x", 1), 1);
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::infinite())), Status::success);
}

TEST_F(PollerTest, HangUpEndsTheWaitToo) {
  in.reset();
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::infinite())), Status::success);
}

TEST_F(PollerTest, DeadlineEndsTheWaitAndNotBefore) {
  const auto start = Deadline::Clock::now();
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::after(milliseconds(30)))),
            Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, milliseconds(30));
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::immediate())), Status::error_tmo);
}

TEST_F(PollerTest, CancelledCallDoesNotWait) {
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(poller.wait(out.get(), POLLIN, call), Status::error_abort);
  Call immediate(Deadline::immediate());
  immediate.cancel();
  EXPECT_EQ(poller.wait(out.get(), POLLIN, immediate), Status::error_abort);
}

TEST_F(PollerTest, StaleWakeUpsDoNotShortenTheNextWait) {
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::after(milliseconds(1)))),
            Status::error_tmo);
  poller.wake();
  poller.wake();
  const auto start = Deadline::Clock::now();
  EXPECT_EQ(poller.wait(out.get(), POLLIN, Call(Deadline::after(milliseconds(40)))),
            Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, milliseconds(40));
}

TEST_F(PollerTest, NoWakeUpIsLostHoweverTheyMeet) {
  for (int round = 0; round < 2000; ++round) {
    Poller fresh;  // its descriptor is made while the canceller runs
    Call call(Deadline::infinite());
    std::thread canceller([&] {
      call.cancel();
      fresh.wake();
    });
    EXPECT_EQ(fresh.wait(out.get(), POLLIN, call), Status::error_abort);
    canceller.join();
  }
}

}  // namespace
}  // namespace visa::test
