// SPDX-License-Identifier: MIT
// Event handlers with a body of the test's own, and a diary they write into. Handlers run on
// whatever thread calls them; a Watcher that goes out of scope takes itself away first and waits
// for its last call, as every program must before it frees what its handler uses.
#pragma once

#include <visa.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/support/patience.h"

namespace visa::test {

/// What happened, in order; tests wait for it.
class Diary {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  /// Waits for so many lines; what there is then.
  std::vector<std::string> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::chrono::steady_clock::now() + kPatience,
                        [&] { return lines_.size() >= count; });
    return lines_;
  }
  std::vector<std::string> lines() { return wait(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// A handler; its address is the user handle.
class Watcher {
 public:
  using Body = std::function<ViStatus(ViSession, ViEventType, ViEvent)>;
  Watcher() = default;
  Watcher(Body what) : body(std::move(what)) {}
  ~Watcher() {
    for (const auto& undo : undo_) undo();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_ == 0; });
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  Body body;

  static ViStatus _VI_FUNCH entry(ViSession vi, ViEventType type, ViEvent context, ViAddr handle) {
    auto& self = *static_cast<Watcher*>(handle);
    const Inside inside(self);
    return self.body(vi, type, context);
  }

  /// To be done before it goes: what takes it away.
  void at_end(std::function<void()> undo) { undo_.push_back(std::move(undo)); }

  ViStatus install(ViSession vi, ViEventType type) {
    at_end([this, vi, type] { ::viUninstallHandler(vi, type, &Watcher::entry, this); });
    return ::viInstallHandler(vi, type, &Watcher::entry, this);
  }
  ViStatus uninstall(ViSession vi, ViEventType type) {
    return ::viUninstallHandler(vi, type, &Watcher::entry, this);
  }

 private:
  struct Inside {
    explicit Inside(Watcher& self) : watcher(self) {
      const std::lock_guard lock(watcher.mutex_);
      ++watcher.inside_;
    }
    ~Inside() {
      const std::lock_guard lock(watcher.mutex_);
      --watcher.inside_;
      watcher.changed_.notify_all();
    }
    Watcher& watcher;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  std::vector<std::function<void()>> undo_;
};

}  // namespace visa::test
