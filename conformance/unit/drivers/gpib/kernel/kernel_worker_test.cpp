// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/fake_gpib.h"
#include "conformance/unit/support/interrupted_call.h"
#include "conformance/unit/support/patience.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

using test::FakeGpib;
using test::GpibKernelModel;
using test::kPatience;
using test::Signal;
using namespace std::chrono_literals;

class TestJob final : public Job {
 public:
  explicit TestJob(std::function<void(KernelIo&)> body) : body_(std::move(body)) {}
  void run(KernelIo& io) override { body_(io); }

 private:
  std::function<void(KernelIo&)> body_;
};

std::shared_ptr<TestJob> job(std::function<void(KernelIo&)> body) {
  return std::make_shared<TestJob>(std::move(body));
}

class KernelWorkerTest : public testing::Test {
 protected:
  KernelWorkerTest() {
    Call call(Deadline::after(kPatience));
    auto made = KernelWorker::start(
        ChildClosedFd::made_by([&] { return ::open(board.path().c_str(), O_RDWR | O_CLOEXEC); }),
        call);
    worker = *std::move(made);
  }
  Status run(const std::shared_ptr<Job>& one, std::chrono::milliseconds time = kPatience) {
    Call call(Deadline::after(time));
    return worker->run(one, call, 0ms);
  }
  int holder() {
    int thread = 0;
    board.model().with([&](GpibKernelModel& model) { thread = model.holder; });
    return thread;
  }
  void hold(int thread) {
    board.model().with([&](GpibKernelModel& model) { model.holder = thread; });
  }
  /// Until the mutex is free again.
  bool freed() {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (holder() != 0) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }

  /// Another program has the board; gives up a job that has begun to wait for it. `done` becomes
  /// true when that job has the board after all.
  std::shared_ptr<TestJob> leave_waiting(bool& done) {
    hold(GpibKernelModel::kOtherProgram);
    std::atomic<bool> waits = false;
    std::shared_ptr<TestJob> one;
    do {  // one that was given up before it began is not done
      one = job([&](KernelIo& io) {
        waits = true;
        io.lock();
        done = true;
      });
      EXPECT_EQ(run(one, 20ms), Status::error_tmo);
    } while (!waits);
    return one;
  }

  FakeGpib board;
  std::unique_ptr<KernelWorker> worker;
};

TEST_F(KernelWorkerTest, RunsJobsOnOneThreadOfItsOwn) {
  std::thread::id first;
  std::thread::id second;
  EXPECT_EQ(run(job([&](KernelIo&) { first = std::this_thread::get_id(); })), Status::success);
  EXPECT_EQ(run(job([&](KernelIo&) { second = std::this_thread::get_id(); })), Status::success);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST_F(KernelWorkerTest, TheThreadBlocksAllSignals) {
  sigset_t blocked;
  EXPECT_EQ(run(job([&](KernelIo&) { ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked); })),
            Status::success);
  EXPECT_EQ(sigismember(&blocked, SIGINT), 1);
  EXPECT_EQ(sigismember(&blocked, SIGALRM), 1);
}

TEST_F(KernelWorkerTest, ACallerLeavesWhileAnotherProgramHasTheBoard) {
  bool begun = false;
  const auto one = leave_waiting(begun);
  EXPECT_TRUE(one->given_up);
  worker->release(0ms);
  hold(0);
  EXPECT_TRUE(freed());
  EXPECT_EQ(run(job([](KernelIo&) {})), Status::success);
  EXPECT_TRUE(begun);
  EXPECT_EQ(board.model().violations(), std::vector<std::string>());
}

TEST_F(KernelWorkerTest, WhatWasGivenUpBeforeItBeganIsNotDone) {
  bool begun = false;
  leave_waiting(begun);
  bool done = false;
  EXPECT_EQ(run(job([&](KernelIo&) { done = true; }), 5ms), Status::error_tmo);
  worker->release(0ms);
  hold(0);
  EXPECT_EQ(run(job([](KernelIo&) {})), Status::success);
  EXPECT_FALSE(done);
}

TEST_F(KernelWorkerTest, ACancelEndsTheWaitAtOnce) {
  hold(GpibKernelModel::kOtherProgram);
  Call call(Deadline::infinite());
  Signal entered;
  std::thread other([&] {
    EXPECT_TRUE(entered.wait());
    call.cancel();
    worker->wake();
  });
  const auto stuck = job([&](KernelIo& io) {
    entered.give();
    io.lock();
  });
  EXPECT_EQ(worker->run(stuck, call, 0ms), Status::error_abort);
  other.join();
  worker->release(0ms);
  hold(0);
  EXPECT_TRUE(freed());
}

TEST_F(KernelWorkerTest, ASignalEndsTheWaitOfACallThatEndsOnOne) {
  hold(GpibKernelModel::kOtherProgram);
  Call call(Deadline::after(kPatience));
  call.ends_on_signal = true;
  const auto stuck = job([](KernelIo& io) { io.lock(); });
  EXPECT_EQ(test::interrupted_call([&] { return worker->run(stuck, call, 0ms); }),
            Status::error_abort);
  EXPECT_TRUE(call.ended_by_signal());
  worker->release(0ms);
  hold(0);
  EXPECT_TRUE(freed());
}

TEST_F(KernelWorkerTest, TheBoardIsKeptUntilItIsReleased) {
  EXPECT_FALSE(worker->keep());
  EXPECT_EQ(run(job([](KernelIo& io) { io.lock(); })), Status::success);
  EXPECT_NE(holder(), 0);
  worker->release(1h);
  EXPECT_TRUE(worker->keep()) << "it has not been given away";
  worker->release(0ms);
  EXPECT_TRUE(freed());
  EXPECT_FALSE(worker->keep());
}

TEST_F(KernelWorkerTest, StoppingGivesTheBoardBackAndEndsTheThread) {
  EXPECT_EQ(run(job([](KernelIo& io) { io.lock(); })), Status::success);
  worker->release(1h);
  Call call(Deadline::after(kPatience));
  worker->stop(call);
  EXPECT_EQ(holder(), 0);
}

TEST_F(KernelWorkerTest, StoppingDoesNotWaitForAnotherProgram) {
  hold(GpibKernelModel::kOtherProgram);
  EXPECT_EQ(run(job([](KernelIo& io) { io.lock(); }), 5ms), Status::error_tmo);
  Call call(Deadline::after(20ms));
  worker->stop(call);
  worker.reset();
  hold(0);
  EXPECT_TRUE(freed()) << "the thread that was left gives it back and ends";
}

TEST_F(KernelWorkerTest, AChildOfForkIsNotHeldUp) {
  const pid_t child = ::fork();
  if (child == 0) {
    worker.reset();
    ::_exit(0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(run(job([](KernelIo&) {})), Status::success);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
