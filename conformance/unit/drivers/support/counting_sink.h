// SPDX-License-Identifier: MIT
// Takes the service requests of a channel and counts them. Any thread.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <condition_variable>
#include <mutex>

#include "conformance/unit/drivers/support/loopback.h"
#include "lib/spi/event_sink.h"

namespace visa::test {

class CountingSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(record.type, static_cast<ViEventType>(VI_EVENT_SERVICE_REQ));
    ++count_;
    changed_.notify_all();
  }
  bool wait_for(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace visa::test
