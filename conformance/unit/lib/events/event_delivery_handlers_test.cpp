// SPDX-License-Identifier: MIT
// Handlers and the thread that calls them (B5): the chain, suspending, what a handler may do and
// what a bad one cannot do to others.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "conformance/unit/lib/events/fake_host.h"

namespace visa::events {
namespace {

using test::kDone;
using test::kRequest;
using test::Signal;
using test::Watcher;
using Lines = std::vector<std::string>;

class EventHandlers : public test::HubTest {};

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

TEST_F(EventHandlers, LastInstalledFirstUntilNchain) {
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

TEST_F(EventHandlers, SuspendedOccurrencesComeFirstAndOldestFirst) {
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

TEST_F(EventHandlers, ALongSuspendQueueIsDeliveredWhole) {
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

TEST_F(EventHandlers, WhatWaitsForItsHandlerIsSuspendedWithIt) {
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

TEST_F(EventHandlers, DisableWaitsForTheRunningHandlerAndDropsTheRest) {
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

TEST_F(EventHandlers, UninstallWhileRunningWaitsAndEndsTheChain) {
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

TEST_F(EventHandlers, AHandlerUninstalledByAnotherOfTheChainIsNotCalled) {
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

TEST_F(EventHandlers, AHandlerMayDisableAndUninstallItself) {
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

TEST_F(EventHandlers, AHandlerMayCloseItsHub) {
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

TEST_F(EventHandlers, AnExceptionOfAHandlerIsSwallowedAndTheChainGoesOn) {
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

TEST_F(EventHandlers, WithoutMemoryForAContextOnlyThatOccurrenceIsLost) {
  Watcher watcher = writes("h");
  install(watcher);
  enable(VI_SUSPEND_HNDLR);
  post(1);
  post(2);
  host_->no_memory = 1;
  enable(VI_HNDLR);
  EXPECT_EQ(diary_.wait(1), Lines{"h2"});
}

TEST_F(EventHandlers, AHandlerThatEndsItsThreadEndsNothingElse) {
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

// Once the handler counts as over, its dying thread is no longer the one to bring the next event.
TEST_F(EventHandlers, EveryEventBehindAHandlerThatEndedItsThreadFindsANewOne) {
  constexpr int kRounds = 300;
  std::atomic<int> calls{0};
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) -> ViStatus {
    ++calls;
    ::pthread_exit(nullptr);
  }};
  install(watcher);
  for (int round = 1; round <= kRounds; ++round) {
    enable(VI_HNDLR);
    post(round);
    const auto until = Deadline::after(std::chrono::seconds(20));
    while (calls < round && !until.expired()) std::this_thread::yield();
    ASSERT_EQ(calls, round);
    ASSERT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  }
}

TEST_F(EventHandlers, ABlockedHandlerDelaysItsOwnHubOnly) {
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

TEST_F(EventHandlers, OneHandlerAtATimePerHub) {
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

TEST_F(EventHandlers, HandlersThatLagBehindLoseTheNewest) {
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

TEST_F(EventHandlers, CloseDoesNotWaitForeverForAHandler) {
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
