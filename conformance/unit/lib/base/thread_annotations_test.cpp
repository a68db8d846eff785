// SPDX-License-Identifier: MIT
#include "lib/base/thread_annotations.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace visa {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

TEST(MutexLock, ExcludesOtherThreads) {
  Mutex mutex;
  long count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2000; ++j) {
        const MutexLock lock(mutex);
        ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 8000);
}

TEST(MutexLock, CanBeLetGoAndTakenAgain) {
  Mutex mutex;
  MutexLock lock(mutex);
  lock.unlock();
  std::thread([&] { const MutexLock other(mutex); }).join();
  lock.lock();
}

TEST(MutexLock, WaitsNotBeforeTheTimeIsOver) {
  Mutex mutex;
  std::condition_variable changed;
  MutexLock lock(mutex);
  const auto until = Clock::now() + 20ms;
  while (lock.wait_until(changed, until)) {
  }
  EXPECT_GE(Clock::now(), until);
}

TEST(MutexLock, WaitsWithoutLimitForTheLargestTime) {
  Mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::thread other([&] {
    const MutexLock lock(mutex);
    done = true;
    changed.notify_all();
  });
  {
    MutexLock lock(mutex);
    while (!done) EXPECT_TRUE(lock.wait_until(changed, Clock::time_point::max()));
  }
  other.join();
}

}  // namespace
}  // namespace visa
