// SPDX-License-Identifier: MIT
// The event side of one fake connection: writes down what the driver was told to enable and
// disable, and raises events from whatever thread the test likes. Keeps the promise of
// spi::Channel: nothing is posted once disable_event has returned. Owned by its FakeWire; any
// thread.
#pragma once

#include <gtest/gtest.h>
#include <visa.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/status.h"
#include "lib/spi/event_sink.h"

namespace visa::test {

class EventWire {
 public:
  /// Runs while the driver enables a type; its failure is what the core gets.
  void on_enable(std::function<Status(spi::EventSink&, Call&)> hook) {
    const std::lock_guard lock(mutex_);
    on_enable_ = std::move(hook);
  }

  /// The event occurs, if the driver was told to look for it.
  bool raise(spi::EventRecord record) {
    spi::EventSink* sink = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (std::find(on_.begin(), on_.end(), record.type) == on_.end()) return false;
      sink = sink_;
      ++posting_;
    }
    sink->post(std::move(record));  // none of our locks held
    const std::lock_guard lock(mutex_);
    --posting_;
    changed_.notify_all();
    return true;
  }
  bool raise(ViEventType type) { return raise(spi::EventRecord{type, {}}); }

  unsigned enables() const {
    const std::lock_guard lock(mutex_);
    return enables_;
  }
  unsigned disables() const {
    const std::lock_guard lock(mutex_);
    return disables_;
  }

  // For the channel.
  Status enable(ViEventType type, spi::EventSink& sink, Call& call) {
    std::function<Status(spi::EventSink&, Call&)> hook;
    {
      const std::lock_guard lock(mutex_);
      ++enables_;
      if (closed_) ADD_FAILURE() << "an event was enabled on a closed channel";
      if (std::find(on_.begin(), on_.end(), type) != on_.end()) ADD_FAILURE() << "enabled twice";
      hook = on_enable_;
    }
    if (hook) {
      if (const Status status = hook(sink, call); failed(status)) return status;
    }
    const std::lock_guard lock(mutex_);
    sink_ = &sink;
    on_.push_back(type);
    return Status::success;
  }

  Status disable(ViEventType type) {
    std::unique_lock lock(mutex_);
    ++disables_;
    if (closed_) ADD_FAILURE() << "an event was disabled on a closed channel";
    if (std::erase(on_, type) == 0) ADD_FAILURE() << "disabled, but was not enabled";
    changed_.wait(lock, [this] { return posting_ == 0; });
    return Status::success;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    if (!on_.empty()) ADD_FAILURE() << "the channel was closed with an event enabled";
    closed_ = true;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::function<Status(spi::EventSink&, Call&)> on_enable_;
  std::vector<ViEventType> on_;
  spi::EventSink* sink_ = nullptr;
  unsigned posting_ = 0;
  unsigned enables_ = 0;
  unsigned disables_ = 0;
  bool closed_ = false;
};

}  // namespace visa::test
