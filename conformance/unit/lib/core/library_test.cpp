// SPDX-License-Identifier: MIT
// The one struct of the process, and what a child of fork makes of it: inherited sessions are dead,
// closing them succeeds without touching the wire, managers serve anew, and so does all that the
// child opens.
#include "lib/core/library.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/sanitizers.h"
#include "conformance/unit/support/visa_session.h"
#include "lib/core/resource_manager.h"

namespace visa::core {
namespace {

using test::in_child;
using test::kSocket;

class LibraryTest : public test::VisaSession {};

TEST_F(LibraryTest, IsOneAProcess) {
  auto& library = ResourceManager::library();
  EXPECT_EQ(&ResourceManager::library(), &library);
  EXPECT_EQ(Library::current(), &library);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(&ResourceManager::library(), &library); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(library.drivers.empty());
}

TEST_F(LibraryTest, NoHandleOfOurOwnIsInherited) {
  const ViSession session = open(kSocket);
  EXPECT_FALSE(Library::inherited(session));
  EXPECT_FALSE(Library::inherited(rm_));
  EXPECT_FALSE(Library::inherited(0));
}

TEST_F(LibraryTest, FirstUseOnManyThreadsOfAChildMakesOne) {
  if (test::kThreadSanitizer) GTEST_SKIP() << "ThreadSanitizer: no threads in a child of fork";
  EXPECT_EQ(in_child([] {
              std::atomic<Library*> seen{nullptr};
              std::atomic<int> others{0};
              std::vector<std::thread> threads;
              for (int i = 0; i < 8; ++i) {
                threads.emplace_back([&] {
                  Library* expected = nullptr;
                  Library* mine = &ResourceManager::library();
                  if (!seen.compare_exchange_strong(expected, mine) && expected != mine) ++others;
                });
              }
              for (auto& thread : threads) thread.join();
              return others == 0 ? 0 : 1;
            }),
            "");
}

TEST_F(LibraryTest, InAChildInheritedHandlesAreDeadButCloseQuietly) {
  std::shared_ptr<test::FakeWire> wire;
  const ViSession session = open(kSocket, wire);
  EXPECT_EQ(
      in_child([&] {
        char room[4];
        ViUInt16 byte = 0;
        ViUInt32 number = 0;
        if (::viRead(session, reinterpret_cast<ViPBuf>(room), 4, nullptr) != VI_ERROR_INV_OBJECT)
          return 1;
        if (::viReadSTB(session, &byte) != VI_ERROR_INV_OBJECT) return 2;
        if (::viClear(session) != VI_ERROR_INV_OBJECT) return 3;
        if (::viGetAttribute(session, VI_ATTR_TMO_VALUE, &number) != VI_ERROR_INV_OBJECT) return 4;
        if (::viLock(session, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr) != VI_ERROR_INV_OBJECT)
          return 6;
        // What PyVISA's destructors do.
        if (::viDisableEvent(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH) < 0) return 7;
        if (::viDiscardEvents(session, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH) < 0) return 8;
        if (::viClose(session) != VI_SUCCESS) return 9;
        if (::viClose(session) != VI_SUCCESS) return 10;
        if (description(session, VI_ERROR_INV_OBJECT).find("inherited by fork") ==
            std::string::npos)
          return 5;
        if (Library::current() != nullptr) return 14;  // none was needed so far
        if (::viClose(rm_) != VI_SUCCESS) return 11;
        if (::viGetAttribute(rm_, VI_ATTR_RSRC_LOCK_STATE, &number) != VI_ERROR_INV_OBJECT)
          return 15;
        if (Library::current() != nullptr) return 16;
        // A number the parent never gave out is no inheritance.
        if (::viClose(0x7FFFFFF0) != VI_ERROR_INV_OBJECT) return 12;
        return wire->operations().empty() ? 0 : 13;
      }),
      "");
  EXPECT_EQ(write(session, "parent"), VI_SUCCESS) << "the parent's session goes on";
}

TEST_F(LibraryTest, AChildOpensItsOwn) {
  const ViSession session = open(kSocket);
  EXPECT_EQ(in_child([&] {
              ViSession own = VI_NULL;
              if (::viOpenDefaultRM(&own) != VI_SUCCESS) return 1;
              if (own <= session) return 2;  // numbers go on: nothing old is hit by accident
              ViSession mine = VI_NULL;
              if (::viOpen(own, kSocket, VI_EXCLUSIVE_LOCK, 0, &mine) != VI_SUCCESS) return 3;
              if (::viClear(mine) != VI_SUCCESS) return 4;
              if (::viClear(session) != VI_ERROR_INV_OBJECT) return 5;
              if (::viClose(session) != VI_SUCCESS) return 6;
              if (::viClose(own) != VI_SUCCESS) return 7;
              if (::viClear(mine) != VI_ERROR_INV_OBJECT) return 8;
              if (::viClose(mine) != VI_ERROR_INV_OBJECT) return 9;
              // The child of the child.
              return in_child([&] {
                       if (::viClose(own) != VI_SUCCESS) return 1;
                       ViSession third = VI_NULL;
                       if (::viOpenDefaultRM(&third) != VI_SUCCESS) return 2;
                       return ::viClose(third) == VI_SUCCESS ? 0 : 3;
                     }).empty()
                         ? 0
                         : 10;
            }),
            "");
  EXPECT_EQ(::viClose(session), VI_SUCCESS);
}

// What PyVISA does in a child of multiprocessing: its manager object is the parent's, handle and
// all.
TEST_F(LibraryTest, AManagerOfTheParentServesInTheChildUnderItsHandle) {
  const ViSession session = open(kSocket);
  ViSession closed = VI_NULL;
  ViSession second = VI_NULL;
  ASSERT_EQ(::viOpenDefaultRM(&closed), VI_SUCCESS);
  ASSERT_EQ(::viOpenDefaultRM(&second), VI_SUCCESS);
  ASSERT_EQ(::viClose(closed), VI_SUCCESS);
  const auto in_the_child = [&] {
    ViUInt16 type = 0;
    ViUInt16 number = 0;
    ViSession mine = VI_NULL;
    ViSession found = VI_NULL;
    if (::viParseRsrc(rm_, kSocket, &type, &number) != VI_SUCCESS) return 1;
    if (::viOpen(rm_, kSocket, VI_EXCLUSIVE_LOCK, 0, &mine) != VI_SUCCESS) return 2;
    if (mine <= second) return 3;  // nothing old is hit by accident
    if (::viGetAttribute(mine, VI_ATTR_RM_SESSION, &found) != VI_SUCCESS || found != rm_) return 4;
    if (write(mine, "child") != VI_SUCCESS) return 5;
    if (write(session, "child") != VI_ERROR_INV_OBJECT) return 6;
    if (::viClose(session) != VI_SUCCESS || write(mine, "x") != VI_SUCCESS) return 7;
    if (::viDisableEvent(rm_, VI_ALL_ENABLED_EVENTS, VI_ALL_MECH) != VI_SUCCESS_EVENT_DIS) return 8;
    if (::viParseRsrc(closed, kSocket, &type, &number) != VI_ERROR_INV_OBJECT) return 9;
    if (::viClose(rm_) != VI_SUCCESS) return 10;  // with what was opened on it
    if (write(mine, "x") != VI_ERROR_INV_OBJECT) return 11;
    if (::viParseRsrc(rm_, kSocket, &type, &number) != VI_ERROR_INV_OBJECT) return 12;
    if (::viClose(rm_) != VI_SUCCESS) return 13;  // as every inherited handle
    return ::viParseRsrc(second, kSocket, &type, &number) == VI_SUCCESS ? 0 : 14;
  };
  EXPECT_EQ(in_child(in_the_child), "");
  // The child of a child, one that has used the manager and one that has not.
  EXPECT_EQ(in_child([&] { return in_child(in_the_child).empty() ? 0 : 1; }), "");
  EXPECT_EQ(in_child([&] {
              ViSession mine = VI_NULL;
              ViUInt16 number = 0;
              if (::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &mine) != VI_SUCCESS) return 1;
              if (!in_child([&] {
                     if (write(mine, "x") != VI_ERROR_INV_OBJECT) return 1;
                     return in_the_child();
                   }).empty())
                return 2;
              return ::viParseRsrc(rm_, kSocket, &number, &number) == VI_SUCCESS ? 0 : 3;
            }),
            "");
  // A fork on another thread.
  std::string problem;
  std::thread([&] { problem = in_child(in_the_child); }).join();
  EXPECT_EQ(problem, "");
  EXPECT_EQ(write(session, "parent"), VI_SUCCESS);
  EXPECT_EQ(::viClose(second), VI_SUCCESS);
}

TEST_F(LibraryTest, ManyThreadsOfAChildMeetInTheSameManager) {
  if (test::kThreadSanitizer) GTEST_SKIP() << "ThreadSanitizer: no threads in a child of fork";
  EXPECT_EQ(in_child([&] {
              std::atomic<int> wrong{0};
              std::vector<ViSession> sessions(8);
              std::vector<std::thread> threads;
              for (ViSession& session : sessions) {
                threads.emplace_back([&] {
                  if (::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session) != VI_SUCCESS) ++wrong;
                });
              }
              for (auto& thread : threads) thread.join();
              for (const ViSession session : sessions) {
                if (write(session, "x") != VI_SUCCESS) ++wrong;
              }
              return wrong == 0 ? 0 : 1;
            }),
            "");
}

// The locks of the parent's library may be held at the moment of the fork, for ever in the child.
TEST_F(LibraryTest, ForkWhileOthersAreInsideDoesNotHangTheChild) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        ViSession session = VI_NULL;
        if (::viOpen(rm_, kSocket, VI_NO_LOCK, 0, &session) != VI_SUCCESS) continue;
        write(session, "x");
        ::viLock(session, VI_SHARED_LOCK, 0, "key", nullptr);
        set(session, VI_ATTR_TMO_VALUE, 10);
        ViSession manager = VI_NULL;
        ::viOpenDefaultRM(&manager);
        ::viClose(manager);
        ::viClose(session);
      }
    });
  }
  const int rounds = test::kThreadSanitizer || test::kAddressSanitizer ? 20 : 100;
  std::string problem;
  for (int round = 0; round < rounds && problem.empty(); ++round) {
    problem = in_child([&] {
      ViUInt32 value = 0;
      if (::viGetAttribute(rm_, VI_ATTR_RSRC_SPEC_VERSION, &value) != VI_SUCCESS) return 1;
      if (::viClose(rm_) != VI_SUCCESS) return 2;
      ViSession own = VI_NULL;
      if (::viOpenDefaultRM(&own) != VI_SUCCESS) return 3;
      ViUInt16 type = 0;
      ViUInt16 number = 0;
      if (::viParseRsrc(own, kSocket, &type, &number) != VI_SUCCESS) return 4;
      return ::viClose(own) == VI_SUCCESS ? 0 : 5;
    });
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(problem, "");
}

}  // namespace
}  // namespace visa::core
