// SPDX-License-Identifier: MIT
#include "lib/core/job_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "conformance/unit/support/patience.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::Signal;

class JobQueueTest : public ::testing::Test {
 protected:
  struct Done {
    ViJobId id;
    Status status;
    std::size_t count;
  };

  std::unique_ptr<Job> job(std::function<Transfer(Call&)> run) {
    auto made = std::make_unique<Job>();
    made->id = JobQueue::next_id();
    made->run = std::move(run);
    made->complete = [this, id = made->id](const Transfer& done) {
      const std::lock_guard lock(mutex_);
      done_.push_back({id, done.status, done.count});
      changed_.notify_all();
    };
    return made;
  }
  ViJobId submit(std::function<Transfer(Call&)> run) {
    auto made = job(std::move(run));
    const auto id = made->id;
    EXPECT_EQ(queue_->submit(std::move(made)), Status::success);
    return id;
  }
  /// Stays inside until cancelled; `inside` says that it is.
  std::function<Transfer(Call&)> until_cancelled() {
    return [this](Call& call) -> Transfer {
      inside_.give();
      while (!call.cancelled()) std::this_thread::yield();
      return {Status::error_abort, 3};
    };
  }
  std::vector<Done> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::chrono::steady_clock::now() + test::kPatience,
                        [&] { return done_.size() >= count; });
    return done_;
  }
  static void no_wake() {}
  void close() {
    queue_->end();
    queue_->join(Deadline::after(test::kPatience));
  }

  std::shared_ptr<JobQueue> queue_ = std::make_shared<JobQueue>();
  Signal inside_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Done> done_;
};

TEST_F(JobQueueTest, JobsRunInTheOrderTheyWereAskedFor) {
  std::vector<ViJobId> ids;
  for (std::size_t i = 0; i < 100; ++i) {
    ids.push_back(submit([i](Call&) { return Transfer{Status::success, i}; }));
  }
  const auto done = wait(100);
  ASSERT_EQ(done.size(), 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(done[i].id, ids[i]);
    EXPECT_EQ(done[i].count, i);
  }
  close();
}

TEST_F(JobQueueTest, IdsAreUniqueAmongThreadsAndNeverZero) {
  std::mutex mutex;
  std::set<ViJobId> all;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<ViJobId> mine;
      for (int i = 0; i < 1000; ++i) mine.push_back(JobQueue::next_id());
      const std::lock_guard lock(mutex);
      all.insert(mine.begin(), mine.end());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(all.size(), 4000u);
  EXPECT_FALSE(all.contains(0));
  EXPECT_FALSE(all.contains(1))
      << "PyVISA's test_getting_unknown_buffer asks for the buffer of job 1";
}

TEST_F(JobQueueTest, TerminateOfARunningJobReturnsBehindItsCompletion) {
  const auto id = submit(until_cancelled());
  ASSERT_TRUE(inside_.wait());
  EXPECT_TRUE(queue_->terminate(id, no_wake));
  const auto done = wait(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, Status::error_abort);
  EXPECT_EQ(done[0].count, 3u) << "what was transferred is said";
  EXPECT_FALSE(queue_->terminate(id, no_wake)) << "it is finished now";
  close();
}

TEST_F(JobQueueTest, TerminateOfAWaitingJobDoesNotWaitForThoseBeforeIt) {
  submit(until_cancelled());
  ASSERT_TRUE(inside_.wait());
  bool ran = false;
  const auto id = submit([&](Call&) {
    ran = true;
    return Transfer{};
  });
  EXPECT_TRUE(queue_->terminate(id, no_wake));
  const auto done = wait(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].id, id);
  EXPECT_EQ(done[0].status, Status::error_abort);
  close();
  EXPECT_FALSE(ran);
  EXPECT_EQ(wait(2).size(), 2u) << "each completes exactly once";
}

TEST_F(JobQueueTest, AnUnknownJobIsNotThere) {
  EXPECT_FALSE(queue_->terminate(12345, no_wake));
  EXPECT_FALSE(queue_->terminate(0, no_wake));
}

TEST_F(JobQueueTest, CancelAllEndsThemAllInOrder) {
  std::vector<ViJobId> ids{submit(until_cancelled())};
  ASSERT_TRUE(inside_.wait());
  for (int i = 0; i < 5; ++i) ids.push_back(submit([](Call&) { return Transfer{}; }));
  queue_->cancel_all();
  const auto done = wait(6);
  ASSERT_EQ(done.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(done[i].id, ids[i]);
    EXPECT_EQ(done[i].status, Status::error_abort);
  }
  submit([](Call&) { return Transfer{Status::success, 1}; });
  EXPECT_EQ(wait(7)[6].status, Status::success) << "a later job is not affected";
  close();
}

TEST_F(JobQueueTest, CloseCompletesEveryJobAndRefusesFurtherOnes) {
  submit(until_cancelled());
  ASSERT_TRUE(inside_.wait());
  for (int i = 0; i < 5; ++i) submit([](Call&) { return Transfer{}; });
  close();
  const auto done = wait(0);
  ASSERT_EQ(done.size(), 6u);
  for (const auto& one : done) EXPECT_EQ(one.status, Status::error_abort);
  EXPECT_EQ(queue_->submit(job([](Call&) { return Transfer{}; })), Status::error_inv_object);
  EXPECT_EQ(wait(0).size(), 6u);
}

TEST_F(JobQueueTest, CloseDoesNotWaitForeverForATransfer) {
  Signal go;
  submit([&](Call&) {
    inside_.give();
    EXPECT_TRUE(go.wait());
    return Transfer{};
  });
  ASSERT_TRUE(inside_.wait());
  queue_->end();
  queue_->join(Deadline::after(20ms));
  const std::weak_ptr<JobQueue> gone = queue_;
  queue_.reset();
  go.give();
  while (!gone.expired()) std::this_thread::yield();
  EXPECT_EQ(wait(1).size(), 1u);
}

TEST_F(JobQueueTest, TooManyJobsAreRefused) {
  submit(until_cancelled());
  ASSERT_TRUE(inside_.wait());
  for (std::size_t i = 0; i < JobQueue::kMostJobs; ++i) submit([](Call&) { return Transfer{}; });
  EXPECT_EQ(queue_->submit(job([](Call&) { return Transfer{}; })), Status::error_queue_error);
  close();
  EXPECT_EQ(wait(0).size(), JobQueue::kMostJobs + 1);
}

TEST_F(JobQueueTest, AJobThatThrowsCompletesWithAnErrorAndKeepsTheThread) {
  submit([](Call&) -> Transfer { throw std::bad_alloc(); });
  submit([](Call&) -> Transfer { throw std::logic_error("a defect"); });
  submit([](Call&) -> Transfer { throw 42; });
  submit([](Call&) { return Transfer{Status::success, 7}; });
  const auto done = wait(4);
  ASSERT_EQ(done.size(), 4u);
  EXPECT_EQ(done[0].status, Status::error_alloc);
  EXPECT_EQ(done[1].status, Status::error_system_error);
  EXPECT_EQ(done[2].status, Status::error_system_error);
  EXPECT_EQ(done[3].status, Status::success);
  close();
}

TEST_F(JobQueueTest, ACompletionThatThrowsIsLostAlone) {
  auto bad = job([](Call&) { return Transfer{}; });
  bad->complete = [](const Transfer&) { throw std::bad_alloc(); };
  EXPECT_EQ(queue_->submit(std::move(bad)), Status::success);
  submit([](Call&) { return Transfer{}; });
  EXPECT_EQ(wait(1).size(), 1u);
  close();
}

}  // namespace
}  // namespace visa::core
