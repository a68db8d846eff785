// SPDX-License-Identifier: MIT
// Invariant: held_ is the sum of the sizes of messages_; only the last message may lack its end.
#include "drivers/example/loop_device.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace visa::drivers::example {

Status LoopDevice::wait(MutexLock& lock, Call& call) {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.expired()) return Status::error_tmo;
  lock.wait_until(changed_, call.deadline.time_point());
  return Status::success;
}

spi::ReadResult LoopDevice::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  spi::ReadResult result;
  MutexLock lock(mutex_);
  while (result.count < into.size()) {
    if (messages_.empty() || (messages_.front().data.empty() && !messages_.front().ended)) {
      if (const auto status = wait(lock, call); failed(status)) {
        result.status = status;
        return result;
      }
      continue;
    }
    Message& message = messages_.front();
    std::size_t size = std::min(into.size() - result.count, message.data.size());
    const auto end = rule.termchar_enabled
                         ? message.data.substr(0, size).find(static_cast<char>(rule.termchar))
                         : std::string::npos;
    if (end != std::string::npos) size = end + 1;
    std::memcpy(into.data() + result.count, message.data.data(), size);
    result.count += size;
    message.data.erase(0, size);
    held_ -= size;
    const bool over = message.data.empty() && message.ended;
    if (over) messages_.pop_front();
    changed_.notify_all();  // there is room
    if (over && !rule.suppress_end) {
      result.reason = spi::StopReason::end;
      return result;
    }
    if (end != std::string::npos) {
      result.reason = spi::StopReason::termchar;
      return result;
    }
  }
  return result;
}

spi::WriteResult LoopDevice::write(std::span<const std::byte> data, bool end, Call& call) {
  spi::WriteResult result;
  MutexLock lock(mutex_);
  while (result.count < data.size()) {
    if (held_ == kMostHeld) {
      if (const auto status = wait(lock, call); failed(status)) {
        result.status = status;
        return result;
      }
      continue;
    }
    const auto size = std::min(data.size() - result.count, kMostHeld - held_);
    if (messages_.empty() || messages_.back().ended) messages_.emplace_back();
    messages_.back().data.append(reinterpret_cast<const char*>(data.data()) + result.count, size);
    held_ += size;
    result.count += size;
    changed_.notify_all();
  }
  if (end && !messages_.empty()) messages_.back().ended = true;
  changed_.notify_all();
  return result;
}

void LoopDevice::wake() noexcept {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

void LoopDevice::clear() {
  const MutexLock lock(mutex_);
  messages_.clear();
  held_ = 0;
  changed_.notify_all();
}

std::size_t LoopDevice::available() const {
  const MutexLock lock(mutex_);
  return held_;
}

std::uint8_t LoopDevice::status_byte() const {
  const MutexLock lock(mutex_);
  return status_byte_;
}

void LoopDevice::set_status_byte(std::uint8_t value) {
  bool rises = false;
  {
    const MutexLock lock(mutex_);
    rises = (status_byte_ & kRequest) == 0 && (value & kRequest) != 0;
    status_byte_ = value;
  }
  if (rises) raise(VI_EVENT_SERVICE_REQ);
}

std::uint8_t LoopDevice::poll() {
  const MutexLock lock(mutex_);
  const auto polled = status_byte_;
  status_byte_ = static_cast<std::uint8_t>(polled & ~kRequest);
  return polled;
}

void LoopDevice::subscribe(ViEventType type, spi::EventSink& sink) {
  const MutexLock lock(mutex_);
  sinks_.emplace(type, &sink);
}

void LoopDevice::unsubscribe(ViEventType type, spi::EventSink& sink) {
  MutexLock lock(mutex_);
  const auto [begin, end] = sinks_.equal_range(type);
  const auto at = std::find_if(begin, end, [&](const auto& one) { return one.second == &sink; });
  if (at != end) sinks_.erase(at);
  // No new post reaches the sink, and one under way does not wait for anything.
  while (posting_.contains(&sink)) lock.wait(changed_);
}

// The sinks get their occurrences outside of the mutex, as spi::EventSink wants it: what a sink
// locks may be held by a thread that subscribes.
void LoopDevice::raise(ViEventType type) {
  struct Posting {
    explicit Posting(LoopDevice& owner, ViEventType type) : device(owner) {
      const MutexLock lock(device.mutex_);
      const auto [begin, end] = device.sinks_.equal_range(type);
      for (auto at = begin; at != end; ++at) sinks.push_back(at->second);
      device.posting_.insert(sinks.begin(), sinks.end());
    }
    Posting(const Posting&) = delete;
    Posting& operator=(const Posting&) = delete;
    ~Posting() {
      const MutexLock lock(device.mutex_);
      for (auto* const sink : sinks) device.posting_.erase(device.posting_.find(sink));
      device.changed_.notify_all();
    }
    LoopDevice& device;
    std::vector<spi::EventSink*> sinks = {};
  };
  const Posting posting(*this, type);
  for (auto* const sink : posting.sinks) sink->post({.type = type});
}

// Exclusive: no other session holds a lock. Shared: every holder has the same key.
bool LoopDevice::may_lock(const void* holder, spi::RemoteLockKind kind,
                          std::string_view key) const {
  if (owner_ != nullptr && owner_ != holder) return false;
  return std::all_of(group_.begin(), group_.end(), [&](const auto& member) {
    return member.first == holder || (kind == spi::RemoteLockKind::shared && member.second == key);
  });
}

Status LoopDevice::lock(const void* holder, spi::RemoteLockKind kind, std::string_view key,
                        Call& call) {
  MutexLock lock(mutex_);
  while (!may_lock(holder, kind, key)) {
    if (call.deadline.is_immediate()) {
      return call.fail(Status::error_rsrc_locked, "another session holds the lock of the device");
    }
    if (const auto status = wait(lock, call); failed(status)) return status;
  }
  if (kind == spi::RemoteLockKind::exclusive) {
    owner_ = holder;
  } else {
    group_.emplace(holder, key);
  }
  return Status::success;
}

void LoopDevice::unlock(const void* holder, spi::RemoteLockKind kind) {
  const MutexLock lock(mutex_);
  if (kind == spi::RemoteLockKind::exclusive) {
    if (owner_ == holder) owner_ = nullptr;
  } else {
    group_.erase(holder);
  }
  changed_.notify_all();
}

}  // namespace visa::drivers::example
