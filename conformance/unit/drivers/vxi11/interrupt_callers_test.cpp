// SPDX-License-Identifier: MIT
// Who may stay of those that call for service requests.
#include "drivers/vxi11/interrupt_callers.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <vector>

namespace visa::test {
namespace {

using drivers::vxi11::InterruptCaller;
using drivers::vxi11::InterruptCallers;

class InterruptCallersTest : public testing::Test {
 protected:
  void admit(std::uint32_t peer, bool expected, std::size_t sessions = 1) {
    InterruptCaller caller;
    caller.socket = UniqueFd(::eventfd(0, EFD_CLOEXEC));
    caller.peer = peer;
    caller.expected = expected;
    caller.since = Deadline::at(now);
    callers.admit(std::move(caller), sessions);
  }
  std::size_t from(std::uint32_t peer) {
    std::size_t count = 0;
    for (const InterruptCaller& one : callers.all()) count += one.peer == peer ? 1 : 0;
    return count;
  }

  static constexpr std::size_t kRoom = InterruptCallers::kMostEach + InterruptCallers::kSpare;
  Deadline::Clock::time_point now = Deadline::Clock::now();
  InterruptCallers callers;
  int owner = 0;
};

TEST_F(InterruptCallersTest, UnexpectedOnesStayForAWhile) {
  admit(1, false);
  admit(2, true);
  admit(3, false);
  callers.prove(callers.all()[2], &owner);
  EXPECT_EQ(callers.next_end(), Deadline::at(now + InterruptCallers::kMostUnproven));
  callers.tidy(now + InterruptCallers::kMostUnproven - std::chrono::milliseconds(1));
  EXPECT_EQ(callers.all().size(), 3u);
  callers.tidy(now + InterruptCallers::kMostUnproven);
  EXPECT_EQ(callers.all().size(), 2u);
  EXPECT_EQ(from(1), 0u);
  EXPECT_TRUE(callers.next_end().is_infinite());
}

TEST_F(InterruptCallersTest, RoomIsBounded) {
  for (std::uint32_t i = 0; i < 1000; ++i) admit(i % 7, i % 2 == 0);
  EXPECT_EQ(callers.all().size(), kRoom);
  for (std::uint32_t i = 0; i < 1000; ++i) admit(i % 7, i % 2 == 0, 10);
  EXPECT_EQ(callers.all().size(), kRoom + 9 * InterruptCallers::kMostEach);
}

TEST_F(InterruptCallersTest, ExpectedOneTakesThePlaceOfAStranger) {
  for (std::uint32_t i = 0; i < kRoom; ++i) admit(100 + i, false);
  admit(1, true);
  EXPECT_EQ(from(1), 1u);
  EXPECT_EQ(from(100), 0u);  // the oldest
  for (std::uint32_t i = 0; i < 500; ++i) admit(1000 + i, false);
  EXPECT_EQ(from(1), 1u);
}

// Dead connections, of an instrument that was switched off and on, kept its live one out.
TEST_F(InterruptCallersTest, NewcomerTakesThePlaceOfTheOneSilentForLongest) {
  for (const bool expected : {false, true}) {
    callers.all().clear();
    for (std::size_t i = 0; i < kRoom; ++i) admit(1, expected);
    std::vector<int> sockets;
    for (const InterruptCaller& one : callers.all()) sockets.push_back(one.socket.get());
    for (std::size_t i = 0; i < kRoom / 2; ++i) {
      const int oldest = callers.all().front().socket.get();
      EXPECT_EQ(oldest, sockets[i]);
      admit(1, expected);
      EXPECT_EQ(callers.all().size(), kRoom);
      EXPECT_NE(callers.all().front().socket.get(), oldest);
    }
  }
}

TEST_F(InterruptCallersTest, ConnectionThatIsUsedOutlivesThoseThatAreNot) {
  for (std::size_t i = 0; i < InterruptCallers::kMostEach; ++i) {
    admit(1, true);
    callers.prove(callers.all().back(), &owner);
  }
  const int used = callers.all().front().socket.get();
  const int unused = callers.all()[1].socket.get();
  callers.prove(callers.all().front(), &owner);  // its second service request
  admit(1, true);
  callers.prove(callers.all().back(), &owner);
  callers.tidy(now);
  EXPECT_EQ(callers.all().size(), InterruptCallers::kMostEach);
  EXPECT_EQ(callers.all().front().socket.get(), used);
  EXPECT_NE(callers.all()[1].socket.get(), unused);
}

TEST_F(InterruptCallersTest, CrowdFromOneAddressCrowdsOutItself) {
  for (const bool expected : {false, true}) {
    callers.all().clear();
    admit(1, expected);
    for (int i = 0; i < 500; ++i) admit(9, expected);
    admit(2, expected);
    EXPECT_EQ(from(1), 1u);
    EXPECT_EQ(from(2), 1u);
    EXPECT_EQ(from(9), kRoom - 2);
  }
}

TEST_F(InterruptCallersTest, ProvenOnesAreOutOfReachAndFewForEachSession) {
  for (std::uint32_t i = 0; i < 6; ++i) {
    admit(1, true);
    callers.prove(callers.all().back(), &owner);
    callers.tidy(now);
  }
  EXPECT_EQ(from(1), InterruptCallers::kMostEach);
  for (int i = 0; i < 500; ++i) admit(9, false);
  EXPECT_EQ(from(1), InterruptCallers::kMostEach);
}

TEST_F(InterruptCallersTest, DoubtEndsAnUnprovenOneAlone) {
  admit(1, true);
  InterruptCaller& caller = callers.all().front();
  for (unsigned i = 1; i < InterruptCallers::kMostUnknown; ++i) {
    EXPECT_TRUE(InterruptCallers::doubt(caller));
  }
  EXPECT_FALSE(InterruptCallers::doubt(caller));
  callers.prove(caller, &owner);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(InterruptCallers::doubt(caller));
}

}  // namespace
}  // namespace visa::test
