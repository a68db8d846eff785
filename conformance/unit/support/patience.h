// SPDX-License-Identifier: MIT
// How tests wait: until another thread has done something, never for a time. Only a defect makes a
// wait run out, so its limit is generous. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace visa::test {

inline constexpr std::chrono::seconds kPatience{30};

/// Something that happens once and stays so: a thread arrived, a thread may go on.
class Signal {
 public:
  void give() {
    const std::lock_guard lock(mutex_);
    given_ = true;
    changed_.notify_all();
  }

  /// False when nobody gave it within kPatience.
  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, std::chrono::steady_clock::now() + kPatience,
                               [this] { return given_; });
  }

  bool given() {
    const std::lock_guard lock(mutex_);
    return given_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_ = false;
};

}  // namespace visa::test
