// SPDX-License-Identifier: MIT
// From the occurrence to the program (B1, B4, B5): waits, the queue's bounds, handlers and the
// thread that calls them.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
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

/// A handler that stays inside until told to go on.
struct Blocker {
  Signal inside;
  Signal go;
  std::atomic<int> entered{0};
  Watcher watcher{[this](ViSession, ViEventType, ViEvent) {
    ++entered;
    inside.give();
    EXPECT_TRUE(go.wait());
    return VI_SUCCESS;
  }};
};

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

// B5
TEST_F(EventDelivery, LastInstalledFirstUntilNchain) {
  Watcher third = writes("c");
  Watcher second = writes("b", VI_SUCCESS_NCHAIN);
  Watcher first = writes("a", VI_ERROR_IO);  // any other value goes on
  install(third);
  install(second);
  install(first);
  enable(VI_HNDLR);
  post(1);
  post(2);
  EXPECT_EQ(diary_.wait(4), (Lines{"a1", "b1", "a2", "b2"}));
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(diary_.lines().size(), 4u);
}

TEST_F(EventDelivery, SuspendedOccurrencesComeFirstAndOldestFirst) {
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_SUSPEND_HNDLR);
  for (int i = 0; i < 3; ++i) post(i);
  EXPECT_TRUE(diary_.lines().empty());
  EXPECT_EQ(take().status(), Status::error_nenabled) << "the suspend queue cannot be read";
  enable(VI_HNDLR);
  post(3);
  EXPECT_EQ(diary_.wait(4), (Lines{"h0", "h1", "h2", "h3"}));
}

TEST_F(EventDelivery, ALongSuspendQueueIsDeliveredWhole) {
  constexpr int kMany = 2 * EventHub::kMostWaitingForHandlers;
  hub_->set_queue_length(kMany);
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_SUSPEND_HNDLR);
  for (int i = 0; i < kMany; ++i) post(i);
  enable(VI_HNDLR);
  const auto lines = diary_.wait(kMany);
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(kMany));
  EXPECT_EQ(lines.back(), "h" + std::to_string(kMany - 1));
}

TEST_F(EventDelivery, WhatWaitsForItsHandlerIsSuspendedWithIt) {
  Blocker blocker;
  Watcher watcher = writes("h");
  install(watcher);
  install(blocker.watcher);
  enable(VI_HNDLR);
  post(0);
  ASSERT_TRUE(blocker.inside.wait());
  post(1);
  post(2);
  enable(VI_SUSPEND_HNDLR);
  post(3);
  blocker.go.give();
  EXPECT_EQ(diary_.wait(1), Lines{"h0"}) << "the one in progress goes on";
  enable(VI_HNDLR);
  EXPECT_EQ(diary_.wait(4), (Lines{"h0", "h1", "h2", "h3"})) << "none is lost, none overtakes";
}

TEST_F(EventDelivery, DisableWaitsForTheRunningHandlerAndDropsTheRest) {
  Blocker blocker;
  install(blocker.watcher);
  enable(VI_HNDLR);
  post(0);
  post(1);
  ASSERT_TRUE(blocker.inside.wait());
  std::atomic<bool> returned{false};
  std::thread disabling([&] {
    EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
    EXPECT_TRUE(blocker.go.given()) << "it returned while the handler ran";
    returned = true;
  });
  while (hub_->enabled(kRequest)) std::this_thread::yield();
  EXPECT_FALSE(returned);
  blocker.go.give();
  disabling.join();
  EXPECT_EQ(blocker.entered, 1);
}

TEST_F(EventDelivery, UninstallWhileRunningWaitsAndEndsTheChain) {
  Blocker blocker;
  Watcher watcher = writes("h");
  install(watcher);
  install(blocker.watcher);
  enable(VI_HNDLR);
  post(0);
  ASSERT_TRUE(blocker.inside.wait());
  std::thread uninstalling(
      [&] { EXPECT_EQ(hub_->uninstall(test::handler_of(watcher, kRequest)), Status::success); });
  std::thread releasing([&] { blocker.go.give(); });
  uninstalling.join();
  releasing.join();
  const auto called = diary_.lines().size();
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(diary_.lines().size(), called) << "a removed handler is never called again";
}

TEST_F(EventDelivery, AHandlerUninstalledByAnotherOfTheChainIsNotCalled) {
  Signal done;
  Watcher removed = writes("removed");
  Watcher last{[&](ViSession, ViEventType, ViEvent) {
    done.give();
    return VI_SUCCESS;
  }};
  Watcher remover{[&](ViSession, ViEventType, ViEvent) {
    EXPECT_EQ(hub_->uninstall(test::handler_of(removed, kRequest)), Status::success);
    return VI_SUCCESS;
  }};
  install(last);
  install(removed);
  install(remover);
  enable(VI_HNDLR);
  post(1);
  ASSERT_TRUE(done.wait());
  EXPECT_TRUE(diary_.lines().empty());
}

TEST_F(EventDelivery, AHandlerMayDisableAndUninstallItself) {
  Signal done;
  Watcher watcher;
  watcher.body = [&](ViSession, ViEventType, ViEvent) {
    EXPECT_EQ(hub_->disable(kRequest, VI_ALL_MECH), Status::success);
    EXPECT_EQ(hub_->uninstall(test::handler_of(watcher, kRequest)), Status::success);
    done.give();
    return VI_SUCCESS;
  };
  install(watcher);
  enable(VI_HNDLR);
  post(1);
  EXPECT_TRUE(done.wait());
}

TEST_F(EventDelivery, AHandlerMayCloseItsHub) {
  Signal done;
  Watcher next = writes("next");
  Watcher watcher{[&](ViSession, ViEventType, ViEvent context) {
    hub_->close();
    EXPECT_EQ(host_->number_of(context), 1) << "its context stays until it returns";
    done.give();
    return VI_SUCCESS;
  }};
  install(next);
  install(watcher);
  enable(VI_HNDLR);
  post(1);
  post(2);
  ASSERT_TRUE(done.wait());
  const std::weak_ptr<EventHub> gone = hub_;
  hub_ = std::make_shared<EventHub>(model::Kind::tcpip_vxi11, host_);
  while (!gone.expired()) std::this_thread::yield();  // its thread ends, and with it the hub
  EXPECT_TRUE(diary_.lines().empty());
  EXPECT_EQ(host_->open_contexts(), 0u);
}

TEST_F(EventDelivery, AnExceptionOfAHandlerIsSwallowedAndTheChainGoesOn) {
  Watcher watcher = writes("h");
  Watcher thrower{[](ViSession, ViEventType, ViEvent) -> ViStatus {
    throw std::runtime_error("of the program");
  }};
  Watcher odd{[](ViSession, ViEventType, ViEvent) -> ViStatus { throw 42; }};
  install(watcher);
  install(thrower);
  install(odd);
  enable(VI_HNDLR);
  post(1);
  post(2);
  EXPECT_EQ(diary_.wait(2), (Lines{"h1", "h2"}));
}

TEST_F(EventDelivery, WithoutMemoryForAContextOnlyThatOccurrenceIsLost) {
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_SUSPEND_HNDLR);
  post(1);
  post(2);
  host_->no_memory = 1;
  enable(VI_HNDLR);
  EXPECT_EQ(diary_.wait(1), Lines{"h2"});
}

TEST_F(EventDelivery, AHandlerThatEndsItsThreadEndsNothingElse) {
  std::atomic<int> calls{0};
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) -> ViStatus {
    if (calls++ == 0) ::pthread_exit(nullptr);
    diary_.add("second");
    return VI_SUCCESS;
  }};
  install(watcher);
  enable(VI_HNDLR);
  post(1);
  while (calls == 0) std::this_thread::yield();
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(host_->open_contexts(), 0u);
  enable(VI_HNDLR);
  post(2);
  EXPECT_EQ(diary_.wait(1), Lines{"second"}) << "events come on a new thread";
}

TEST_F(EventDelivery, ABlockedHandlerDelaysItsOwnHubOnly) {
  Blocker blocker;
  install(blocker.watcher);
  enable(VI_HNDLR);
  auto other = std::make_shared<EventHub>(model::Kind::tcpip_vxi11, host_);
  Watcher watcher = writes("other");
  watcher.at_end([other] { other->close(); });
  ASSERT_EQ(other->install(test::handler_of(watcher, kRequest)), Status::success);
  ASSERT_EQ(other->enable(kRequest, VI_HNDLR), Status::success);
  post(0);
  ASSERT_TRUE(blocker.inside.wait());
  other->post(numbered(kRequest, 1));
  EXPECT_EQ(diary_.wait(1), Lines{"other1"});
  blocker.go.give();
  other->close();
}

TEST_F(EventDelivery, OneHandlerAtATimePerHub) {
  std::atomic<int> inside{0};
  std::atomic<bool> crowd{false};
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    if (++inside != 1) crowd = true;
    std::this_thread::yield();
    --inside;
    diary_.add("x");
    return VI_SUCCESS;
  }};
  install(watcher);
  install(watcher, kDone);
  enable(VI_HNDLR);
  enable(VI_HNDLR, kDone);
  std::thread a([&] {
    for (int i = 0; i < 100; ++i) post(i);
  });
  std::thread b([&] {
    for (int i = 0; i < 100; ++i) post(i, kDone);
  });
  a.join();
  b.join();
  EXPECT_EQ(diary_.wait(200).size(), 200u);
  EXPECT_FALSE(crowd);
}

TEST_F(EventDelivery, HandlersThatLagBehindLoseTheNewest) {
  Blocker blocker;
  install(blocker.watcher);
  enable(VI_HNDLR);
  post(0);
  ASSERT_TRUE(blocker.inside.wait());
  for (int i = 0; i < 100'000; ++i) post(i);
  blocker.go.give();
  const int most = static_cast<int>(EventHub::kMostWaitingForHandlers) + 1;
  while (blocker.entered < most) std::this_thread::yield();
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(blocker.entered, most);
}

TEST_F(EventDelivery, CloseDoesNotWaitForeverForAHandler) {
  Blocker blocker;
  install(blocker.watcher);
  enable(VI_HNDLR);
  post(0);
  ASSERT_TRUE(blocker.inside.wait());
  hub_->close();  // about two seconds
  EXPECT_FALSE(blocker.go.given());
  const std::weak_ptr<EventHub> gone = hub_;
  hub_ = std::make_shared<EventHub>(model::Kind::tcpip_vxi11, host_);
  blocker.go.give();
  while (!gone.expired()) std::this_thread::yield();
}

}  // namespace
}  // namespace visa::events
