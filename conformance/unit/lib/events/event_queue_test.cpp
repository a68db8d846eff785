// SPDX-License-Identifier: MIT
#include "lib/events/event_queue.h"

#include <gtest/gtest.h>

#include <memory>

namespace visa::events {
namespace {

Occurrence make(ViEventType type) {
  return std::make_shared<const spi::EventRecord>(spi::EventRecord{type, {}});
}

TEST(EventQueue, HandsOutInOrderOfArrivalByType) {
  EventQueue queue;
  const auto a = make(VI_EVENT_SERVICE_REQ);
  const auto b = make(VI_EVENT_IO_COMPLETION);
  const auto c = make(VI_EVENT_SERVICE_REQ);
  for (const auto& one : {a, b, c}) EXPECT_TRUE(queue.push(one, 50));
  auto taken = queue.take(VI_EVENT_IO_COMPLETION);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->occurrence, b);
  EXPECT_FALSE(taken->more) << "more means of the same type";
  taken = queue.take(VI_EVENT_SERVICE_REQ);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->occurrence, a);
  EXPECT_TRUE(taken->more);
  EXPECT_EQ(queue.take(VI_ALL_ENABLED_EVENTS)->occurrence, c);
  EXPECT_FALSE(queue.take(VI_ALL_ENABLED_EVENTS));
}

TEST(EventQueue, EveryTypeMatchesTheWildcard) {
  EventQueue queue;
  const auto a = make(VI_EVENT_IO_COMPLETION);
  queue.push(a, 50);
  queue.push(make(VI_EVENT_SERVICE_REQ), 50);
  const auto taken = queue.take(VI_ALL_ENABLED_EVENTS);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->occurrence, a);
  EXPECT_TRUE(taken->more);
}

TEST(EventQueue, AFullQueueDropsTheNewOneAndSaysSoOnce) {
  EventQueue queue;
  const auto first = make(VI_EVENT_SERVICE_REQ);
  EXPECT_TRUE(queue.push(first, 2));
  EXPECT_TRUE(queue.push(make(VI_EVENT_SERVICE_REQ), 2));
  EXPECT_FALSE(queue.push(make(VI_EVENT_SERVICE_REQ), 2));
  EXPECT_FALSE(queue.push(make(VI_EVENT_SERVICE_REQ), 2));
  EXPECT_EQ(queue.size(), 2u);
  auto taken = queue.take(VI_EVENT_SERVICE_REQ);
  EXPECT_EQ(taken->occurrence, first) << "older ones stay";
  EXPECT_TRUE(taken->overflowed);
  EXPECT_FALSE(queue.take(VI_EVENT_SERVICE_REQ)->overflowed);
}

TEST(EventQueue, DiscardTakesOneTypeOnly) {
  EventQueue queue;
  queue.push(make(VI_EVENT_SERVICE_REQ), 50);
  queue.push(make(VI_EVENT_IO_COMPLETION), 50);
  queue.push(make(VI_EVENT_SERVICE_REQ), 50);
  EXPECT_EQ(queue.discard(VI_EVENT_SERVICE_REQ), 2u);
  EXPECT_EQ(queue.discard(VI_EVENT_SERVICE_REQ), 0u);
  EXPECT_FALSE(queue.holds(VI_EVENT_SERVICE_REQ));
  EXPECT_TRUE(queue.holds(VI_ALL_ENABLED_EVENTS));
}

TEST(EventQueue, AnEmptyQueueHasForgottenItsOverflow) {
  EventQueue queue;
  queue.push(make(VI_EVENT_SERVICE_REQ), 1);
  queue.push(make(VI_EVENT_SERVICE_REQ), 1);
  queue.discard(VI_EVENT_SERVICE_REQ);
  queue.push(make(VI_EVENT_SERVICE_REQ), 1);
  EXPECT_FALSE(queue.take(VI_EVENT_SERVICE_REQ)->overflowed);
}

}  // namespace
}  // namespace visa::events
