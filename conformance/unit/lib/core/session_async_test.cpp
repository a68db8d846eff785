// SPDX-License-Identifier: MIT
// viReadAsync, viWriteAsync and viTerminate through the C API over the fake wire (B8).
#include <gtest/gtest.h>
#include <visa.h>

#include <atomic>
#include <chrono>
#include <new>
#include <string>
#include <thread>

#include "conformance/unit/support/event_session.h"
#include "conformance/unit/support/once_within.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::exact;
using test::Watcher;

class SessionAsync : public test::EventSession {
 protected:
  SessionAsync() {
    session_ = open(test::kSocket, wire_);
    EXPECT_EQ(set(session_, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
    EXPECT_EQ(enable(session_, VI_EVENT_IO_COMPLETION), VI_SUCCESS);
  }
  ViJobId start_read(ViStatus expected = VI_SUCCESS) {
    ViJobId id = 0xDEAD;
    EXPECT_EQ(::viReadAsync(session_, room_, sizeof room_, &id), expected);
    return id;
  }
  ViJobId start_write(const std::string& data) {
    ViJobId id = 0xDEAD;
    EXPECT_EQ(::viWriteAsync(session_, reinterpret_cast<ViConstBuf>(data.data()),
                             static_cast<ViUInt32>(data.size()), &id),
              VI_SUCCESS);
    return id;
  }
  /// The next completion: its job and status.
  std::pair<ViJobId, ViStatus> next(ViUInt32 timeout = 30000) {
    ViEvent context = VI_NULL;
    const auto status = wait(session_, VI_EVENT_IO_COMPLETION, context, timeout);
    EXPECT_GE(status, VI_SUCCESS);
    if (status < VI_SUCCESS) return {0, status};
    const std::pair result{exact<ViJobId>(context, VI_ATTR_JOB_ID),
                           exact<ViStatus>(context, VI_ATTR_STATUS)};
    EXPECT_EQ(::viClose(context), VI_SUCCESS);
    return result;
  }
  void expect_no_completion() {
    ViEvent context = VI_NULL;
    EXPECT_EQ(wait(session_, VI_EVENT_IO_COMPLETION, context, VI_TMO_IMMEDIATE), VI_ERROR_TMO);
  }

  std::shared_ptr<test::FakeWire> wire_;
  ViSession session_ = VI_NULL;
  ViByte room_[64] = {};
};

TEST_F(SessionAsync, ACompletionSaysEverythingInItsOwnWidth) {
  wire_->answers("hello");
  const auto id = start_read();
  EXPECT_NE(id, 0u);
  ViEvent context = VI_NULL;
  ASSERT_EQ(wait(session_, VI_EVENT_IO_COMPLETION, context), VI_SUCCESS);
  EXPECT_EQ(exact<ViEventType>(context, VI_ATTR_EVENT_TYPE), ViEventType{VI_EVENT_IO_COMPLETION});
  EXPECT_EQ(exact<ViStatus>(context, VI_ATTR_STATUS), VI_SUCCESS);
  EXPECT_EQ(exact<ViJobId>(context, VI_ATTR_JOB_ID), id);
  EXPECT_EQ(exact<ViUInt32>(context, VI_ATTR_RET_COUNT_32), 5u);
  EXPECT_EQ(exact<ViUInt64>(context, VI_ATTR_RET_COUNT_64), 5u);
  EXPECT_EQ(exact<void*>(context, VI_ATTR_BUFFER), room_);
  EXPECT_EQ(test::text(context, VI_ATTR_OPER_NAME), "viReadAsync");
  EXPECT_EQ(test::text(context, VI_ATTR_RSRC_MANF_NAME), "FreeVISA");
  EXPECT_EQ(set(context, VI_ATTR_JOB_ID, 1), VI_ERROR_ATTR_READONLY);
  EXPECT_EQ(set(context, VI_ATTR_TMO_VALUE, 1), VI_ERROR_NSUP_ATTR);
  exact<ViByte>(context, VI_ATTR_TMO_VALUE, VI_ERROR_NSUP_ATTR);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(room_), 5), "hello");
  EXPECT_EQ(::viClose(context), VI_SUCCESS);
  EXPECT_EQ(::viClose(context), VI_ERROR_INV_OBJECT);
}

TEST_F(SessionAsync, TheStatusIsTheOneOfTheSynchronousCall) {
  wire_->answers(std::string(64, 'x'), spi::StopReason::count)
      .fails("read", Status::error_conn_lost);
  const auto full = start_read();
  EXPECT_EQ(next(), (std::pair<ViJobId, ViStatus>{full, VI_SUCCESS_MAX_CNT}));
  const auto lost = start_read();
  EXPECT_EQ(next(), (std::pair<ViJobId, ViStatus>{lost, VI_ERROR_CONN_LOST}));
}

TEST_F(SessionAsync, JobsOfADirectionRunInOrder) {
  for (int i = 0; i < 50; ++i) start_write(std::to_string(i) + ";");
  ViJobId last = 0;
  std::string expected;
  for (int i = 0; i < 50; ++i) {
    const auto [id, status] = next();
    EXPECT_GT(id, last);
    EXPECT_EQ(status, VI_SUCCESS);
    last = id;
    expected += std::to_string(i) + ";";
  }
  EXPECT_EQ(wire_->written(), expected);
  expect_no_completion();
}

TEST_F(SessionAsync, APendingReadDoesNotBlockAWrite) {
  std::shared_ptr<test::FakeWire> wire;
  bench().prepare().with({.duplex = true}).blocks("read");
  const ViSession session = open(test::kSocket);
  wire = bench().wire(1);
  ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
  ViJobId id = 0;
  ASSERT_EQ(::viReadAsync(session, room_, sizeof room_, &id), VI_SUCCESS);
  ASSERT_TRUE(wire->wait_until_blocked());
  EXPECT_EQ(write(session, "query"), VI_SUCCESS);
  EXPECT_EQ(::viTerminate(session, VI_NULL, id), VI_SUCCESS);
}

TEST_F(SessionAsync, AWriteCopiesItsData) {
  wire_->blocks("write");
  start_write("first");
  ASSERT_TRUE(wire_->wait_until_blocked());
  std::string data = "second";
  start_write(data);
  data.assign("XXXXXX");
  wire_->release();
  next();
  next();
  EXPECT_EQ(wire_->written(), "firstsecond");
}

TEST_F(SessionAsync, NobodyNeedsTheJobId) {
  wire_->answers("x");
  EXPECT_EQ(::viReadAsync(session_, room_, sizeof room_, nullptr), VI_SUCCESS);
  EXPECT_EQ(next().second, VI_SUCCESS);
  EXPECT_EQ(::viWriteAsync(session_, room_, 1, nullptr), VI_SUCCESS);
  EXPECT_EQ(next().second, VI_SUCCESS);
}

TEST_F(SessionAsync, TheIdIsThereBeforeTheCompletion) {
  std::atomic<int> wrong{0};
  ViJobId id = 0;
  Watcher watcher{[&](ViSession, ViEventType, ViEvent context) {
    ViJobId got = 0;
    ::viGetAttribute(context, VI_ATTR_JOB_ID, &got);
    // A plain read of the caller's variable: ThreadSanitizer checks that it was written before.
    if (got != id) ++wrong;
    diary_.add("done");
    return VI_SUCCESS;
  }};
  watch(watcher, session_, VI_EVENT_IO_COMPLETION);
  for (std::size_t i = 1; i <= 200; ++i) {
    ASSERT_EQ(::viWriteAsync(session_, room_, 1, &id), VI_SUCCESS);
    ASSERT_EQ(diary_.wait(i).size(), i);
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(SessionAsync, ErrorsAtTheStartGiveNoEvent) {
  ViJobId id = 0xDEAD;
  EXPECT_EQ(::viReadAsync(session_, nullptr, 5, &id), VI_ERROR_USER_BUF);
  EXPECT_EQ(id, 0u);
  const ViSession other = open(test::kSocket);
  ASSERT_EQ(::viLock(other, VI_EXCLUSIVE_LOCK, VI_TMO_IMMEDIATE, VI_NULL, VI_NULL), VI_SUCCESS);
  start_read(VI_ERROR_RSRC_LOCKED);
  ASSERT_EQ(::viUnlock(other), VI_SUCCESS);
  EXPECT_EQ(::viReadAsync(rm_, room_, 1, &id), VI_ERROR_INV_OBJECT);
  EXPECT_TRUE(wire_->operations().empty());
  expect_no_completion();
}

TEST_F(SessionAsync, TheTransferHappensWithoutTheEvent) {
  ASSERT_EQ(::viDisableEvent(session_, VI_EVENT_IO_COMPLETION, VI_ALL_MECH), VI_SUCCESS);
  wire_->then({.operation = "write"}).blocks("write");
  start_write("x");
  const auto id = start_write("y");
  ASSERT_TRUE(wire_->wait_until_blocked());  // in "y": "x" has completed
  ASSERT_EQ(enable(session_, VI_EVENT_IO_COMPLETION), VI_SUCCESS);
  wire_->release();
  EXPECT_EQ(next().first, id) << "an event that was not enabled is lost";
}

TEST_F(SessionAsync, ATerminatedReadHasItsCompletionQueued) {
  wire_->blocks("read");
  const auto id = start_read();
  ASSERT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(::viTerminate(session_, VI_NULL, id), VI_SUCCESS);
  EXPECT_EQ(next(VI_TMO_IMMEDIATE), (std::pair<ViJobId, ViStatus>{id, VI_ERROR_ABORT}));
  EXPECT_EQ(::viTerminate(session_, VI_NULL, id), VI_ERROR_INV_JOB_ID);
  expect_no_completion();
  wire_->answers("next");
  start_read();
  EXPECT_EQ(next().second, VI_SUCCESS) << "the session stays healthy";
}

TEST_F(SessionAsync, ATerminatedJobBehindAnotherHasItsCompletionQueued) {
  wire_->blocks("read");
  const auto first = start_read();
  ASSERT_TRUE(wire_->wait_until_blocked());
  const auto second = start_read();
  EXPECT_EQ(::viTerminate(session_, VI_NULL, second), VI_SUCCESS);
  EXPECT_EQ(next(VI_TMO_IMMEDIATE), (std::pair<ViJobId, ViStatus>{second, VI_ERROR_ABORT}));
  EXPECT_EQ(::viTerminate(session_, VI_NULL, first), VI_SUCCESS);
  EXPECT_EQ(next(VI_TMO_IMMEDIATE), (std::pair<ViJobId, ViStatus>{first, VI_ERROR_ABORT}));
  EXPECT_EQ(wire_->count("read"), 1u);
}

// The job runs, but waits for its turn after a viRead of another thread. Nobody can see from
// outside that it has come that far, hence the rounds.
TEST_F(SessionAsync, AJobThatWaitsForItsLaneCanBeTerminated) {
  wire_->blocks("read");
  std::thread reader([&] {
    char room[8];
    EXPECT_EQ(::viRead(session_, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr),
              VI_ERROR_ABORT);
  });
  ASSERT_TRUE(wire_->wait_until_blocked());
  for (int round = 0; round < 20; ++round) {
    const auto id = start_read();
    for (int i = 0; i < round * 100; ++i) std::this_thread::yield();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(::viTerminate(session_, VI_NULL, id), VI_SUCCESS);
    ASSERT_LT(std::chrono::steady_clock::now() - begin, 1500ms) << "it gave up waiting";
    EXPECT_EQ(next(VI_TMO_IMMEDIATE), (std::pair<ViJobId, ViStatus>{id, VI_ERROR_ABORT}));
  }
  EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
  reader.join();
}

TEST_F(SessionAsync, TerminateWithoutAJobEndsThemAllAndSynchronousCalls) {
  wire_->blocks("read").blocks("read");
  start_read();
  ASSERT_TRUE(wire_->wait_until_blocked());
  start_read();
  start_read();
  std::thread reader([&] {
    char room[8];
    EXPECT_EQ(::viRead(session_, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr),
              VI_ERROR_ABORT);
  });
  std::atomic<bool> gone{false};
  std::thread terminator([&] {
    while (!gone) {
      EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
      std::this_thread::yield();
    }
  });
  reader.join();
  gone = true;
  terminator.join();  // before the waits below: it would end them, too
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next().second, VI_ERROR_ABORT);
  expect_no_completion();
}

TEST_F(SessionAsync, TerminateChecksWhatItIsGiven) {
  EXPECT_EQ(::viTerminate(session_, VI_NULL, 999999), VI_ERROR_INV_JOB_ID);
  EXPECT_EQ(::viTerminate(session_, 1, 999999), VI_ERROR_INV_DEGREE);
  const auto id = start_write("x");
  EXPECT_EQ(next().first, id);
  EXPECT_EQ(::viTerminate(session_, VI_NULL, id), VI_ERROR_INV_JOB_ID) << "finished";
  const ViSession other = open(test::kSocket);
  wire_->blocks("read");
  const auto running = start_read();
  EXPECT_EQ(::viTerminate(other, VI_NULL, running), VI_ERROR_INV_JOB_ID) << "not of this session";
  EXPECT_EQ(::viTerminate(session_, VI_NULL, running), VI_SUCCESS);
}

TEST_F(SessionAsync, CloseEndsJobsAndNothingHappensAfterIt) {
  EXPECT_TRUE(test::once_within(900ms, [&] {  // where it waits in vain, it waits a second
    session_ = open(test::kSocket, wire_);
    wire_->blocks("read");
    std::atomic<bool> closed{false};
    std::atomic<int> late{0};
    Watcher watcher{[&](ViSession, ViEventType, ViEvent) {
      if (closed) ++late;
      return VI_SUCCESS;
    }};
    watch(watcher, session_, VI_EVENT_IO_COMPLETION);
    start_read();
    EXPECT_TRUE(wire_->wait_until_blocked());
    for (int i = 0; i < 10; ++i) start_read();
    start_write("x");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(::viClose(session_), VI_SUCCESS);
    closed = true;
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(wire_->count("close"), 1u);
    EXPECT_TRUE(wire_->channel_destroyed()) << "no job holds the session any more";
    EXPECT_EQ(late, 0);
    return took;
  }));
}

// A job that waits for a synchronous call ends with it, not a second later.
TEST_F(SessionAsync, CloseEndsAJobThatWaitsForItsLane) {
  int late = 0;
  for (int round = 0; round < 10; ++round) {
    std::shared_ptr<test::FakeWire> wire;
    const ViSession session = open(test::kSocket, wire);
    ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
    wire->blocks("read");
    std::thread reader([&] {
      char room[8];
      EXPECT_EQ(::viRead(session, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr),
                VI_ERROR_ABORT);
    });
    ASSERT_TRUE(wire->wait_until_blocked());
    ASSERT_EQ(::viReadAsync(session, room_, sizeof room_, nullptr), VI_SUCCESS);
    for (int i = 0; i < round * 100; ++i) std::this_thread::yield();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
    if (std::chrono::steady_clock::now() - begin > 900ms) ++late;
    reader.join();
  }
  EXPECT_LT(late, 3) << "a busy machine explains one or two";
}

TEST_F(SessionAsync, ADriverWithoutMemoryIsACompletionWithAnError) {
  wire_->then({.operation = "read", .throws = [] { throw std::bad_alloc(); }});
  const auto id = start_read();
  EXPECT_EQ(next(), (std::pair<ViJobId, ViStatus>{id, VI_ERROR_ALLOC}));
}

TEST_F(SessionAsync, AHandlerMayStartAndEndJobs) {
  wire_->answers("a").answers("b").answers("c");
  Watcher watcher{[&](ViSession vi, ViEventType, ViEvent) {
    const auto turn = diary_.lines().size();
    if (turn < 2) {
      EXPECT_EQ(::viReadAsync(vi, room_, sizeof room_, nullptr), VI_SUCCESS);
    }
    EXPECT_EQ(::viTerminate(vi, VI_NULL, 999999), VI_ERROR_INV_JOB_ID);
    diary_.add("done");
    return VI_SUCCESS;
  }};
  watch(watcher, session_, VI_EVENT_IO_COMPLETION);
  start_read();
  EXPECT_EQ(diary_.wait(3).size(), 3u);
  ASSERT_EQ(::viDisableEvent(session_, VI_EVENT_IO_COMPLETION, VI_HNDLR), VI_SUCCESS);
}

}  // namespace
}  // namespace visa::core
