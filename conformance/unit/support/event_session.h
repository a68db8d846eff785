// SPDX-License-Identifier: MIT
// What tests of events through the C API share: handlers with a body of the test's own, a diary
// they write into, and the attributes of a context. Handlers run on whatever thread calls them.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/support/visa_session.h"

namespace visa::test {

/// What happened, in order; tests wait for it.
class Diary {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Waits for so many lines; what there is then.
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::chrono::steady_clock::now() + kPatience,
                        [&] { return lines_.size() >= count; });
    return lines_;
  }
  std::vector<std::string> lines() { return wait(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// A handler; its address is the user handle.
struct Watcher {
  std::function<ViStatus(ViSession, ViEventType, ViEvent)> body;
  static ViStatus _VI_FUNCH entry(ViSession vi, ViEventType type, ViEvent context, ViAddr self) {
    return static_cast<Watcher*>(self)->body(vi, type, context);
  }
  ViStatus install(ViSession vi, ViEventType type) {
    return ::viInstallHandler(vi, type, &Watcher::entry, this);
  }
  ViStatus uninstall(ViSession vi, ViEventType type) {
    return ::viUninstallHandler(vi, type, &Watcher::entry, this);
  }
  /// Both.
  void enable(ViSession vi, ViEventType type, ViUInt16 mechanism = VI_HNDLR) {
    EXPECT_EQ(install(vi, type), VI_SUCCESS);
    EXPECT_EQ(::viEnableEvent(vi, type, mechanism, VI_NULL), VI_SUCCESS);
  }
};

/// An attribute of exactly T's width: the bytes behind it must stay as they are.
template <class T>
T exact(ViObject object, ViAttr id, ViStatus expected = VI_SUCCESS) {
  constexpr unsigned char kGuard = 0xA5;
  unsigned char room[sizeof(T) + 8];
  std::memset(room, kGuard, sizeof room);
  EXPECT_EQ(::viGetAttribute(object, id, room), expected) << std::hex << id;
  EXPECT_TRUE(std::all_of(room + sizeof(T), room + sizeof room,
                          [](unsigned char byte) { return byte == kGuard; }))
      << std::hex << id << " writes more than " << sizeof(T) << " bytes";
  T value{};
  std::memcpy(&value, room, sizeof value);
  return value;
}

inline std::string text(ViObject object, ViAttr id) {
  ViChar room[256] = "?";
  EXPECT_EQ(::viGetAttribute(object, id, room), VI_SUCCESS);
  return room;
}

class EventSession : public VisaSession {
 protected:
  /// viWaitOnEvent; the context is the test's.
  static ViStatus wait(ViSession vi, ViEventType type, ViEvent& context, ViUInt32 timeout = 30000) {
    context = 0xDEAD;
    ViEventType got = 0xDEAD;
    const ViStatus status = ::viWaitOnEvent(vi, type, timeout, &got, &context);
    EXPECT_EQ(got == 0, status < 0);
    EXPECT_EQ(context == VI_NULL, status < 0);
    return status;
  }
  static ViStatus enable(ViSession vi, ViEventType type, ViUInt16 mechanism = VI_QUEUE) {
    return ::viEnableEvent(vi, type, mechanism, VI_NULL);
  }

  Diary diary_;
};

}  // namespace visa::test
