// SPDX-License-Identifier: MIT
// What each fault leaves of a reply in two parts.
#include "tools/sim/gpib/gpib_reply.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "conformance/unit/tools/sim/gpib/noting_instrument.h"
#include "tools/sim/base/event_loop.h"
#include "tools/sim/gpib/gpib_faults.h"

namespace visa::sim {
namespace {

class GpibReplyTest : public testing::Test {
 protected:
  GpibReplyTest() { bus.add(dmm, GpibPlace{5}); }
  /// "abcdef" and "gh", and what of it may go within the time.
  std::string said(const Fault& fault, std::chrono::milliseconds time) {
    dmm.faults().add(fault);
    output = PacedOutput();
    GpibReply reply(bus.find({5}), kGpibRead);
    const auto begun = Clock::now();
    reply.send("abcdef", false, output);
    reply.send("gh", true, output);
    output.release(begun + time);
    return output.ready().take(100).bytes;
  }

  EventLoop loop;
  NotingInstrument dmm;
  GpibBus bus{loop};
  PacedOutput output;
};

constexpr std::chrono::milliseconds kHour = std::chrono::hours(1);

TEST_F(GpibReplyTest, IsMetOnceAndWhereTheOperationIsThat) {
  EXPECT_EQ(said({.kind = &kGpibLostFault, .count = 1, .operation = &kGpibPoll}, kHour),
            "abcdefgh");
  EXPECT_EQ(said({.kind = &kGpibLostFault, .count = 1, .operation = &kGpibRead}, kHour), "");
  EXPECT_EQ(said({.kind = &kGpibAbsentFault}, kHour), "abcdefgh");  // no fault of replies
}

TEST_F(GpibReplyTest, WithoutAnInstrumentThereIsNoFault) {
  GpibReply reply(nullptr, kGpibRead);
  reply.send("abc", true, output);
  EXPECT_EQ(output.ready().take(100).bytes, "abc");
  EXPECT_EQ(meet_gpib_fault(nullptr, FaultPoint::call, kGpibRead), nullptr);
}

TEST_F(GpibReplyTest, LateIsAllOfItAndInOrder) {
  const Fault late{.kind = &kGpibLateFault, .delay = std::chrono::minutes(1), .count = 1};
  EXPECT_EQ(said(late, std::chrono::milliseconds(0)), "");
  EXPECT_EQ(said(late, kHour), "abcdefgh");
}

TEST_F(GpibReplyTest, PiecesHaveATimeBetweenThem) {
  const Fault split{
      .kind = &kGpibSplitFault, .delay = std::chrono::minutes(1), .pieces = 3, .count = 1};
  EXPECT_EQ(said(split, std::chrono::milliseconds(0)), "abc");
  EXPECT_EQ(said(split, kHour), "abcdefgh");
}

TEST_F(GpibReplyTest, ADropEndsTheConnectionAfterItsBytes) {
  const auto dropped = [&](std::size_t bytes, bool reset) {
    return said({.kind = &kGpibDropFault, .bytes = bytes, .reset = reset, .count = 1}, kHour);
  };
  EXPECT_EQ(dropped(0, false), "");
  EXPECT_EQ(output.ending(), PacedOutput::Ending::close);
  EXPECT_EQ(dropped(3, true), "abc");
  EXPECT_EQ(output.ending(), PacedOutput::Ending::reset);
  EXPECT_EQ(dropped(7, false), "abcdefg");
  EXPECT_EQ(dropped(100, false), "abcdefgh");
  EXPECT_EQ(output.ending(), PacedOutput::Ending::close);
}

}  // namespace
}  // namespace visa::sim
