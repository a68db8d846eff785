// SPDX-License-Identifier: MIT
// Sessions on a board in memory (fake_board.h), made as the driver makes them.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/unit/drivers/support/fake_board.h"
#include "drivers/gpib/bus.h"
#include "drivers/gpib/instr_channel.h"
#include "drivers/gpib/intfc_channel.h"

namespace visa::drivers::gpib {

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// What a read delivered.
struct Reading {
  Status status;
  spi::StopReason reason;
  std::string data;
};

/// A session, closed when it goes.
template <class ChannelType>
class GpibSession {
 public:
  explicit GpibSession(std::unique_ptr<ChannelType> made) : channel(std::move(made)) {}
  GpibSession(GpibSession&&) noexcept = default;
  GpibSession& operator=(GpibSession&&) noexcept = default;
  ~GpibSession() {
    Call call(Deadline::after(std::chrono::seconds(5)));
    if (channel) channel->close(call);
  }
  Status write(std::string_view text, spi::WriteEnd end = spi::WriteEnd::end) {
    Call call(deadline());
    return channel->write(bytes(text), end, call).status;
  }
  Reading read(std::size_t most, const spi::EndRule& rule = {}) {
    Call call(deadline());
    std::string data(most, '?');
    const auto result = channel->read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    detail = call.detail;
    return {result.status, result.reason, data};
  }
  static Deadline deadline() { return Deadline::after(std::chrono::seconds(5)); }

  std::unique_ptr<ChannelType> channel;
  std::string detail;
};

/// A bus, and sessions on it.
class FakeBus {
 public:
  FakeBus() : made_(std::make_unique<FakeBoard>()), board(*made_) {}

  GpibSession<InstrChannel> open(const Address& device) {
    Call call(Deadline::after(std::chrono::seconds(5)));
    auto bus = lease(call);
    if (failed(bus->attach(device, call))) throw std::runtime_error(call.detail);
    return GpibSession(std::make_unique<InstrChannel>(std::move(bus), device));
  }
  GpibSession<IntfcChannel> open_board() {
    Call call(Deadline::after(std::chrono::seconds(5)));
    return GpibSession(std::make_unique<IntfcChannel>(lease(call)));
  }

 private:
  Buses::Lease lease(Call& call) {
    // The table lives as long as the process, as in the driver.
    static Buses* const buses = new Buses;
    auto bus = buses->open(key_, call, [&](Call&) -> Result<std::unique_ptr<Bus>> {
      return std::make_unique<Bus>(std::move(made_));
    });
    if (!bus) throw std::runtime_error(call.detail);
    return *std::move(bus);
  }

  static std::string next_key() {
    static int number = 0;
    return "fake" + std::to_string(++number);
  }

  std::unique_ptr<FakeBoard> made_;
  const std::string key_ = next_key();

 public:
  FakeBoard& board;  // lives until the last session is closed
};

/// Collects what is posted, by type.
class RecordingSink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back(std::move(record));
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30),
                             [&] { return records_.size() >= count; });
  }
  std::vector<spi::EventRecord> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<spi::EventRecord> records_;
};

}  // namespace visa::drivers::gpib
