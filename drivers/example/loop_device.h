// SPDX-License-Identifier: MIT
// The device at the end of the example wire: what is written to it can be read back, message by
// message. All sessions with one name share it (drivers/common/shared_device.h). Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"
#include "lib/spi/facets.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers::example {

class LoopDevice {
 public:
  /// The most bytes that can wait to be read. A write that would exceed this waits for a reader.
  static constexpr std::size_t kMostHeld = std::size_t{1} << 20;

  /// SharedDevices calls it after the last session has left.
  void close(Call&) noexcept {}

  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call)
      VISA_EXCLUDES(mutex_);
  spi::WriteResult write(std::span<const std::byte> data, bool end, Call& call)
      VISA_EXCLUDES(mutex_);
  /// Makes waiting transfers look at their cancel tokens.
  void wake() noexcept VISA_EXCLUDES(mutex_);
  /// Drops everything that has not been read.
  void clear() VISA_EXCLUDES(mutex_);
  /// Bytes that can be read without waiting.
  std::size_t available() const VISA_EXCLUDES(mutex_);

  /// Bit 6 of the status byte: the device requests service (IEEE 488.1).
  static constexpr std::uint8_t kRequest = 0x40;

  std::uint8_t status_byte() const VISA_EXCLUDES(mutex_);
  /// When kRequest rises, the subscribers of VI_EVENT_SERVICE_REQ get an occurrence.
  void set_status_byte(std::uint8_t value) VISA_EXCLUDES(mutex_);
  /// A serial poll: the status byte. It ends the request, so that the next one is noticed.
  std::uint8_t poll() VISA_EXCLUDES(mutex_);

  /// `sink` gets the occurrences of `type` from now until unsubscribe has returned.
  void subscribe(ViEventType type, spi::EventSink& sink) VISA_EXCLUDES(mutex_);
  void unsubscribe(ViEventType type, spi::EventSink& sink) VISA_EXCLUDES(mutex_);
  /// Posts `type` to every sink that has subscribed to it.
  void raise(ViEventType type) VISA_EXCLUDES(mutex_);

  /// The lock of the device. `holder` is any address that identifies one session.
  Status lock(const void* holder, spi::RemoteLockKind kind, std::string_view key, Call& call)
      VISA_EXCLUDES(mutex_);
  void unlock(const void* holder, spi::RemoteLockKind kind) VISA_EXCLUDES(mutex_);

 private:
  struct Message {
    std::string data;
    bool ended = false;  // its last byte has been written
  };

  Status wait(MutexLock& lock, Call& call) VISA_REQUIRES(mutex_);
  bool may_lock(const void* holder, spi::RemoteLockKind kind, std::string_view key) const
      VISA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_ VISA_GUARDED_BY(mutex_);
  std::size_t held_ VISA_GUARDED_BY(mutex_) = 0;
  std::uint8_t status_byte_ VISA_GUARDED_BY(mutex_) = 0;
  std::multimap<ViEventType, spi::EventSink*> sinks_ VISA_GUARDED_BY(mutex_);
  std::multiset<spi::EventSink*> posting_ VISA_GUARDED_BY(mutex_);  // once for each post under way
  const void* owner_ VISA_GUARDED_BY(mutex_) = nullptr;             // of the exclusive lock
  std::map<const void*, std::string> group_ VISA_GUARDED_BY(mutex_);  // holder -> key, shared lock
};

}  // namespace visa::drivers::example
