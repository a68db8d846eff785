// SPDX-License-Identifier: MIT
// VI_EVENT_EXCEPTION through the C API (B9): on the failing thread, before the call returns, and
// left in every way there is.
#include "lib/core/exception_delivery.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>
#include <visa.h>

#include <atomic>
#include <csetjmp>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <thread>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/event_session.h"
#include "conformance/unit/support/no_unwind.h"
#include "conformance/unit/support/sanitizers.h"
#include "lib/core/library.h"

namespace visa::core {
namespace {

using test::exact;
using test::Watcher;
using Lines = std::vector<std::string>;

class ExceptionDelivery : public test::EventSession {
 protected:
  ExceptionDelivery() { session_ = open(test::kSocket, wire_); }

 public:
  /// A viRead that fails with VI_ERROR_TMO: the wire has nothing to say.
  ViStatus fail() { return fail(session_); }
  static ViStatus fail(ViSession session) {
    ViByte room[8];
    return ::viRead(session, room, sizeof room, nullptr);
  }

 protected:
  static std::size_t objects() { return Library::current()->objects.size(); }
  void enable(Watcher& watcher) { watch(watcher, session_, VI_EVENT_EXCEPTION); }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
  std::thread::id caller_;
};

TEST_F(ExceptionDelivery, RunsOnTheFailingThreadBeforeTheCallReturns) {
  Watcher watcher{[&](ViSession vi, ViEventType type, ViEvent context) {
    EXPECT_EQ(vi, session_);
    EXPECT_EQ(type, ViEventType{VI_EVENT_EXCEPTION});
    EXPECT_EQ(exact<ViEventType>(context, VI_ATTR_EVENT_TYPE), ViEventType{VI_EVENT_EXCEPTION});
    EXPECT_EQ(exact<ViStatus>(context, VI_ATTR_STATUS), VI_ERROR_TMO);
    EXPECT_EQ(test::text(context, VI_ATTR_OPER_NAME), "viRead");
    exact<ViByte>(context, VI_ATTR_JOB_ID, VI_ERROR_NSUP_ATTR);
    diary_.add(std::this_thread::get_id() == caller_ ? "here" : "elsewhere");
    return VI_ERROR_IO;  // changes nothing
  }};
  enable(watcher);
  caller_ = std::this_thread::get_id();
  EXPECT_EQ(fail(), VI_ERROR_TMO);
  EXPECT_EQ(diary_.lines(), Lines{"here"});
}

TEST_F(ExceptionDelivery, OutParametersAreStoredBefore) {
  wire_->then({.operation = "read", .status = Status::error_conn_lost, .data = "ab"});
  ViUInt32 count = 0xDEAD;
  ViByte room[8] = {};
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(room[1], 'b');
    diary_.add("seen");
    return VI_SUCCESS;
  }};
  enable(watcher);
  EXPECT_EQ(::viRead(session_, room, sizeof room, &count), VI_ERROR_CONN_LOST);
  EXPECT_EQ(diary_.lines().size(), 1u);
}

TEST_F(ExceptionDelivery, SuccessesAndWarningsRaiseNone) {
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("x");
    return VI_SUCCESS;
  }};
  enable(watcher);
  wire_->answers("hello");
  ViByte room[2];
  EXPECT_EQ(::viRead(session_, room, 2, nullptr), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(::viEnableEvent(session_, VI_EVENT_EXCEPTION, VI_HNDLR, VI_NULL), VI_SUCCESS_EVENT_EN);
  EXPECT_TRUE(diary_.lines().empty());
  ViUInt16 nothing = 0;
  EXPECT_LT(::viGetAttribute(session_, 12345, &nothing), VI_SUCCESS);
  EXPECT_EQ(diary_.lines().size(), 1u) << "any operation of the session";
  EXPECT_EQ(::viDisableEvent(session_, VI_EVENT_EXCEPTION, VI_HNDLR), VI_SUCCESS);
  fail();
  EXPECT_EQ(diary_.lines().size(), 1u);
}

TEST_F(ExceptionDelivery, LastInstalledFirstUntilNchain) {
  auto writes = [&](const char* name, ViStatus answer) {
    return Watcher{[this, name, answer](ViSession, ViEventType, ViEvent) {
      diary_.add(name);
      return answer;
    }};
  };
  Watcher third = writes("c", VI_SUCCESS);
  Watcher second = writes("b", VI_SUCCESS_NCHAIN);
  Watcher first = writes("a", VI_SUCCESS);
  third.install(session_, VI_EVENT_EXCEPTION);
  second.install(session_, VI_EVENT_EXCEPTION);
  enable(first);
  fail();
  EXPECT_EQ(diary_.lines(), (Lines{"a", "b"}));
}

TEST_F(ExceptionDelivery, AHandlerUninstalledByAnotherIsNotCalled) {  // 3.7.26
  Watcher removed{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("removed");
    return VI_SUCCESS;
  }};
  Watcher last{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("last");
    return VI_SUCCESS;
  }};
  Watcher remover{[&](ViSession vi, ViEventType type, ViEvent) {
    EXPECT_EQ(removed.uninstall(vi, type), VI_SUCCESS);
    return VI_SUCCESS;
  }};
  last.install(session_, VI_EVENT_EXCEPTION);
  removed.install(session_, VI_EVENT_EXCEPTION);
  enable(remover);
  fail();
  EXPECT_EQ(diary_.lines(), Lines{"last"});
}

TEST_F(ExceptionDelivery, ErrorsInsideTheHandlerRaiseNone) {
  const ViSession other = open(test::kGpib);
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent) {
    diary_.add("in");
    EXPECT_EQ(fail(vi), VI_ERROR_TMO);
    EXPECT_EQ(fail(other), VI_ERROR_TMO);
    return VI_SUCCESS;
  }};
  enable(watcher);
  watch(watcher, other, VI_EVENT_EXCEPTION);
  fail();
  EXPECT_EQ(diary_.lines().size(), 1u);
  fail();
  EXPECT_EQ(diary_.lines().size(), 2u) << "the next one is told again";
}

// A handler in code that no stack walk gets past, as a just-in-time compiler makes it.
TEST_F(ExceptionDelivery, ErrorsInsideAHandlerWithoutUnwindTablesRaiseNone) {
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("in");
    if (diary_.lines().size() > 20) return VI_SUCCESS;  // where it goes wrong, it never ends
    call_without_unwind_tables([](void* self) { static_cast<ExceptionDelivery*>(self)->fail(); },
                               this);
    return VI_SUCCESS;
  }};
  enable(watcher);
  fail();
  EXPECT_EQ(diary_.lines().size(), 1u);
  fail();
  EXPECT_EQ(diary_.lines().size(), 2u);
}

TEST_F(ExceptionDelivery, AnotherThreadMayFailMeanwhile) {
  std::atomic<int> depth{0};
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent) {
    diary_.add("in");
    if (depth++ == 0) std::thread([vi] { EXPECT_EQ(fail(vi), VI_ERROR_TMO); }).join();
    return VI_SUCCESS;
  }};
  enable(watcher);
  fail();
  EXPECT_EQ(diary_.lines().size(), 2u);
}

TEST_F(ExceptionDelivery, AThrowPassesThroughTheCallIntoTheProgram) {
  ViEvent kept = VI_NULL;
  Watcher watcher{[&](ViSession, ViEventType, ViEvent context) -> ViStatus {
    kept = context;
    throw std::runtime_error("of the program");
  }};
  enable(watcher);
  EXPECT_THROW(fail(), std::runtime_error);
  // The context is the program's now: it looks at it where it catches, and closes it.
  EXPECT_EQ(exact<ViStatus>(kept, VI_ATTR_STATUS), VI_ERROR_TMO);
  EXPECT_EQ(::viClose(kept), VI_SUCCESS);
  wire_->answers("fine");
  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS) << "the session stays healthy";
}

TEST_F(ExceptionDelivery, ThrowsWithoutNumberLeaveNothingBehind) {
  Watcher watcher{
      [](ViSession, ViEventType, ViEvent) -> ViStatus { throw std::runtime_error("again"); }};
  enable(watcher);
  const auto before = objects();
  for (int i = 0; i < 2000; ++i) EXPECT_THROW(fail(), std::runtime_error);
  EXPECT_LE(objects(), before + 1) << "the last one's context is the program's";
}

// longjmp is of the C world: nothing with a destructor may stand in the frames it leaves.
std::jmp_buf jump_back;
ViStatus _VI_FUNCH jumps(ViSession, ViEventType, ViEvent, ViAddr) {
  std::longjmp(jump_back, 1);
}

[[gnu::noinline]] bool fails_and_comes_back(ViSession session) {
  if (setjmp(jump_back) != 0) return true;
  ViByte room[8];
  ::viRead(session, room, sizeof room, nullptr);
  return false;
}

[[gnu::noinline]] bool deeper(ViSession session, int levels) {
  volatile char room[256] = {};
  room[0] = static_cast<char>(levels);
  const bool back = levels == 0 ? fails_and_comes_back(session) : deeper(session, levels - 1);
  return back && room[0] == static_cast<char>(levels);
}

TEST_F(ExceptionDelivery, AHundredThousandLongjmpsLeaveNothingBehind) {
  ASSERT_EQ(::viInstallHandler(session_, VI_EVENT_EXCEPTION, jumps, nullptr), VI_SUCCESS);
  ASSERT_EQ(::viEnableEvent(session_, VI_EVENT_EXCEPTION, VI_HNDLR, VI_NULL), VI_SUCCESS);
  const auto before = objects();
  const int rounds = test::kThreadSanitizer || test::kAddressSanitizer ? 5'000 : 100'000;
  for (int i = 0; i < rounds; ++i) {
    // From ever other depths of the stack, so that an old delivery lies now below, now above.
    ASSERT_TRUE(deeper(session_, i % 7)) << "no exception in round " << i;
    ASSERT_LE(objects(), before + 1);
  }
}

TEST_F(ExceptionDelivery, AThreadMayEndInsideTheHandler) {
  Watcher watcher{[](ViSession, ViEventType, ViEvent) -> ViStatus { ::pthread_exit(nullptr); }};
  enable(watcher);
  const auto before = objects();
  for (int i = 0; i < 100; ++i) {
    ::pthread_t thread;
    ASSERT_EQ(::pthread_create(
                  &thread, nullptr,
                  [](void* self) -> void* {
                    static_cast<ExceptionDelivery*>(self)->fail();
                    ADD_FAILURE() << "the thread was to end";
                    return nullptr;
                  },
                  this),
              0);
    ::pthread_join(thread, nullptr);
  }
  EXPECT_EQ(objects(), before);
}

TEST_F(ExceptionDelivery, AThreadMayBeCancelledInsideTheHandler) {
  test::Signal inside;
  Watcher watcher{[&](ViSession, ViEventType, ViEvent) -> ViStatus {
    inside.give();
    for (;;) ::pause();
  }};
  enable(watcher);
  const auto before = objects();
  ::pthread_t thread;
  ASSERT_EQ(::pthread_create(
                &thread, nullptr,
                [](void* self) -> void* {
                  static_cast<ExceptionDelivery*>(self)->fail();
                  return nullptr;
                },
                this),
            0);
  ASSERT_TRUE(inside.wait());
  ::pthread_cancel(thread);
  void* result = nullptr;
  ::pthread_join(thread, &result);
  EXPECT_EQ(result, PTHREAD_CANCELED);
  EXPECT_EQ(objects(), before);
}

TEST_F(ExceptionDelivery, TheHandlerMayCloseItsContextAndItsSession) {
  Watcher later{[&](ViSession, ViEventType, ViEvent) {
    diary_.add("later");
    return VI_SUCCESS;
  }};
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent context) {
    EXPECT_EQ(::viClose(context), VI_SUCCESS);
    EXPECT_EQ(::viClose(vi), VI_SUCCESS);
    diary_.add("closed");
    return VI_SUCCESS;
  }};
  later.install(session_, VI_EVENT_EXCEPTION);
  enable(watcher);
  EXPECT_EQ(fail(), VI_ERROR_TMO) << "the error is returned unchanged";
  EXPECT_EQ(diary_.lines(), Lines{"closed"});
  EXPECT_EQ(wire_->count("close"), 1u);
}

// NI's sample: reads attributes of vi, closes context, vi and the RM session, then exits.
TEST_F(ExceptionDelivery, TheHandlerMayCloseEverythingAndExit) {
  if (test::kThreadSanitizer) GTEST_SKIP() << "ThreadSanitizer has no library in a child of fork";
  const auto outcome = test::in_child([&]() -> int {
    static ViSession rm = VI_NULL;
    ViSession vi = VI_NULL;
    if (::viOpenDefaultRM(&rm) < VI_SUCCESS) return 1;
    if (::viOpen(rm, test::kSocket, VI_NO_LOCK, 0, &vi) < VI_SUCCESS) return 2;
    Watcher watcher{[](ViSession session, ViEventType, ViEvent context) -> ViStatus {
      ViChar name[256];
      if (::viGetAttribute(session, VI_ATTR_RSRC_NAME, name) != VI_SUCCESS) ::_exit(3);
      if (::viClose(context) != VI_SUCCESS) ::_exit(4);
      if (::viClose(session) != VI_SUCCESS) ::_exit(5);
      if (::viClose(rm) != VI_SUCCESS) ::_exit(6);
      // A leak check at exit would find the library of the parent, which a child leaves alone.
      if (test::kAddressSanitizer) ::_exit(0);
      std::exit(0);
    }};
    if (watcher.install(vi, VI_EVENT_EXCEPTION) != VI_SUCCESS) return 7;
    if (::viEnableEvent(vi, VI_EVENT_EXCEPTION, VI_HNDLR, VI_NULL) != VI_SUCCESS) return 8;
    fail(vi);
    return 9;
  });
  EXPECT_EQ(outcome, "");
}

TEST_F(ExceptionDelivery, AFailedOpenIsOneOfTheManager) {
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent context) {
    EXPECT_EQ(vi, rm_);
    diary_.add(test::text(context, VI_ATTR_OPER_NAME));
    return VI_SUCCESS;
  }};
  watch(watcher, rm_, VI_EVENT_EXCEPTION);
  ViSession made = VI_NULL;
  EXPECT_EQ(::viOpen(rm_, "nonsense", VI_NO_LOCK, 0, &made), VI_ERROR_INV_RSRC_NAME);
  EXPECT_EQ(diary_.lines(), Lines{"viOpen"});
}

TEST_F(ExceptionDelivery, OfAsynchronousCallsOnlyTheStartRaisesOne) {
  Watcher watcher{[&](ViSession, ViEventType, ViEvent context) {
    diary_.add(test::text(context, VI_ATTR_OPER_NAME));
    return VI_SUCCESS;
  }};
  enable(watcher);
  EXPECT_EQ(::viReadAsync(session_, nullptr, 8, nullptr), VI_ERROR_USER_BUF);
  EXPECT_EQ(diary_.lines(), Lines{"viReadAsync"});
  ASSERT_EQ(EventSession::enable(session_, VI_EVENT_IO_COMPLETION), VI_SUCCESS);
  ViByte room[8];
  EXPECT_EQ(::viReadAsync(session_, room, 8, nullptr), VI_SUCCESS);  // will time out
  ViEvent context = VI_NULL;
  ASSERT_EQ(wait(session_, VI_EVENT_IO_COMPLETION, context), VI_SUCCESS);
  EXPECT_EQ(exact<ViStatus>(context, VI_ATTR_STATUS), VI_ERROR_TMO);
  EXPECT_EQ(diary_.lines().size(), 1u);
}

// What the guard itself makes of a lack of memory is an error like any other.
TEST_F(ExceptionDelivery, ADriverWithoutMemoryRaisesOne) {
  wire_->then({.operation = "read", .throws = [] { throw std::bad_alloc(); }});
  Watcher watcher{[&](ViSession, ViEventType, ViEvent context) {
    EXPECT_EQ(exact<ViStatus>(context, VI_ATTR_STATUS), VI_ERROR_ALLOC);
    diary_.add("in");
    return VI_SUCCESS;
  }};
  enable(watcher);
  EXPECT_EQ(fail(), VI_ERROR_ALLOC);
  EXPECT_EQ(diary_.lines().size(), 1u);
}

}  // namespace
}  // namespace visa::core
