// SPDX-License-Identifier: MIT
// Programs with handlers, as they come in through the C API: what a handler may do, and what a bad
// one cannot do to the others.
#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/event_session.h"
#include "conformance/unit/support/sanitizers.h"

namespace visa::abi {
namespace {

using test::Signal;
using test::Watcher;
using Lines = std::vector<std::string>;

constexpr ViEventType kRequest = VI_EVENT_SERVICE_REQ;

std::size_t threads() {
  std::error_code ignored;
  const std::filesystem::directory_iterator tasks("/proc/self/task", ignored);
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

class Events : public test::EventSession {
 protected:
  Events() { session_ = open(test::kGpib, wire_); }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(Events, AHandlerMayCallEverythingOnItsSession) {
  Signal done;
  wire_->then({.operation = "stb", .status_byte = 0x40}).answers("42\n");
  Watcher other{[](ViSession, ViEventType, ViEvent) { return VI_SUCCESS; }};
  Watcher watcher;
  watcher.body = [&](ViSession vi, ViEventType type, ViEvent context) {
    ViUInt16 byte = 0;
    EXPECT_EQ(::viReadSTB(vi, &byte), VI_SUCCESS);
    EXPECT_EQ(write(vi, "MEAS?\n"), VI_SUCCESS);
    std::string data;
    EXPECT_EQ(read(vi, data), VI_SUCCESS);
    EXPECT_EQ(data, "42\n");
    EXPECT_EQ(::viClear(vi), VI_SUCCESS);
    EXPECT_EQ(::viLock(vi, VI_EXCLUSIVE_LOCK, 0, VI_NULL, VI_NULL), VI_SUCCESS);
    EXPECT_EQ(::viUnlock(vi), VI_SUCCESS);
    EXPECT_EQ(set(vi, VI_ATTR_TMO_VALUE, 100), VI_SUCCESS);
    EXPECT_EQ(::viTerminate(vi, VI_NULL, VI_NULL), VI_SUCCESS);
    EXPECT_EQ(enable(vi, type, VI_QUEUE), VI_SUCCESS);
    wire_->events.raise(type);
    ViEvent second = VI_NULL;
    EXPECT_EQ(wait(vi, type, second), VI_SUCCESS);
    EXPECT_NE(second, context);
    EXPECT_EQ(::viClose(second), VI_SUCCESS);
    EXPECT_EQ(::viDiscardEvents(vi, type, VI_ALL_MECH), VI_SUCCESS_QUEUE_EMPTY);
    EXPECT_EQ(other.install(vi, type), VI_SUCCESS);
    EXPECT_EQ(other.uninstall(vi, type), VI_SUCCESS);
    EXPECT_EQ(enable(vi, type, VI_SUSPEND_HNDLR), VI_SUCCESS);
    EXPECT_EQ(::viDisableEvent(vi, type, VI_ALL_MECH), VI_SUCCESS);
    EXPECT_EQ(watcher.uninstall(vi, type), VI_SUCCESS);
    ViSession opened = VI_NULL;
    EXPECT_EQ(::viOpen(rm_, test::kSocket, VI_NO_LOCK, 0, &opened), VI_SUCCESS);
    EXPECT_EQ(::viClose(opened), VI_SUCCESS);
    done.give();
    return VI_SUCCESS;
  };
  watch(watcher, session_, kRequest);
  wire_->events.raise(kRequest);
  EXPECT_TRUE(done.wait());
}

TEST_F(Events, AHandlerMayCloseItsOwnSession) {
  Signal done;
  Watcher later{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("later");
    return VI_SUCCESS;
  }};
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent context) {
    EXPECT_EQ(::viClose(vi), VI_SUCCESS);
    EXPECT_EQ(test::exact<ViEventType>(context, VI_ATTR_EVENT_TYPE), kRequest);
    EXPECT_EQ(::viClose(vi), VI_ERROR_INV_OBJECT);
    done.give();
    return VI_SUCCESS;
  }};
  ASSERT_EQ(later.install(session_, kRequest), VI_SUCCESS);
  watch(watcher, session_, kRequest);
  wire_->events.raise(kRequest);
  ASSERT_TRUE(done.wait());
  EXPECT_EQ(wire_->count("close"), 1u);
  EXPECT_TRUE(diary_.lines().empty()) << "the session is gone";
}

TEST_F(Events, AHandlerMayCloseTheManager) {
  Signal done;
  ViSession rm = VI_NULL;
  ASSERT_EQ(::viOpenDefaultRM(&rm), VI_SUCCESS);
  bench().prepare();
  ViSession session = VI_NULL;
  ASSERT_EQ(::viOpen(rm, test::kGpib, VI_NO_LOCK, 0, &session), VI_SUCCESS);
  const auto wire = bench().wire(1);
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent) {
    EXPECT_EQ(::viClose(rm), VI_SUCCESS);
    EXPECT_EQ(::viClose(vi), VI_ERROR_INV_OBJECT);
    done.give();
    return VI_SUCCESS;
  }};
  watch(watcher, session, kRequest);
  wire->events.raise(kRequest);
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(wire->count("close"), 1u);
}

TEST_F(Events, TwoHandlersMayCloseEachOthersSession) {
  for (int round = 0; round < 50; ++round) {
    std::shared_ptr<test::FakeWire> wires[2];
    const ViSession sessions[2] = {open(test::kGpib, wires[0]), open(test::kGpib, wires[1])};
    std::atomic<int> inside{0};
    auto closes = [&](ViSession victim) {
      return Watcher{[&, victim](ViSession, ViEventType, ViEvent) {
        ++inside;
        while (inside < 2) std::this_thread::yield();  // both are running
        const auto status = ::viClose(victim);
        EXPECT_TRUE(status == VI_SUCCESS || status == VI_ERROR_INV_OBJECT) << status;
        diary_.add("closed");
        return VI_SUCCESS;
      }};
    };
    Watcher a = closes(sessions[1]);
    Watcher b = closes(sessions[0]);
    watch(a, sessions[0], kRequest);
    watch(b, sessions[1], kRequest);
    wires[0]->events.raise(kRequest);
    wires[1]->events.raise(kRequest);
    const auto expected = static_cast<std::size_t>(round + 1) * 2;
    ASSERT_EQ(diary_.wait(expected).size(), expected) << "they wait for each other";
    EXPECT_EQ(wires[0]->count("close") + wires[1]->count("close"), 2u);
    // The watchers go out of scope here, so the handler threads must have finished with them.
    while (!wires[0]->channel_destroyed() || !wires[1]->channel_destroyed()) {
      std::this_thread::yield();
    }
  }
}

TEST_F(Events, ABlockedHandlerDelaysNobodyElse) {
  Signal inside;
  Signal go;
  Watcher blocker{[&](ViSession, ViEventType, ViEvent) {
    inside.give();
    EXPECT_TRUE(go.wait());
    return VI_SUCCESS;
  }};
  watch(blocker, session_, kRequest);
  wire_->events.raise(kRequest);
  ASSERT_TRUE(inside.wait());
  std::shared_ptr<test::FakeWire> wire;
  const ViSession other = open(test::kGpib, wire);
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("on time");
    return VI_SUCCESS;
  }};
  watch(watcher, other, kRequest);
  wire->events.raise(kRequest);
  EXPECT_EQ(diary_.wait(1), Lines{"on time"}) << "while the first still blocks";
  EXPECT_EQ(::viClose(other), VI_SUCCESS);
  EXPECT_EQ(write(session_, "x"), VI_SUCCESS) << "its own session works, too";
  go.give();
}

TEST_F(Events, AHandlerThatThrowsHarmsNothing) {
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) -> ViStatus {
    diary_.add("called");
    throw std::runtime_error("of the program");
  }};
  watch(watcher, session_, kRequest);
  wire_->events.raise(kRequest);
  wire_->events.raise(kRequest);
  EXPECT_EQ(diary_.wait(2).size(), 2u);
  EXPECT_EQ(::viDisableEvent(session_, kRequest, VI_HNDLR), VI_SUCCESS);
}

// On the handler thread an EXCEPTION handler may throw, too: it ends at the outer handler.
TEST_F(Events, AnExceptionOfACallInsideAHandlerReachesThatHandler) {
  Watcher thrower{
      [](ViSession, ViEventType, ViEvent) -> ViStatus { throw std::runtime_error("failed"); }};
  watch(thrower, session_, VI_EVENT_EXCEPTION);
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent) {
    ViByte room[8];
    EXPECT_THROW(::viRead(vi, room, sizeof room, nullptr), std::runtime_error);
    diary_.add("caught");
    return VI_SUCCESS;
  }};
  watch(watcher, session_, kRequest);
  wire_->events.raise(kRequest);
  EXPECT_EQ(diary_.wait(1), Lines{"caught"});
}

// B5: passed back untouched, never followed.
std::vector<ViAddr> handles_seen;
ViStatus _VI_FUNCH keeps_handle(ViSession, ViEventType, ViEvent, ViAddr handle) {
  handles_seen.push_back(handle);
  return VI_SUCCESS;
}

TEST_F(Events, UserHandlesOfEveryKindComeBackUntouched) {
  int number = 1;
  double real = 2.5;
  wchar_t text[] = L"three";
  std::array<int, 4> list{1, 2, 3, 4};
  struct {
    int a;
    char b;
  } record{5, 'x'};
  const std::vector<ViAddr> handles{nullptr,
                                    &number,
                                    &real,
                                    text,
                                    list.data(),
                                    &record,
                                    reinterpret_cast<ViAddr>(std::uintptr_t{1}),
                                    reinterpret_cast<ViAddr>(UINTPTR_MAX)};
  for (const auto handle : handles) {
    EXPECT_EQ(::viInstallHandler(session_, kRequest, keeps_handle, handle), VI_SUCCESS);
    EXPECT_EQ(::viInstallHandler(session_, kRequest, keeps_handle, handle), VI_ERROR_INV_HNDLR_REF);
  }
  EXPECT_EQ(::viInstallHandler(session_, kRequest, VI_ANY_HNDLR, &number),
            VI_ERROR_INV_HNDLR_REF);  // 3.7.24
  Watcher last{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("begun");
    return VI_SUCCESS;
  }};
  handles_seen.clear();
  watch(last, session_, kRequest);
  wire_->events.raise(kRequest);
  wire_->events.raise(kRequest);
  ASSERT_EQ(diary_.wait(2).size(), 2u);  // the first chain is over
  ASSERT_EQ(::viDisableEvent(session_, kRequest, VI_HNDLR), VI_SUCCESS);
  const std::vector<ViAddr> backwards(handles.rbegin(), handles.rend());
  ASSERT_GE(handles_seen.size(), handles.size());
  EXPECT_TRUE(std::equal(backwards.begin(), backwards.end(), handles_seen.begin()));
  EXPECT_EQ(number, 1);
  EXPECT_EQ(real, 2.5);
  EXPECT_EQ(std::wcscmp(text, L"three"), 0);
  for (const auto handle : handles) {
    EXPECT_EQ(::viUninstallHandler(session_, kRequest, keeps_handle, handle), VI_SUCCESS);
    EXPECT_EQ(::viUninstallHandler(session_, kRequest, keeps_handle, handle),
              VI_ERROR_INV_HNDLR_REF);
  }
  EXPECT_EQ(::viUninstallHandler(session_, kRequest, VI_ANY_HNDLR, &last), VI_SUCCESS);
  EXPECT_EQ(::viUninstallHandler(session_, kRequest, VI_ANY_HNDLR, &last),
            VI_ERROR_HNDLR_NINSTALLED);
}

TEST_F(Events, AThousandSessionsNeedThreadsOnlyWhereAHandlerIsEnabled) {
  constexpr std::size_t kSessions = 1000;
  constexpr std::size_t kWithHandler = 20;
  // ThreadSanitizer has a thread of its own from the first that is started.
  const auto at_first = threads();
  std::thread([] {}).join();
  const auto before = test::kThreadSanitizer ? std::max<decltype(at_first)>(at_first, 2) : at_first;
  std::vector<ViSession> sessions;
  std::vector<std::shared_ptr<test::FakeWire>> wires(kSessions);
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("called");
    return VI_SUCCESS;
  }};
  for (auto& wire : wires) {
    sessions.push_back(open(test::kGpib, wire));
    ASSERT_EQ(enable(sessions.back(), kRequest), VI_SUCCESS);
  }
  EXPECT_EQ(threads(), before);
  for (std::size_t i = 0; i < kWithHandler; ++i) watch(watcher, sessions[i], kRequest);
  EXPECT_EQ(threads(), before + kWithHandler);
  for (const auto& wire : wires) EXPECT_TRUE(wire->events.raise(kRequest));
  EXPECT_EQ(diary_.wait(kWithHandler).size(), kWithHandler);
  for (const auto session : sessions) {
    ViEvent context = VI_NULL;
    EXPECT_EQ(wait(session, kRequest, context, VI_TMO_IMMEDIATE), VI_SUCCESS);
  }
  for (const auto session : sessions) EXPECT_EQ(::viClose(session), VI_SUCCESS);
  // A thread that was joined may stay in the list of the system for a moment.
  const auto patience = std::chrono::steady_clock::now() + test::kPatience;
  while (threads() > before && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_EQ(threads(), before);
}

TEST_F(Events, AHundredThousandEventsIntoAQueueOfFifty) {
  ASSERT_EQ(enable(session_, kRequest), VI_SUCCESS);
  for (int i = 0; i < 100'000; ++i) wire_->events.raise(kRequest);
  ViEvent context = VI_NULL;
  EXPECT_EQ(wait(session_, kRequest, context), VI_WARN_QUEUE_OVERFLOW);
  for (int i = 1; i < 50; ++i) {
    EXPECT_EQ(wait(session_, kRequest, context, VI_TMO_IMMEDIATE),
              i < 49 ? VI_SUCCESS_QUEUE_NEMPTY : VI_SUCCESS);
  }
  EXPECT_EQ(wait(session_, kRequest, context, VI_TMO_IMMEDIATE), VI_ERROR_TMO);
}

}  // namespace
}  // namespace visa::abi
