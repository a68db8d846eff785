// SPDX-License-Identifier: MIT
// The tables of B1 to B4: what enabling, disabling and discarding answer, and what they change.
#include "lib/events/event_hub.h"

#include <gtest/gtest.h>

#include "conformance/unit/lib/events/fake_host.h"

namespace visa::events {
namespace {

using test::kDone;
using test::kRequest;
using test::Watcher;

class EventHubTable : public test::HubTest {
 protected:
  Watcher watcher_ = writes("h");
};

// B2
TEST_F(EventHubTable, EnableWantsAKnownMechanism) {
  install(watcher_);
  EXPECT_EQ(hub_->enable(kRequest, 0), Status::error_inv_mech);
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR | VI_SUSPEND_HNDLR), Status::error_inv_mech);  // 3.7.13
  EXPECT_EQ(hub_->enable(kRequest, VI_ALL_MECH), Status::error_inv_mech);
  EXPECT_EQ(hub_->enable(kRequest, 8), Status::error_inv_mech);
  EXPECT_FALSE(hub_->enabled(kRequest));
}

TEST_F(EventHubTable, EnableOfTheHandlerSideNeedsAHandler) {  // 3.7.6
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::error_hndlr_ninstalled);
  EXPECT_EQ(hub_->enable(kRequest, VI_SUSPEND_HNDLR), Status::error_hndlr_ninstalled);
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE | VI_HNDLR), Status::error_hndlr_ninstalled);
  EXPECT_FALSE(hub_->enabled(kRequest)) << "not half of it either";
  EXPECT_EQ(host_->started[kRequest], 0);
}

TEST_F(EventHubTable, EnableAgainIsNoError) {  // 3.7.10
  install(watcher_);
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE), Status::success);
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE), Status::success_event_en);
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::success_event_en);
  EXPECT_EQ(hub_->enable(kRequest, VI_SUSPEND_HNDLR), Status::success) << "active to suspended";
  EXPECT_EQ(hub_->enable(kRequest, VI_SUSPEND_HNDLR), Status::success_event_en);
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::success) << "suspended to active";
}

TEST_F(EventHubTable, OneOfTwoMechanismsOnAlreadyIsSaid) {
  install(watcher_);
  enable(VI_QUEUE);
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE | VI_HNDLR), Status::success_event_en);
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success) << "and the other was enabled";
}

TEST_F(EventHubTable, TypesOfOtherKindsAreRefused) {
  for (const ViEventType type : {ViEventType{VI_EVENT_USB_INTR}, ViEventType{VI_EVENT_TRIG},
                                 ViEventType{12345}, ViEventType{0}}) {
    EXPECT_EQ(hub_->enable(type, VI_QUEUE), Status::error_inv_event);
    EXPECT_EQ(hub_->disable(type, VI_QUEUE), Status::error_inv_event);
    EXPECT_EQ(hub_->discard(type, VI_QUEUE), Status::error_inv_event);
    EXPECT_EQ(hub_->install(test::handler_of(watcher_, type)), Status::error_inv_event);
    EXPECT_EQ(hub_->uninstall(test::handler_of(watcher_, type)), Status::error_inv_event);
    EXPECT_EQ(take(type).status(), Status::error_inv_event);
  }
  EXPECT_EQ(hub_->install(test::handler_of(watcher_, VI_ALL_ENABLED_EVENTS)),
            Status::error_inv_event);
}

TEST_F(EventHubTable, ExceptionsAreForHandlersOnly) {
  install(watcher_, VI_EVENT_EXCEPTION);
  EXPECT_EQ(hub_->enable(VI_EVENT_EXCEPTION, VI_QUEUE), Status::error_nsup_mech);
  EXPECT_EQ(hub_->enable(VI_EVENT_EXCEPTION, VI_SUSPEND_HNDLR), Status::error_nsup_mech);
  EXPECT_EQ(hub_->enable(VI_EVENT_EXCEPTION, VI_HNDLR), Status::success);
  EXPECT_EQ(hub_->exception_handlers().size(), 1u);
  EXPECT_EQ(hub_->disable(VI_EVENT_EXCEPTION, VI_HNDLR), Status::success);
  EXPECT_TRUE(hub_->exception_handlers().empty());
}

TEST_F(EventHubTable, AllEnabledEventsEnablesWhatIsEnabled) {
  install(watcher_);
  EXPECT_EQ(hub_->enable(VI_ALL_ENABLED_EVENTS, VI_QUEUE), Status::success) << "of none";
  enable(VI_HNDLR);
  EXPECT_EQ(hub_->enable(VI_ALL_ENABLED_EVENTS, VI_QUEUE), Status::success);
  post(1);
  EXPECT_EQ(number(take()), 1);
  EXPECT_FALSE(hub_->enabled(kDone));
}

TEST_F(EventHubTable, AllEnabledEventsPassesOverTypesThatCannot) {
  install(watcher_);
  install(watcher_, VI_EVENT_EXCEPTION);
  enable(VI_QUEUE, kDone);  // has no handler
  enable(VI_QUEUE);
  enable(VI_HNDLR, VI_EVENT_EXCEPTION);  // has no queue
  EXPECT_FALSE(failed(hub_->enable(VI_ALL_ENABLED_EVENTS, VI_HNDLR)));
  post(1);
  EXPECT_EQ(diary_.wait(1), std::vector<std::string>{"h1"});
  EXPECT_FALSE(failed(hub_->enable(VI_ALL_ENABLED_EVENTS, VI_QUEUE)));
}

TEST_F(EventHubTable, TheFirstSuccessfulEnablingFreezes) {  // 3.2.5, 3.2.6
  EXPECT_FALSE(hub_->frozen());
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::error_hndlr_ninstalled);
  EXPECT_FALSE(hub_->frozen());
  host_->on_start = [] { return Status::error_io; };
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE), Status::error_io);
  EXPECT_FALSE(hub_->frozen());
  host_->on_start = nullptr;
  enable(VI_QUEUE);
  EXPECT_TRUE(hub_->frozen());
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE), Status::success);
  EXPECT_TRUE(hub_->frozen()) << "for good";
}

// What raises the event begins with the first mechanism and ends with the last.
TEST_F(EventHubTable, TheHostHearsOfTheFirstAndTheLastMechanismOnly) {
  install(watcher_);
  enable(VI_QUEUE);
  enable(VI_HNDLR);
  EXPECT_EQ(hub_->enable(kRequest, VI_SUSPEND_HNDLR), Status::success);
  EXPECT_EQ(host_->started[kRequest], 1);
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE), Status::success);
  EXPECT_EQ(host_->stopped[kRequest], 0);
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_EQ(host_->stopped[kRequest], 1);
  EXPECT_EQ(hub_->disable(kRequest, VI_ALL_MECH), Status::success_event_dis);
  EXPECT_EQ(host_->stopped[kRequest], 1);
}

TEST_F(EventHubTable, AFailedStartChangesNothing) {
  install(watcher_);
  enable(VI_SUSPEND_HNDLR);
  post(1);
  EXPECT_EQ(hub_->disable(kRequest, VI_SUSPEND_HNDLR), Status::success);
  host_->on_start = [] { return Status::error_rsrc_locked; };
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE | VI_HNDLR), Status::error_rsrc_locked);
  EXPECT_FALSE(hub_->enabled(kRequest));
  post(2);
  EXPECT_EQ(take().status(), Status::error_nenabled);
  EXPECT_EQ(host_->stopped[kRequest], 1) << "what did not start is not stopped";
  host_->on_start = nullptr;
  enable(VI_HNDLR);
  EXPECT_EQ(diary_.wait(1), std::vector<std::string>{"h1"}) << "what was suspended is still there";
}

// B3
TEST_F(EventHubTable, DisableAnswersByMechanism) {
  install(watcher_);
  EXPECT_EQ(hub_->disable(kRequest, 0), Status::error_inv_mech);
  EXPECT_EQ(hub_->disable(kRequest, 8), Status::error_inv_mech);
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE), Status::success_event_dis);
  EXPECT_EQ(hub_->disable(kRequest, VI_ALL_MECH), Status::success_event_dis);
  enable(VI_QUEUE);
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success_event_dis);
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE | VI_HNDLR), Status::success_event_dis);
  EXPECT_FALSE(hub_->enabled(kRequest)) << "and what was on is off";
  enable(VI_QUEUE | VI_HNDLR);
  EXPECT_EQ(hub_->disable(kRequest, VI_ALL_MECH), Status::success);
  EXPECT_FALSE(hub_->enabled(kRequest));
}

TEST_F(EventHubTable, BothNamesOfTheHandlerSideDisableIt) {
  install(watcher_);
  enable(VI_HNDLR);
  EXPECT_EQ(hub_->disable(kRequest, VI_SUSPEND_HNDLR), Status::success);
  EXPECT_FALSE(hub_->enabled(kRequest));
  enable(VI_SUSPEND_HNDLR);
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success);
  EXPECT_FALSE(hub_->enabled(kRequest));
}

TEST_F(EventHubTable, AllEnabledEventsDisablesThemAll) {
  EXPECT_EQ(hub_->disable(VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), Status::success_event_dis);
  install(watcher_);
  enable(VI_HNDLR);
  enable(VI_QUEUE, kDone);
  EXPECT_EQ(hub_->disable(VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), Status::success);
  EXPECT_FALSE(hub_->enabled(kRequest));
  EXPECT_FALSE(hub_->enabled(kDone));
}

TEST_F(EventHubTable, WhatIsQueuedSurvivesADisable) {  // 3.7.21, 3.7.23
  enable(VI_QUEUE);
  post(1);
  EXPECT_EQ(hub_->disable(kRequest, VI_QUEUE), Status::success);
  post(2);
  EXPECT_EQ(number(take()), 1);
  EXPECT_EQ(take().status(), Status::error_nenabled);
}

TEST_F(EventHubTable, DiscardAnswersByMechanism) {
  EXPECT_EQ(hub_->discard(kRequest, 0), Status::error_inv_mech);
  EXPECT_EQ(hub_->discard(kRequest, VI_HNDLR), Status::error_inv_mech);
  EXPECT_EQ(hub_->discard(kRequest, VI_QUEUE | VI_HNDLR), Status::error_inv_mech);
  for (const int mechanism : {VI_QUEUE, VI_SUSPEND_HNDLR, VI_QUEUE | VI_SUSPEND_HNDLR}) {
    EXPECT_EQ(hub_->discard(kRequest, static_cast<ViUInt16>(mechanism)),
              Status::success_queue_empty);
  }
  EXPECT_EQ(hub_->discard(kRequest, VI_ALL_MECH), Status::success_queue_empty);
  EXPECT_EQ(hub_->discard(VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), Status::success_queue_empty);
}

TEST_F(EventHubTable, DiscardTakesTheQueueItNames) {
  install(watcher_);
  enable(VI_QUEUE | VI_SUSPEND_HNDLR);
  post(1);
  EXPECT_EQ(hub_->discard(kRequest, VI_QUEUE), Status::success);
  EXPECT_EQ(hub_->discard(kRequest, VI_QUEUE), Status::success_queue_empty);
  EXPECT_EQ(take().status(), Status::error_tmo) << "still enabled";
  EXPECT_EQ(hub_->discard(kRequest, VI_SUSPEND_HNDLR), Status::success);
  post(2);
  EXPECT_EQ(hub_->discard(kRequest, VI_ALL_MECH), Status::success);
  EXPECT_EQ(take().status(), Status::error_tmo);
  EXPECT_EQ(hub_->enable(kRequest, VI_HNDLR), Status::success);
  post(3);
  EXPECT_EQ(diary_.wait(1), std::vector<std::string>{"h3"}) << "discarded ones do not come back";
}

TEST_F(EventHubTable, AllEnabledEventsDiscardsTheEnabledTypesOnly) {
  enable(VI_QUEUE);
  enable(VI_QUEUE, kDone);
  post(1);
  post(2, kDone);
  EXPECT_EQ(hub_->disable(kDone, VI_QUEUE), Status::success);
  EXPECT_EQ(hub_->discard(VI_ALL_ENABLED_EVENTS, VI_QUEUE), Status::success);
  EXPECT_EQ(take().status(), Status::error_tmo);
  EXPECT_EQ(number(take(kDone)), 2);
}

TEST_F(EventHubTable, UninstallOfTheLastHandlerDisablesTheHandlerSide) {  // 3.7.26
  Watcher other = writes("o");
  install(watcher_);
  install(other);
  enable(VI_QUEUE | VI_HNDLR);
  EXPECT_EQ(hub_->uninstall(test::handler_of(other, kRequest)), Status::success);
  EXPECT_EQ(hub_->uninstall(test::handler_of(watcher_, kRequest)), Status::success);
  EXPECT_EQ(host_->stopped[kRequest], 0) << "the queue is still on";
  post(1);
  EXPECT_EQ(number(take()), 1);
  install(watcher_);
  EXPECT_EQ(hub_->disable(kRequest, VI_HNDLR), Status::success_event_dis);
  EXPECT_TRUE(diary_.lines().empty());
}

TEST_F(EventHubTable, UninstallSaysWhatIsMissing) {
  EXPECT_EQ(hub_->uninstall(test::handler_of(watcher_, kRequest)), Status::error_hndlr_ninstalled);
  install(watcher_);
  Watcher other = writes("o");
  EXPECT_EQ(hub_->uninstall(test::handler_of(other, kRequest)), Status::error_inv_hndlr_ref);
  EXPECT_EQ(hub_->uninstall({kRequest, VI_ANY_HNDLR, &other}), Status::error_inv_hndlr_ref);
  EXPECT_EQ(hub_->uninstall({kRequest, VI_ANY_HNDLR, &watcher_}), Status::success);
}

TEST_F(EventHubTable, AClosedHubTakesNothingIn) {
  enable(VI_QUEUE);
  hub_->close();
  EXPECT_EQ(host_->stopped[kRequest], 1);
  EXPECT_EQ(hub_->install(test::handler_of(watcher_, kRequest)), Status::error_inv_object);
  EXPECT_EQ(hub_->enable(kRequest, VI_QUEUE), Status::error_inv_object);
  post(1);
  EXPECT_EQ(take().status(), Status::error_abort);
  hub_->close();
  EXPECT_EQ(host_->stopped[kRequest], 1);
}

// The driver is not to be told to disable while it is being closed.
TEST_F(EventHubTable, CloseWaitsForADisableInProgress) {
  enable(VI_QUEUE);
  visa::test::Signal inside;
  visa::test::Signal go;
  host_->on_start = [&] {
    inside.give();
    EXPECT_TRUE(go.wait());
    return Status::success;
  };
  std::thread enabling([&] { hub_->enable(kDone, VI_QUEUE); });
  ASSERT_TRUE(inside.wait());
  std::thread closing([&] { hub_->close(); });
  go.give();
  enabling.join();
  closing.join();
  EXPECT_EQ(host_->started[kDone], host_->stopped[kDone]) << "whoever came first";
  EXPECT_FALSE(hub_->enabled(kDone));
}

}  // namespace
}  // namespace visa::events
