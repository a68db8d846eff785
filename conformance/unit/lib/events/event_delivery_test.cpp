// SPDX-License-Identifier: MIT
// From the occurrence to the program (docs/locks-and-events.md B1, B4): queue and waits that get
// it, and the queue's bounds. Handlers are in event_delivery_handlers_test.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "conformance/unit/lib/events/fake_host.h"

namespace visa::events {
namespace {

using namespace std::chrono_literals;
using test::kDone;
using test::kPatience;
using test::kRequest;
using test::Signal;
using test::Watcher;
using Lines = std::vector<std::string>;

class EventDelivery : public test::HubTest {};

// B1
TEST_F(EventDelivery, AnEventThatIsNotEnabledIsLost) {
  post(1);
  enable(VI_QUEUE);
  EXPECT_EQ(take().status(), Status::error_tmo);
}

TEST_F(EventDelivery, QueueAndHandlerBothGetIt) {
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_QUEUE | VI_HNDLR);
  post(1);
  EXPECT_EQ(number(take()), 1);
  EXPECT_EQ(diary_.wait(1), Lines{"h1"});
}

TEST_F(EventDelivery, AHandlerGetsItsSessionTypeAndContext) {
  Signal done;
  Watcher watcher{[&](ViSession vi, ViEventType type, ViEvent context) {
    EXPECT_EQ(vi, test::kVi);
    EXPECT_EQ(type, kRequest);
    EXPECT_EQ(host_->number_of(context), 5);
    done.give();
    return VI_SUCCESS;
  }};
  install(watcher);
  enable(VI_HNDLR);
  post(5);
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(host_->open_contexts(), 0u) << "the context ends with the handlers";
}

// B4
TEST_F(EventDelivery, AWaitEndsWithTheOccurrence) {
  enable(VI_QUEUE);
  std::thread poster([&] { post(7); });
  Call call(Deadline::after(kPatience));
  EXPECT_EQ(number(hub_->wait(kRequest, call)), 7);
  poster.join();
  EXPECT_EQ(take().status(), Status::error_tmo) << "it was not queued besides";
}

TEST_F(EventDelivery, AWaitLastsAsLongAsAsked) {
  enable(VI_QUEUE);
  const auto start = std::chrono::steady_clock::now();
  Call call(Deadline::after(30ms));
  EXPECT_EQ(hub_->wait(kRequest, call).status(), Status::error_tmo);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 30ms);
}

TEST_F(EventDelivery, AWaitForWhatIsNotEnabledEndsAtOnce) {
  Call call(Deadline::infinite());
  EXPECT_EQ(hub_->wait(kRequest, call).status(), Status::error_nenabled);
  EXPECT_EQ(hub_->wait(VI_ALL_ENABLED_EVENTS, call).status(), Status::error_nenabled);
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_HNDLR);
  EXPECT_EQ(hub_->wait(kRequest, call).status(), Status::error_nenabled) << "not for the queue";
}

TEST_F(EventDelivery, AWaitEndsWhenItsTypeIsDisabled) {
  enable(VI_QUEUE);
  Signal started;
  Status status = Status::success;
  std::thread waiter([&] {
    Call call(Deadline::after(kPatience));
    started.give();
    status = hub_->wait(kRequest, call).status();
  });
  ASSERT_TRUE(started.wait());
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE), Status::success);
  waiter.join();
  EXPECT_EQ(status, Status::error_nenabled);
}

TEST_F(EventDelivery, AWaitEndsByItsTokenAndByClose) {
  enable(VI_QUEUE);
  Call call(Deadline::infinite());
  Status status = Status::success;
  std::thread waiter([&] { status = hub_->wait(kRequest, call).status(); });
  call.cancel();
  hub_->wake();
  waiter.join();
  EXPECT_EQ(status, Status::error_abort);

  Call other(Deadline::infinite());
  std::thread second([&] { status = hub_->wait(kRequest, other).status(); });
  hub_->close();
  second.join();
  EXPECT_TRUE(status == Status::error_abort || status == Status::error_nenabled);
}

TEST_F(EventDelivery, MoreOfTheSameTypeIsSaid) {
  enable(VI_QUEUE);
  enable(VI_QUEUE, kDone);
  post(1);
  post(2, kDone);
  post(3);
  auto got = take();
  EXPECT_EQ(number(got), 1);
  EXPECT_EQ(got.status(), Status::success_queue_nempty);
  got = take();
  EXPECT_EQ(number(got), 3);
  EXPECT_EQ(got.status(), Status::success);
  got = take(VI_ALL_ENABLED_EVENTS);
  EXPECT_EQ(number(got), 2);
  EXPECT_EQ((*got)->type, kDone);
}

TEST_F(EventDelivery, AHundredThousandEventsIntoAQueueOfFifty) {
  enable(VI_QUEUE);
  for (int i = 0; i < 100'000; ++i) post(i);
  auto got = take();
  EXPECT_EQ(number(got), 0) << "older ones stay, new ones are dropped";
  EXPECT_EQ(got.status(), Status::warn_queue_overflow);
  for (int i = 1; i < 50; ++i) {
    got = take();
    EXPECT_EQ(number(got), i);
    EXPECT_EQ(got.status(), i < 49 ? Status::success_queue_nempty : Status::success);
  }
  EXPECT_EQ(take().status(), Status::error_tmo);
  post(1);
  EXPECT_EQ(take().status(), Status::success) << "the overflow is told once";
}

TEST_F(EventDelivery, TheQueueIsAsLongAsAsked) {
  hub_->set_queue_length(2);
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_QUEUE | VI_SUSPEND_HNDLR);
  for (int i = 0; i < 4; ++i) post(i);
  EXPECT_EQ(take().status(), Status::warn_queue_overflow);
  post(4);  // room in the queue, none in the suspend queue
  enable(VI_HNDLR);
  post(5);
  EXPECT_EQ(diary_.wait(3), (Lines{"h0", "h1", "h5"})) << "the suspend queue has a room of its own";
  EXPECT_EQ(number(take()), 1);
  EXPECT_EQ(number(take()), 4);
}

}  // namespace
}  // namespace visa::events
