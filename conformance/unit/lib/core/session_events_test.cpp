// SPDX-License-Identifier: MIT
// The events of a session through the C API: what reaches the driver, what the driver raises, and
// the life of contexts.
#include <gtest/gtest.h>
#include <pthread.h>
#include <visa.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/event_session.h"
#include "lib/core/library.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::exact;
using test::Signal;
using test::Watcher;
using Lines = std::vector<std::string>;

constexpr ViEventType kRequest = VI_EVENT_SERVICE_REQ;

class SessionEventsTest : public test::EventSession {
 protected:
  SessionEventsTest() { session_ = open(test::kGpib, wire_); }
  static std::size_t objects() { return Library::current()->objects.size(); }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(SessionEventsTest, TheDriverHearsOfTheFirstAndTheLastMechanismOnly) {
  Watcher watcher{[](ViSession, ViEventType, ViEvent) { return VI_SUCCESS; }};
  EXPECT_FALSE(wire_->events.raise(kRequest));
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  watch(watcher, session_, kRequest);
  EXPECT_EQ(enable(session_, kRequest, VI_SUSPEND_HNDLR), VI_SUCCESS);
  EXPECT_EQ(wire_->events.enables(), 1u);
  EXPECT_EQ(::viDisableEvent(session_, kRequest, VI_QUEUE), VI_SUCCESS);
  EXPECT_EQ(wire_->events.disables(), 0u);
  EXPECT_EQ(watcher.uninstall(session_, kRequest), VI_SUCCESS);  // 3.7.26
  EXPECT_EQ(wire_->events.disables(), 1u);
  EXPECT_FALSE(wire_->events.raise(kRequest));
}

TEST_F(SessionEventsTest, CompletionsAndExceptionsAreNotTheDrivers) {
  ASSERT_EQ(enable(session_, VI_EVENT_IO_COMPLETION), VI_SUCCESS);
  Watcher watcher{[](ViSession, ViEventType, ViEvent) { return VI_SUCCESS; }};
  watch(watcher, session_, VI_EVENT_EXCEPTION);
  EXPECT_EQ(wire_->events.enables(), 0u);
}

TEST_F(SessionEventsTest, ADriverThatCannotIsAnErrorAndNothingIsEnabled) {
  wire_->events.on_enable([](spi::EventSink& sink, Call& call) {
    sink.post({kRequest, {}});
    return call.fail(Status::error_nsup_oper, "the bus has no SRQ line");
  });
  EXPECT_EQ(enable(session_, kRequest), VI_ERROR_NSUP_OPER);
  EXPECT_NE(description(session_, VI_ERROR_NSUP_OPER).find("no SRQ line"), std::string::npos);
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 7), VI_SUCCESS) << "nothing froze it";
  wire_->events.on_enable(nullptr);
  EXPECT_EQ(enable(session_, kRequest), VI_SUCCESS);
  EXPECT_EQ(wire_->events.enables(), 2u);
  ViEvent context = VI_NULL;
  EXPECT_TRUE(wire_->events.raise(kRequest));
  EXPECT_EQ(wait(session_, kRequest, context), VI_SUCCESS_QUEUE_NEMPTY)
      << "what occurred while it was enabled stays queued";
}

TEST_F(SessionEventsTest, WhatIsPendingAlreadyMayBeRaisedWhileEnabling) {
  wire_->events.on_enable([](spi::EventSink& sink, Call&) {
    sink.post({kRequest, {}});
    return Status::success;
  });
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(session_, kRequest, context, VI_TMO_IMMEDIATE), VI_SUCCESS);
}

TEST_F(SessionEventsTest, CloseEndsADriverThatIsStillEnabling) {
  Signal inside;
  wire_->events.on_enable([&](spi::EventSink&, Call& call) {
    inside.give();
    while (!call.cancelled()) std::this_thread::yield();
    return Status::error_abort;
  });
  ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
  ViStatus status = VI_SUCCESS;
  std::thread enabling([&] { status = enable(session_, kRequest); });
  ASSERT_TRUE(inside.wait());
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  enabling.join();
  EXPECT_EQ(status, VI_ERROR_ABORT);
  EXPECT_EQ(wire_->count("close"), 1u);
}

TEST_F(SessionEventsTest, ARequestByQueueAndHandlerEachWithAContextOfItsOwn) {
  Signal done;
  ViEvent seen = VI_NULL;
  wire_->with({.status_beside_transfer = true}).then({.operation = "stb", .status_byte = 0x50});
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent context) {
    seen = context;
    EXPECT_EQ(exact<ViEventType>(context, VI_ATTR_EVENT_TYPE), kRequest);
    ViUInt16 byte = 0;
    EXPECT_EQ(::viReadSTB(vi, &byte), VI_SUCCESS);
    EXPECT_EQ(byte, 0x50);
    done.give();
    return VI_SUCCESS;
  }};
  watch(watcher, session_, kRequest, VI_QUEUE | VI_HNDLR);
  std::thread driver([&] { wire_->events.raise(kRequest); });
  ASSERT_TRUE(done.wait());
  driver.join();
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(session_, kRequest, context), VI_SUCCESS);
  EXPECT_NE(context, seen);
  ASSERT_EQ(::viDisableEvent(session_, kRequest, VI_HNDLR), VI_SUCCESS);  // the handler is over
  exact<ViByte>(seen, VI_ATTR_EVENT_TYPE, VI_ERROR_INV_OBJECT);
}

TEST_F(SessionEventsTest, EachSessionGetsItsOwn) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession other = open(test::kGpib, wire);
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  ASSERT_EQ(enable(other, kRequest), VI_SUCCESS);
  wire_->events.raise(kRequest);
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(other, kRequest, context, VI_TMO_IMMEDIATE), VI_ERROR_TMO);
  EXPECT_EQ(wait(session_, kRequest, context, VI_TMO_IMMEDIATE), VI_SUCCESS);
}

TEST_F(SessionEventsTest, LocksOfOthersDoNotStopEvents) {
  const ViSession other = open(test::kGpib);
  ASSERT_EQ(::viLock(other, VI_EXCLUSIVE_LOCK, 0, VI_NULL, VI_NULL), VI_SUCCESS);
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  wire_->events.raise(kRequest);
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(session_, kRequest, context), VI_SUCCESS);
  EXPECT_EQ(::viDisableEvent(session_, kRequest, VI_ALL_MECH), VI_SUCCESS);
}

TEST_F(SessionEventsTest, CloseWhileTheDriverRaises) {
  for (int round = 0; round < 50; ++round) {
    std::shared_ptr<test::FakeWire> wire;
    const ViSession session = open(test::kGpib, wire);
    std::atomic<bool> closed{false};
    std::atomic<int> late{0};
    std::atomic<int> calls{0};
    Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
      ++calls;
      if (closed) ++late;
      return VI_SUCCESS;
    }};
    watch(watcher, session, kRequest, VI_QUEUE | VI_HNDLR);
    std::atomic<bool> stop{false};
    std::thread driver([&] {
      while (!stop) wire->events.raise(kRequest);
    });
    while (calls == 0) std::this_thread::yield();
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
    closed = true;
    stop = true;
    driver.join();
    EXPECT_EQ(late, 0) << "no event after viClose returned";
    EXPECT_EQ(wire->events.disables(), 1u);
  }
}

// pthread_cancel of a thread inside viClose acts after it: half a close would leave threads and a
// connection that nobody can reach any more.
TEST_F(SessionEventsTest, AThreadMayBeCancelledInsideClose) {
  Signal inside;
  Signal go;
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    inside.give();
    EXPECT_TRUE(go.wait());
    return VI_SUCCESS;
  }};
  watch(watcher, session_, kRequest);
  wire_->events.raise(kRequest);
  ASSERT_TRUE(inside.wait());
  ::pthread_t closer;
  ASSERT_EQ(::pthread_create(
                &closer, nullptr,
                [](void* session) -> void* {
                  ::viClose(*static_cast<ViSession*>(session));
                  return nullptr;
                },
                &session_),
            0);
  ViUInt32 length = 0;
  while (::viGetAttribute(session_, VI_ATTR_MAX_QUEUE_LENGTH, &length) == VI_SUCCESS) {
    std::this_thread::yield();
  }
  ::pthread_cancel(closer);
  go.give();
  ::pthread_join(closer, nullptr);
  EXPECT_EQ(wire_->count("close"), 1u);
}

TEST_F(SessionEventsTest, AThreadMayBeCancelledInsideCloseThatWaitsForJobs) {
  for (int round = 0; round < 20; ++round) {
    std::shared_ptr<test::FakeWire> wire;
    ViSession session = open(test::kGpib, wire);
    wire->ignores_everything("read");
    ViByte room[8];
    ASSERT_EQ(::viReadAsync(session, room, sizeof room, nullptr), VI_SUCCESS);
    ASSERT_TRUE(wire->wait_until_blocked());
    ::pthread_t closer;
    ASSERT_EQ(::pthread_create(
                  &closer, nullptr,
                  [](void* vi) -> void* {
                    ::viClose(*static_cast<ViSession*>(vi));
                    return nullptr;
                  },
                  &session),
              0);
    ViUInt32 length = 0;
    while (::viGetAttribute(session, VI_ATTR_MAX_QUEUE_LENGTH, &length) == VI_SUCCESS) {
      std::this_thread::yield();
    }
    ::pthread_cancel(closer);
    wire->release();
    ::pthread_join(closer, nullptr);
    EXPECT_EQ(wire->count("close"), 1u);
  }
}

// While one thread is inside the driver's disable_event, another must not close the channel.
TEST_F(SessionEventsTest, DisableAndCloseAtOnce) {
  for (int round = 0; round < 200; ++round) {
    std::shared_ptr<test::FakeWire> wire;
    const ViSession session = open(test::kGpib, wire);
    ASSERT_EQ(enable(session, kRequest), VI_SUCCESS);
    std::thread disabling([&] { ::viDisableEvent(session, kRequest, VI_ALL_MECH); });
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
    disabling.join();
    EXPECT_EQ(wire->events.disables(), 1u);
  }
}

// B4, 3.2.5, 3.2.6
TEST_F(SessionEventsTest, TheQueueLengthIsFrozenByTheFirstEnabling) {
  EXPECT_EQ(exact<ViUInt32>(session_, VI_ATTR_MAX_QUEUE_LENGTH), 50u);
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 0), VI_ERROR_NSUP_ATTR_STATE);
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 42), VI_SUCCESS);
  EXPECT_EQ(enable(session_, kRequest, VI_HNDLR), VI_ERROR_HNDLR_NINSTALLED);  // makes the hub
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 2), VI_SUCCESS);
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 9), VI_ERROR_ATTR_READONLY);
  EXPECT_EQ(exact<ViUInt32>(session_, VI_ATTR_MAX_QUEUE_LENGTH), 2u);
  for (int i = 0; i < 5; ++i) wire_->events.raise(kRequest);
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(session_, kRequest, context), VI_WARN_QUEUE_OVERFLOW);
  EXPECT_EQ(wait(session_, kRequest, context), VI_SUCCESS);
  EXPECT_EQ(wait(session_, kRequest, context, VI_TMO_IMMEDIATE), VI_ERROR_TMO);
  EXPECT_EQ(::viDisableEvent(session_, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS);
  EXPECT_EQ(set(session_, VI_ATTR_MAX_QUEUE_LENGTH, 9), VI_ERROR_ATTR_READONLY) << "for good";
}

TEST_F(SessionEventsTest, ContextsLiveUntilClosedByTheProgramOrTheSession) {
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  for (int i = 0; i < 3; ++i) wire_->events.raise(kRequest);
  ViEvent first = VI_NULL;
  ViEvent second = VI_NULL;
  wait(session_, kRequest, first);
  wait(session_, kRequest, second);
  EXPECT_NE(first, second);
  EXPECT_EQ(::viDisableEvent(session_, kRequest, VI_ALL_MECH), VI_SUCCESS);
  EXPECT_EQ(::viDiscardEvents(session_, kRequest, VI_ALL_MECH), VI_SUCCESS);
  exact<ViEventType>(first, VI_ATTR_EVENT_TYPE);  // those handed out are not touched
  ViChar text[256];
  EXPECT_EQ(::viStatusDesc(first, VI_ERROR_TMO, text), VI_SUCCESS);
  EXPECT_EQ(::viClose(first), VI_SUCCESS);
  EXPECT_EQ(::viClose(first), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  EXPECT_EQ(::viClose(second), VI_ERROR_INV_OBJECT);
}

TEST_F(SessionEventsTest, AContextNobodyTakesIsNotLeft) {
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  const auto before = objects();
  for (int i = 0; i < 3; ++i) wire_->events.raise(kRequest);
  ViEventType type = 0;
  EXPECT_EQ(::viWaitOnEvent(session_, kRequest, 0, &type, nullptr), VI_SUCCESS_QUEUE_NEMPTY);
  EXPECT_EQ(type, kRequest);
  EXPECT_EQ(::viWaitOnEvent(session_, kRequest, 0, nullptr, nullptr), VI_SUCCESS_QUEUE_NEMPTY);
  EXPECT_EQ(objects(), before);
  ViEvent context = VI_NULL;
  EXPECT_EQ(::viWaitOnEvent(session_, kRequest, 0, nullptr, &context), VI_SUCCESS);
  EXPECT_EQ(objects(), before + 1);
  EXPECT_EQ(::viClose(context), VI_SUCCESS);
}

TEST_F(SessionEventsTest, EnablingWantsNoContext) {
  EXPECT_EQ(::viEnableEvent(session_, kRequest, VI_QUEUE, session_), VI_ERROR_INV_CONTEXT);
}

TEST_F(SessionEventsTest, AWaitIsEndedByTerminateAndByClose) {
  for (const bool close : {false, true}) {
    const ViSession session = open(test::kGpib);
    ASSERT_EQ(enable(session, kRequest), VI_SUCCESS);
    std::atomic<bool> over{false};
    ViStatus status = VI_SUCCESS;
    std::thread waiter([&] {
      status = ::viWaitOnEvent(session, kRequest, VI_TMO_INFINITE, nullptr, nullptr);
      over = true;
    });
    if (close) {
      EXPECT_EQ(::viClose(session), VI_SUCCESS);
    } else {
      while (!over) {
        EXPECT_EQ(::viTerminate(session, VI_NULL, VI_NULL), VI_SUCCESS);
        std::this_thread::yield();
      }
    }
    waiter.join();
    // The waiter may have come only when the session was gone.
    EXPECT_TRUE(status == VI_ERROR_ABORT || (close && status == VI_ERROR_INV_OBJECT)) << status;
  }
}

// What PyVISA does whenever it closes anything.
TEST_F(SessionEventsTest, DisablingAndDiscardingSucceedWhereNothingWasEnabled) {
  for (const char* name : {test::kSocket, test::kSerial, test::kGpib, test::kUsb, test::kLan}) {
    const ViSession session = open(name);
    EXPECT_EQ(::viDisableEvent(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH), VI_SUCCESS_EVENT_DIS);
    EXPECT_EQ(::viDiscardEvents(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH),
              VI_SUCCESS_QUEUE_EMPTY);
    Watcher watcher;
    EXPECT_EQ(watcher.uninstall(session, VI_EVENT_EXCEPTION), VI_ERROR_HNDLR_NINSTALLED);
    EXPECT_EQ(::viWaitOnEvent(session, VI_EVENT_IO_COMPLETION, 0, nullptr, nullptr),
              VI_ERROR_NENABLED);
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
  }
}

TEST_F(SessionEventsTest, TypesAreOfTheKindsThatRaiseThem) {
  const ViSession socket = open(test::kSocket);
  const ViSession serial = open(test::kSerial);
  const ViSession usb = open(test::kUsb);
  EXPECT_EQ(enable(socket, kRequest), VI_ERROR_INV_EVENT);
  EXPECT_EQ(enable(serial, kRequest), VI_ERROR_INV_EVENT);
  EXPECT_EQ(enable(usb, kRequest), VI_SUCCESS);
  EXPECT_EQ(enable(usb, VI_EVENT_USB_INTR), VI_SUCCESS);
  EXPECT_EQ(enable(session_, VI_EVENT_USB_INTR), VI_ERROR_INV_EVENT);
  EXPECT_EQ(enable(rm_, VI_EVENT_IO_COMPLETION), VI_ERROR_INV_EVENT);
  EXPECT_EQ(enable(session_, 1), VI_ERROR_INV_EVENT);
}

// USB_MAX_INTR_SIZE is read-only while its event is enabled, and only then.
TEST_F(SessionEventsTest, AnAttributeMayBeFrozenWhileItsEventIsEnabled) {
  const ViSession usb = open(test::kUsb);
  EXPECT_EQ(set(usb, VI_ATTR_USB_MAX_INTR_SIZE, 8), VI_SUCCESS);
  ASSERT_EQ(enable(usb, VI_EVENT_USB_INTR), VI_SUCCESS);
  EXPECT_EQ(set(usb, VI_ATTR_USB_MAX_INTR_SIZE, 9), VI_ERROR_ATTR_READONLY);
  ASSERT_EQ(::viDisableEvent(usb, VI_EVENT_USB_INTR, VI_ALL_MECH), VI_SUCCESS);
  EXPECT_EQ(set(usb, VI_ATTR_USB_MAX_INTR_SIZE, 9), VI_SUCCESS);
}

}  // namespace
}  // namespace visa::core
