// SPDX-License-Identifier: MIT
// What tests of events through the C API share: the fixture with a diary, and the attributes of a
// context. One thread; handlers run on whatever thread calls them.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "conformance/unit/support/visa_session.h"
#include "conformance/unit/support/watcher.h"

namespace visa::test {

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

  /// Installs and enables.
  static void watch(Watcher& watcher, ViSession vi, ViEventType type,
                    ViUInt16 mechanism = VI_HNDLR) {
    EXPECT_EQ(watcher.install(vi, type), VI_SUCCESS);
    EXPECT_EQ(enable(vi, type, mechanism), VI_SUCCESS);
  }

  Diary diary_;
};

}  // namespace visa::test
