// SPDX-License-Identifier: MIT
// The ways to leave a call of the API other than by returning (docs/architecture.md, A call from
// top to bottom): a thread ended by pthread_cancel, a C++ exception or a longjmp out of the
// program's handler. The handler of VI_EVENT_EXCEPTION is simulated by the ExceptionHook of
// lib/core/object.h, which the guard runs after the body. Python ending its threads is
// guard_probe_test.py; pthread_cancel inside a real system call is
// conformance/unit/library/cancel_test.cpp.
#include <gtest/gtest.h>
#include <pthread.h>

#include <csetjmp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "conformance/unit/support/ended_thread.h"
#include "conformance/unit/support/visa_session.h"
#include "lib/base/log.h"
#include "lib/core/library.h"
#include "lib/core/session.h"

namespace visa::abi {
namespace {

class Unwinding : public test::VisaSession {
 protected:
  Unwinding() {
    session_ = open(test::kSocket, wire_);
    object_ = core::Library::current()->objects.find<core::Session>(session_);
  }
  ~Unwinding() override {
    log::redirect("");
    const std::weak_ptr<core::Session> watched = object_;
    object_->set_exception_hook({});
    object_.reset();
    EXPECT_EQ(watched.use_count(), 1) << "only the table still owns the session";
    std::string data;
    wire_->answers("fine", spi::StopReason::end);
    EXPECT_EQ(read(session_, data), VI_SUCCESS);
    EXPECT_EQ(::viClose(session_), VI_SUCCESS);
    EXPECT_TRUE(watched.expired());
    EXPECT_EQ(wire_->count("close"), 1u);
  }
  struct Called {
    core::Handle object = 0;
    std::string operation;
    Status status = Status::success;
    int count = 0;
  };

  std::shared_ptr<test::FakeWire> wire_;
  std::shared_ptr<core::Session> object_;
  ViSession session_ = VI_NULL;
};

TEST_F(Unwinding, TheHookRunsForFailuresOnlyAndKnowsThem) {
  Called called;
  object_->set_exception_hook(
      {[](void* context, core::Handle object, const char* operation, Status status) {
         auto& mine = *static_cast<Called*>(context);
         mine = {object, operation, status, mine.count + 1};
       },
       &called});
  std::string data;
  wire_->answers("ok", spi::StopReason::end);
  EXPECT_EQ(read(session_, data), VI_SUCCESS);
  EXPECT_EQ(called.count, 0);
  EXPECT_EQ(read(session_, data), VI_ERROR_TMO);
  EXPECT_EQ(called.count, 1);
  EXPECT_EQ(called.object, session_);
  EXPECT_EQ(called.operation, "viRead");
  EXPECT_EQ(called.status, Status::error_tmo);
  ViUInt32 value = 0;
  EXPECT_EQ(::viGetAttribute(session_, 0x3FFF7777, &value), VI_ERROR_NSUP_ATTR);
  EXPECT_EQ(called.operation, "viGetAttribute");
}

TEST_F(Unwinding, TheHookMayCallTheLibraryOnTheSameSession) {
  object_->set_exception_hook({[](void* context, core::Handle object, const char*, Status) {
                                 ++*static_cast<int*>(context);
                                 EXPECT_EQ(::viClear(object), VI_SUCCESS);
                                 ViUInt32 value = 0;
                                 EXPECT_EQ(::viGetAttribute(object, VI_ATTR_TMO_VALUE, &value),
                                           VI_SUCCESS);
                               },
                               nullptr});
  int count = 0;
  object_->set_exception_hook({object_->exception_hook().call, &count});
  std::string data;
  EXPECT_EQ(read(session_, data), VI_ERROR_TMO);
  EXPECT_EQ(count, 1);
}

TEST_F(Unwinding, AThrowOutOfTheHandlerReachesTheCaller) {
  object_->set_exception_hook(
      {[](void*, core::Handle, const char*, Status status) { throw static_cast<int>(status); },
       nullptr});
  for (const bool traced : {false, true}) {
    log::redirect(traced ? folder_.file("trace") : "");
    for (int i = 0; i < 100; ++i) {
      char room[4];
      try {
        ::viRead(session_, reinterpret_cast<ViPBuf>(room), 4, nullptr);
        FAIL() << "nothing was thrown";
      } catch (int status) {
        EXPECT_EQ(status, VI_ERROR_TMO);
      }
    }
  }
  EXPECT_NE(folder_.text("trace").find("< viRead = VI_ERROR_TMO"), std::string::npos)
      << "the trace is complete before the handler runs";
}

std::jmp_buf after;

// A function of its own: what setjmp returns to twice has no locals to lose.
bool jumps_out_of_read(ViSession session) {
  if (setjmp(after) != 0) return true;
  char room[4];
  ::viRead(session, reinterpret_cast<ViPBuf>(room), 4, nullptr);
  return false;
}

TEST_F(Unwinding, ALongjmpOutOfTheHandlerLeavesNothingBehind) {
  object_->set_exception_hook(
      {[](void*, core::Handle, const char*, Status) { std::longjmp(after, 1); }, nullptr});
  for (const bool traced : {false, true}) {
    log::redirect(traced ? folder_.file("trace") : "");
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(jumps_out_of_read(session_));
  }
}

TEST_F(Unwinding, PthreadCancelInsideTheHandlerEndsTheThreadOnly) {
  test::Signal inside;
  object_->set_exception_hook({[](void* context, core::Handle, const char*, Status) {
                                 static_cast<test::Signal*>(context)->give();
                                 for (;;) ::pause();
                               },
                               &inside});
  test::EndedThread thread([&] {
    char room[4];
    ::viRead(session_, reinterpret_cast<ViPBuf>(room), 4, nullptr);
  });
  ASSERT_TRUE(inside.wait());
  thread.cancel();
  EXPECT_TRUE(thread.join());
}

// Every call on a thread with a pending cancel: the thread ends inside the call or after it, the
// process never does. The trace is on, because its write is a cancellation point, too.
TEST_F(Unwinding, EveryCallSurvivesAPendingCancel) {
  char room[16];
  ViUInt32 value = 0;
  ViChar text[VI_FIND_BUFLEN];
  ViSession made = VI_NULL;
  const auto path = folder_.file("file");
  const std::function<void()> operations[] = {
      [&] { ::viRead(session_, reinterpret_cast<ViPBuf>(room), 16, &value); },
      [&] { ::viWrite(session_, reinterpret_cast<ViConstBuf>("x"), 1, &value); },
      [&] { ::viReadToFile(session_, path.c_str(), 16, &value); },
      [&] { ::viWriteFromFile(session_, path.c_str(), 16, &value); },
      [&] { ::viClear(session_); },
      [&] { ::viTerminate(session_, VI_NULL, VI_NULL); },
      [&] { ::viGetAttribute(session_, VI_ATTR_RSRC_NAME, text); },
      [&] { ::viLock(session_, VI_SHARED_LOCK, 0, nullptr, text), ::viUnlock(session_); },
      [&] { ::viFindRsrc(rm_, "?*", nullptr, &value, text); },
      [&] { ::viOpenDefaultRM(&made); },
      [&] { ::viOpen(rm_, test::kSocket, VI_NO_LOCK, 0, &made); },
      [&] { ::viClose(open(test::kSocket)); },
      [&] { ::viStatusDesc(session_, VI_ERROR_TMO, text); },
  };
  for (const bool traced : {false, true}) {
    log::redirect(traced ? folder_.file("trace") : "");
    for (const auto& operation : operations) {
      test::EndedThread thread([&] {
        ::pthread_cancel(::pthread_self());
        operation();
        ::pthread_testcancel();
      });
      EXPECT_TRUE(thread.join());
    }
  }
  ::viUnlock(session_);  // where it was ended between the two
}

}  // namespace
}  // namespace visa::abi
