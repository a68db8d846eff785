// SPDX-License-Identifier: MIT
// Each allocation on the way of opening fails once, one after the other: VI_ERROR_ALLOC at most,
// and the next call gets what it asks for. Nothing hangs, nothing is left half-made.
#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/failing_new.h"
#include "conformance/unit/support/visa_session.h"
#include "lib/core/library.h"

namespace visa::core {
namespace {

using test::in_child;
using test::kSocket;

class FailedAllocation : public test::VisaSession {
 protected:
  /// Runs `call` with its first, second, ... allocation failing until none is left to fail; how
  /// often it answered VI_ERROR_ALLOC. `undo` and `check` come after each.
  template <class Body, class Check>
  static int each(Body&& call, Check&& check) {
    int refused = 0;
    for (long passing = 0;; ++passing) {
      ViStatus status = VI_SUCCESS;
      bool failed = false;
      {
        const test::FailingNew failing(passing);
        status = call();
        failed = failing.failed();
      }
      if (status == VI_ERROR_ALLOC) ++refused;
      EXPECT_TRUE(status == VI_SUCCESS || status == VI_ERROR_ALLOC) << status << " at " << passing;
      check(passing);
      if (!failed) return refused;
    }
  }
};

TEST_F(FailedAllocation, OfOpeningAManagerLeavesTheNextWorking) {
  ASSERT_EQ(::viClose(rm_), VI_SUCCESS);  // the first one makes the domain of all managers
  ViSession manager = VI_NULL;
  const int refused = each([&] { return ::viOpenDefaultRM(&manager); },
                           [&](long passing) {
                             EXPECT_GE(::viClose(manager), VI_SUCCESS);  // or nothing to close
                             ASSERT_EQ(::viOpenDefaultRM(&manager), VI_SUCCESS) << passing;
                             EXPECT_EQ(::viClose(manager), VI_SUCCESS);
                             manager = VI_NULL;
                           });
  EXPECT_GE(refused, 3);
  ASSERT_EQ(::viOpenDefaultRM(&rm_), VI_SUCCESS);
}

TEST_F(FailedAllocation, OfOpeningASessionLeavesTheNextWorking) {
  ViSession session = VI_NULL;
  const auto& objects = Library::current()->objects;
  const std::size_t before = objects.size();
  const int refused = each(
      [&] { return ::viOpen(rm_, kSocket, VI_EXCLUSIVE_LOCK, 0, &session); },
      [&](long passing) {
        // What the caller has no handle of must not keep the instrument.
        EXPECT_EQ(objects.size(), before + (session == VI_NULL ? 0 : 1)) << passing;
        EXPECT_GE(::viClose(session), VI_SUCCESS);  // or nothing to close
        ASSERT_EQ(::viOpen(rm_, kSocket, VI_EXCLUSIVE_LOCK, 0, &session), VI_SUCCESS) << passing;
        EXPECT_EQ(write(session, "x"), VI_SUCCESS);
        EXPECT_EQ(::viClose(session), VI_SUCCESS);
        session = VI_NULL;
      });
  EXPECT_GE(refused, 5);
}

// An event that could not be started must not count as enabled: nothing would ever arrive.
TEST_F(FailedAllocation, OfEnablingAnEventLeavesItOff) {
  for (long passing = 0, failed = true; failed; ++passing) {
    const ViSession session = open(test::kLan);
    ViStatus status = VI_SUCCESS;
    {
      const test::FailingNew failing(passing);
      status = ::viEnableEvent(session, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL);
      failed = failing.failed();
    }
    if (status != VI_SUCCESS) {
      EXPECT_EQ(status, VI_ERROR_ALLOC) << passing;
      EXPECT_EQ(::viEnableEvent(session, VI_EVENT_SERVICE_REQ, VI_QUEUE, VI_NULL), VI_SUCCESS)
          << passing;
    }
    EXPECT_EQ(::viDisableEvent(session, VI_EVENT_SERVICE_REQ, VI_QUEUE), VI_SUCCESS);
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
  }
}

TEST_F(FailedAllocation, OfTheFirstCallInAChildOfForkLeavesTheNextWorking) {
  bool more = true;
  for (int passing = 0; more && passing < 2000; ++passing) {
    const std::string problem = in_child([&] {
      ViUInt16 number = 0;
      bool failed = false;
      ViStatus status = VI_SUCCESS;
      {
        const test::FailingNew failing(passing);
        status = ::viParseRsrc(rm_, kSocket, &number, &number);
        failed = failing.failed();
      }
      if (status != VI_SUCCESS && status != VI_ERROR_ALLOC) return 1;
      if (::viParseRsrc(rm_, kSocket, &number, &number) != VI_SUCCESS) return 2;
      return failed ? 0 : 3;
    });
    more = problem.empty();
    EXPECT_TRUE(more || problem == "the child failed at point 3") << problem << " " << passing;
  }
}

}  // namespace
}  // namespace visa::core
