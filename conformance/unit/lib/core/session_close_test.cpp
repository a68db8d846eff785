// SPDX-License-Identifier: MIT
// viTerminate and viClose against calls in progress: which calls they end, which call waits for
// which, and which thread closes the connection.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "conformance/unit/support/ended_thread.h"
#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::FakeWire;
using test::Signal;

class SessionClose : public test::VisaSession {
 protected:
  SessionClose() {
    session_ = open(test::kSocket, wire_);
    EXPECT_EQ(set(session_, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
  }
  // A viRead on a thread of its own.
  struct Reader {
    explicit Reader(ViSession session)
        : thread([this, session] {
            char room[16];
            status = ::viRead(session, reinterpret_cast<ViPBuf>(room), sizeof room, nullptr);
          }) {}
    ViStatus join() {
      thread.join();
      return status;
    }
    ViStatus status = VI_SUCCESS;
    std::thread thread;
  };

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(SessionClose, TerminateEndsABlockedRead) {
  wire_->blocks("read").answers("next", spi::StopReason::end);
  Reader reader(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(reader.join(), VI_ERROR_ABORT);
  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS) << "the call after it is not touched";
  EXPECT_EQ(data, "next");
}

TEST_F(SessionClose, TerminateOfAnIdleSessionTouchesNothing) {
  EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
  wire_->answers("ok", spi::StopReason::end);
  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS);
}

TEST_F(SessionClose, TerminateEndsThoseWhoWaitForTheirTurnToo) {
  wire_->blocks("read");
  Reader first(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  std::atomic<bool> answered{false};
  ViStatus waited = VI_SUCCESS;
  std::thread writer([&] {
    waited = write(session_, "x");
    answered = true;
  });
  // The writer has entered at some time; from then on a terminate reaches it.
  while (!answered) {
    ::viTerminate(session_, VI_NULL, VI_NULL);
    std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(first.join(), VI_ERROR_ABORT);
  // It was ended at the lane, or came when the reader was gone.
  EXPECT_TRUE(waited == VI_ERROR_ABORT || waited == VI_SUCCESS);
}

TEST_F(SessionClose, TerminateWantsNoDegreeAndNoJob) {
  EXPECT_EQ(::viTerminate(session_, 1, VI_NULL), VI_ERROR_INV_DEGREE);
  EXPECT_EQ(::viTerminate(session_, VI_NULL, 5), VI_ERROR_INV_JOB_ID);
}

TEST_F(SessionClose, CloseEndsABlockedReadAndClosesOnItsOwnThread) {
  for (int round = 0; round < 300; ++round) {
    std::shared_ptr<FakeWire> wire;
    const ViSession session = open(test::kSocket, wire);
    ASSERT_EQ(set(session, VI_ATTR_TMO_VALUE, VI_TMO_INFINITE), VI_SUCCESS);
    wire->blocks("read");
    Reader reader(session);
    ASSERT_TRUE(wire->wait_until_blocked());
    EXPECT_EQ(::viClose(session), VI_SUCCESS);
    // Before viClose has returned, not some time later on the reader's thread.
    ASSERT_EQ(wire->count("close"), 1u) << "in round " << round;
    EXPECT_EQ(wire->last("close").thread, std::this_thread::get_id());
    EXPECT_EQ(reader.join(), VI_ERROR_ABORT);
  }
}

// The connection must be over when viClose returns, so that it can be opened again at once.
TEST_F(SessionClose, CloseReturnsOnlyWhenTheConnectionIsClosed) {
  wire_->blocks("read").ignores_everything("close");
  Reader reader(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  std::atomic<bool> returned{false};
  std::thread closer([&] {
    EXPECT_EQ(::viClose(session_), VI_SUCCESS);
    returned = true;
  });
  EXPECT_EQ(reader.join(), VI_ERROR_ABORT);
  EXPECT_TRUE(wire_->wait_until_blocked());  // in close now
  EXPECT_FALSE(returned);
  wire_->release();
  closer.join();
  EXPECT_EQ(wire_->count("close"), 1u);
}

TEST_F(SessionClose, ClosedHandleIsDeadForEverybody) {
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  std::string data;
  EXPECT_EQ(read(session_, data), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viClose(session_), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(wire_->operations(), (std::vector<std::string>{"close"}));
  EXPECT_TRUE(wire_->channel_destroyed());
}

TEST_F(SessionClose, OneOfTwoClosersWins) {
  for (int round = 0; round < 200; ++round) {
    const ViSession session = open(test::kSocket);
    std::atomic<int> won{0};
    std::atomic<int> lost{0};
    const auto close = [&] {
      const ViStatus status = ::viClose(session);
      if (status == VI_SUCCESS) ++won;
      if (status == VI_ERROR_INV_OBJECT) ++lost;
    };
    std::thread other(close);
    close();
    other.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 1);
  }
}

TEST_F(SessionClose, ADriverThatDoesNotComeBackIsClosedByWhoLeaves) {
  wire_->ignores_everything("read");
  Reader reader(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1s) << "it was given its time";
  EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
  EXPECT_EQ(wire_->count("close"), 0u) << "not while somebody is inside";
  const auto reader_id = reader.thread.get_id();
  wire_->release();
  reader.join();
  EXPECT_EQ(wire_->count("close"), 1u);
  EXPECT_EQ(wire_->last("close").thread, reader_id);
  EXPECT_TRUE(wire_->channel_destroyed());
}

TEST_F(SessionClose, CloseWaitsForAnAttributeThatIsAskedOfTheDriver) {
  for (int round = 0; round < 100; ++round) {
    std::shared_ptr<FakeWire> wire;
    const ViSession session = open(test::kSocket, wire);
    wire->has(VI_ATTR_TCPIP_PORT, std::uint64_t{5025}).ignores_everything("get");
    ViStatus status = VI_ERROR_TMO;
    ViUInt16 port = 0;
    std::thread asker([&] { status = ::viGetAttribute(session, VI_ATTR_TCPIP_PORT, &port); });
    ASSERT_TRUE(wire->wait_until_blocked());
    std::thread closer([&] { EXPECT_EQ(::viClose(session), VI_SUCCESS); });
    ASSERT_TRUE(wire->wait_until_seen("wake"));  // the closer has begun
    wire->release();
    asker.join();
    closer.join();
    EXPECT_EQ(status, VI_SUCCESS);
    EXPECT_EQ(port, 5025);
  }
}

TEST_F(SessionClose, ClosingTheManagerClosesItsChildrenFirst) {
  std::shared_ptr<FakeWire> second;
  const ViSession other = open(test::kGpib, second);
  wire_->blocks("read");
  Reader reader(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(::viClose(rm_), VI_SUCCESS);
  rm_ = VI_NULL;
  EXPECT_EQ(wire_->count("close"), 1u);
  EXPECT_EQ(second->count("close"), 1u);
  EXPECT_EQ(reader.join(), VI_ERROR_ABORT);
  EXPECT_EQ(::viClose(session_), VI_ERROR_INV_OBJECT);
  EXPECT_EQ(::viClear(other), VI_ERROR_INV_OBJECT);
}

TEST_F(SessionClose, AManagerLeavesTheSessionsOfAnotherAlone) {
  ViSession second = VI_NULL;
  ASSERT_EQ(::viOpenDefaultRM(&second), VI_SUCCESS);
  ASSERT_NE(second, rm_);
  EXPECT_EQ(::viClose(second), VI_SUCCESS);
  EXPECT_EQ(write(session_, "still here"), VI_SUCCESS);
}

TEST_F(SessionClose, CloseEndsAWaitForALock) {
  const ViSession holder = open(test::kSocket);
  ASSERT_EQ(::viLock(holder, VI_EXCLUSIVE_LOCK, 0, nullptr, nullptr), VI_SUCCESS);
  std::atomic<bool> done{false};
  ViStatus status = VI_SUCCESS;
  std::thread waiter([&] {
    status = ::viLock(session_, VI_EXCLUSIVE_LOCK, VI_TMO_INFINITE, nullptr, nullptr);
    done = true;
  });
  while (!done) {
    ::viTerminate(session_, VI_NULL, VI_NULL);
    std::this_thread::yield();
  }
  waiter.join();
  EXPECT_EQ(status, VI_ERROR_ABORT);
  done = false;
  std::thread second([&] {
    status = ::viLock(session_, VI_EXCLUSIVE_LOCK, VI_TMO_INFINITE, nullptr, nullptr);
    done = true;
  });
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  second.join();
  EXPECT_TRUE(status == VI_ERROR_ABORT || status == VI_ERROR_INV_OBJECT);
}

// pthread_cancel inside the channel, at the lane, and before the call.
TEST_F(SessionClose, AThreadEndedByForceLeavesAUsableSession) {
  wire_->blocks("read").blocks("read").answers("fine", spi::StopReason::end);
  const auto body = [this] {
    char room[4];
    ::viRead(session_, reinterpret_cast<ViPBuf>(room), 4, nullptr);
  };
  test::EndedThread inside(body);
  ASSERT_TRUE(wire_->wait_until_blocked());
  inside.cancel();  // in the channel
  EXPECT_TRUE(inside.join());

  Reader holder(session_);
  ASSERT_TRUE(wire_->wait_until_blocked());
  test::EndedThread waiting(body);
  waiting.cancel();  // acts where it waits for the lane, at the latest
  EXPECT_TRUE(waiting.join());
  ::viTerminate(session_, VI_NULL, VI_NULL);
  EXPECT_EQ(holder.join(), VI_ERROR_ABORT);

  std::string data;
  EXPECT_EQ(read(session_, data), VI_SUCCESS);
  EXPECT_EQ(data, "fine");
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->count("close"), 1u);
}

}  // namespace
}  // namespace visa::core
