// SPDX-License-Identifier: MIT
// Sixteen threads that open, close, lock, wait, handle, transfer in the background and terminate,
// on sessions of their own and on shared ones that others close under their feet. It runs for
// FREEVISA_STRESS_SECONDS (5 unless set); what it proves is what ThreadSanitizer and
// AddressSanitizer have to say, that no call hangs, and that nothing is left at the end.
#include <gtest/gtest.h>
#include <visa.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/event_session.h"
#include "lib/core/library.h"

namespace visa::abi {
namespace {

using test::FakeWire;
using test::Signal;

constexpr ViEventType kRequest = VI_EVENT_SERVICE_REQ;
constexpr int kThreads = 16;
constexpr std::size_t kShared = 6;

std::chrono::seconds duration() {
  const char* text = std::getenv("FREEVISA_STRESS_SECONDS");
  const int seconds = text == nullptr ? 0 : std::atoi(text);
  return std::chrono::seconds(seconds > 0 ? seconds : 5);
}

// The sessions the threads quarrel over; closed and opened again all the time.
struct Shared {
  std::atomic<ViSession> session{VI_NULL};
  std::mutex mutex;
  std::shared_ptr<FakeWire> wire;  // under mutex
  std::shared_ptr<FakeWire> get() {
    const std::lock_guard lock(mutex);
    return wire;
  }
};

std::atomic<unsigned> handled{0};
std::atomic<unsigned> failures_handled{0};
std::atomic<unsigned> completions{0};

ViStatus _VI_FUNCH on_event(ViSession vi, ViEventType type, ViEvent context, ViAddr) {
  const auto turn = ++handled;
  ViEventType seen = 0;
  ::viGetAttribute(context, VI_ATTR_EVENT_TYPE, &seen);
  if (seen != type) ADD_FAILURE() << "a context of another type";
  if (type == VI_EVENT_IO_COMPLETION) ++completions;
  ViUInt16 byte = 0;
  if (turn % 3 == 0) ::viReadSTB(vi, &byte);
  if (turn % 7 == 0) ::viDisableEvent(vi, type, VI_HNDLR);
  if (turn % 11 == 0) ::viClose(vi);
  return turn % 2 == 0 ? VI_SUCCESS_NCHAIN : VI_SUCCESS;
}

ViStatus _VI_FUNCH on_second_event(ViSession vi, ViEventType, ViEvent, ViAddr) {
  ::viTerminate(vi, VI_NULL, VI_NULL);
  return VI_SUCCESS;
}

ViStatus _VI_FUNCH on_failure(ViSession vi, ViEventType, ViEvent context, ViAddr) {
  ViStatus status = VI_SUCCESS;
  // Another thread may close the session meanwhile, and its contexts with it.
  const ViStatus asked = ::viGetAttribute(context, VI_ATTR_STATUS, &status);
  if (asked >= VI_SUCCESS && status >= VI_SUCCESS) ADD_FAILURE() << "an exception for a success";
  if (++failures_handled % 50 == 0) throw static_cast<int>(vi);
  return VI_SUCCESS;
}

class EventsStress : public test::EventSession {
 protected:
  std::shared_ptr<FakeWire> open_new(ViSession& session) {
    // The bench hands out prepared wires in the order of opening: one opener at a time.
    const std::lock_guard lock(opening_);
    const auto index = bench().opened().size();
    session = VI_NULL;
    if (::viOpen(rm_, test::kGpib, VI_NO_LOCK, 0, &session) < VI_SUCCESS) return nullptr;
    auto wire = bench().wire(index);
    ::viSetAttribute(session, VI_ATTR_TMO_VALUE, 20);
    return wire;
  }

  void one_step(std::minstd_rand& random, Shared& shared) {
    const ViSession vi = shared.session;
    ViByte room[16];
    ViJobId job = VI_NULL;
    switch (random() % 18) {
      case 0: {
        ViSession fresh = VI_NULL;
        auto wire = open_new(fresh);
        if (wire == nullptr) return;
        {
          const std::lock_guard lock(shared.mutex);
          shared.wire = std::move(wire);
        }
        ::viClose(shared.session.exchange(fresh));
        return;
      }
      case 1:
        ::viClose(vi);
        return;
      case 2:
        if (::viLock(vi, VI_EXCLUSIVE_LOCK, 5, VI_NULL, VI_NULL) >= VI_SUCCESS) ::viUnlock(vi);
        return;
      case 3:
        ::viEnableEvent(vi, kRequest, VI_QUEUE, VI_NULL);
        ::viEnableEvent(vi, VI_EVENT_IO_COMPLETION, VI_QUEUE, VI_NULL);
        return;
      case 4:
        ::viInstallHandler(vi, kRequest, on_event, nullptr);
        ::viInstallHandler(vi, kRequest, on_second_event, room);
        ::viEnableEvent(vi, kRequest, random() % 2 == 0 ? VI_HNDLR : VI_SUSPEND_HNDLR, VI_NULL);
        return;
      case 5:
        ::viInstallHandler(vi, VI_EVENT_IO_COMPLETION, on_event, nullptr);
        ::viEnableEvent(vi, VI_EVENT_IO_COMPLETION, VI_HNDLR, VI_NULL);
        return;
      case 6:
        ::viUninstallHandler(vi, kRequest, on_event, nullptr);
        return;
      case 7:
        ::viDisableEvent(vi, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH);
        ::viDiscardEvents(vi, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH);
        return;
      case 8: {
        ViEvent context = VI_NULL;
        ViEventType type = 0;
        const auto status = ::viWaitOnEvent(vi, VI_ALL_ENABLED_EVENTS,
                                            static_cast<ViUInt32>(random() % 10), &type, &context);
        if (status >= VI_SUCCESS && random() % 4 != 0) ::viClose(context);
        return;
      }
      case 9:
        ::viTerminate(vi, VI_NULL, VI_NULL);
        return;
      case 10:
        ::viInstallHandler(vi, VI_EVENT_EXCEPTION, on_failure, nullptr);
        ::viEnableEvent(vi, VI_EVENT_EXCEPTION, VI_HNDLR, VI_NULL);
        return;
      case 11:
        ::viWriteAsync(vi, reinterpret_cast<ViConstBuf>("data"), 4, &job);
        if (random() % 2 == 0) ::viTerminate(vi, VI_NULL, job);
        return;
      case 12:
        if (const auto wire = shared.get()) wire->blocks("read");
        ::viReadAsync(vi, for_jobs_, sizeof for_jobs_, &job);
        if (random() % 2 == 0) ::viTerminate(vi, VI_NULL, job);
        return;
      case 13:
        ::viRead(vi, room, sizeof room, nullptr);
        return;
      case 14:
        ::viWrite(vi, room, 0, nullptr);
        return;
      default:
        if (const auto wire = shared.get()) wire->events.raise(kRequest);
        return;
    }
  }

  std::mutex opening_;
  ViByte for_jobs_[16] = {};  // the fake wire has nothing to put into it
};

TEST_F(EventsStress, SixteenThreadsForAWhile) {
  const auto before = core::Library::current()->objects.size();
  std::vector<Shared> shared(kShared);
  for (auto& one : shared) {
    ViSession session = VI_NULL;
    one.wire = open_new(session);
    one.session = session;
  }
  const auto until = std::chrono::steady_clock::now() + duration();
  std::atomic<unsigned> steps{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::minstd_rand random(t + 1);
      while (std::chrono::steady_clock::now() < until) {
        try {
          one_step(random, shared[random() % kShared]);
        } catch (int) {  // thrown by the program's own exception handler
        }
        ++steps;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto& one : shared) {
    try {
      ::viClose(one.session);
    } catch (int) {
    }
    one.wire.reset();
  }
  EXPECT_GT(steps, 1000u);
  EXPECT_GT(handled, 0u);
  EXPECT_GT(failures_handled, 0u);
  // A handler that closes its own session returns after viClose has.
  const auto patience = std::chrono::steady_clock::now() + test::kPatience;
  while (core::Library::current()->objects.size() > before &&
         std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_EQ(core::Library::current()->objects.size(), before) << "something is left";
  RecordProperty("steps", static_cast<int>(steps));
  RecordProperty("handled", static_cast<int>(handled));
  RecordProperty("completions", static_cast<int>(completions));
}

}  // namespace
}  // namespace visa::abi
