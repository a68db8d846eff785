// SPDX-License-Identifier: MIT
#include "lib/events/handler_list.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace visa::events {
namespace {

constexpr ViEventType kType = VI_EVENT_SERVICE_REQ;

ViStatus _VI_FUNCH first(ViSession, ViEventType, ViEvent, ViAddr) {
  return VI_SUCCESS;
}
ViStatus _VI_FUNCH second(ViSession, ViEventType, ViEvent, ViAddr) {
  return VI_SUCCESS;
}

// These addresses are not mapped: code that dereferences a user handle crashes.
ViAddr handle(std::uintptr_t number) {
  return reinterpret_cast<ViAddr>(number);
}

TEST(HandlerList, LastInstalledIsCalledFirst) {
  HandlerList list;
  EXPECT_EQ(list.add({kType, first, handle(1)}), Status::success);
  EXPECT_EQ(list.add({kType, second, handle(1)}), Status::success);
  EXPECT_EQ(list.add({VI_EVENT_TRIG, first, handle(1)}), Status::success);
  EXPECT_EQ(list.add({kType, first, handle(2)}), Status::success);
  const std::vector<Handler> expected{
      {kType, first, handle(2)}, {kType, second, handle(1)}, {kType, first, handle(1)}};
  EXPECT_EQ(list.in_calling_order(kType), expected);
}

TEST(HandlerList, NoHandlerAndAnyHandlerAreRefused) {
  HandlerList list;
  EXPECT_EQ(list.add({kType, nullptr, handle(1)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.add({kType, VI_ANY_HNDLR, handle(1)}), Status::error_inv_hndlr_ref);  // 3.7.24
  EXPECT_FALSE(list.has(kType));
}

TEST(HandlerList, TheSamePairTwiceIsRefused) {
  HandlerList list;
  EXPECT_EQ(list.add({kType, first, handle(1)}), Status::success);
  EXPECT_EQ(list.add({kType, first, handle(1)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.add({kType, first, nullptr}), Status::success) << "another user handle";
  EXPECT_EQ(list.add({VI_EVENT_TRIG, first, handle(1)}), Status::success) << "another type";
}

TEST(HandlerList, RemovesTheExactPair) {
  HandlerList list;
  list.add({kType, first, handle(1)});
  list.add({kType, first, handle(2)});
  EXPECT_EQ(list.remove({kType, second, handle(1)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.remove({kType, first, handle(3)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.remove({kType, first, handle(1)}), Status::success);
  EXPECT_EQ(list.remove({kType, first, handle(1)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.remove({kType, first, handle(2)}), Status::success);
  EXPECT_EQ(list.remove({kType, first, handle(2)}), Status::error_hndlr_ninstalled);
}

TEST(HandlerList, AnyHandlerRemovesAllWithThatUserHandle) {
  HandlerList list;
  list.add({kType, first, handle(1)});
  list.add({kType, second, handle(1)});
  list.add({kType, first, handle(2)});
  list.add({VI_EVENT_TRIG, first, handle(1)});
  EXPECT_EQ(list.remove({kType, VI_ANY_HNDLR, handle(3)}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(list.remove({kType, VI_ANY_HNDLR, handle(1)}), Status::success);
  const std::vector<Handler> expected{{kType, first, handle(2)}};
  EXPECT_EQ(list.in_calling_order(kType), expected);
  EXPECT_TRUE(list.has(VI_EVENT_TRIG));
}

}  // namespace
}  // namespace visa::events
