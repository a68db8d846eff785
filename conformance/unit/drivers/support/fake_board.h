// SPDX-License-Identifier: MIT
// A GPIB board with instruments on its bus, in memory: it follows the command bytes as IEEE 488.1
// says, so that a test sees which device was addressed for what. Nothing waits: what would wait is
// error_tmo at once.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drivers/gpib/command_controller.h"

namespace visa::drivers::gpib {

/// One instrument: answers are sent in order, each with EOI at its end.
struct FakeDevice {
  std::deque<std::string> answers = {};
  std::string received = {};
  std::vector<std::string> messages = {};  // `received` up to each EOI
  std::uint8_t status = 0;
  unsigned polls = 0;
  unsigned clears = 0;
  unsigned triggers = 0;
  bool remote = false;
  bool lockout = false;
  bool answers_poll = true;
  bool empty_poll = false;  // ends a poll without a byte
};

class FakeBoard : public CommandController {
 public:
  std::map<Address, FakeDevice> devices;
  std::string log;  // "C" and the command bytes in hex, "W5" and the count, "R" and the count
  bool ren = false;
  bool atn = false;
  bool holds_ndac = false;
  bool reads_ndac = true;
  bool is_gone = false;
  unsigned begun = 0;
  unsigned ended = 0;
  Status begin_status = Status::success;
  Deadline commands_until = Deadline::immediate();  // of the last put_commands
  Status next_command = Status::success;            // of the next put_commands
  std::optional<unsigned> fails_after;              // so many put_commands, one is error_io
  bool tells = true;                                // service_requested works
  std::optional<Status> service = std::nullopt;     // of find_service
  std::atomic<BusEvents> awaited{BusEvents::none};
  std::atomic<unsigned> looks{0};       // calls of service_requested
  std::atomic<unsigned> long_looks{0};  // those with more than five seconds
  std::mutex mutex;  // a test that changes `devices` while a watch looks at them holds it

  /// The next wait_events that wants them returns these events.
  void raise(BusEvents events) {
    const std::lock_guard lock(raised_mutex_);
    raised_ = events;
    raised_changed_.notify_all();
  }

  void close(Call&) noexcept override {}
  const std::string& name() const noexcept override { return name_; }
  bool gone() const noexcept override { return is_gone; }
  void wake() noexcept override {
    const std::lock_guard lock(raised_mutex_);
    raised_changed_.notify_all();
  }
  Status begin(Call&) override {
    mutex.lock();
    ++begun;
    if (failed(begin_status)) mutex.unlock();
    return begin_status;
  }
  void end() noexcept override {
    ++ended;
    mutex.unlock();
  }

  Status control_atn(AtnMode mode, Call&) override {
    atn = mode == AtnMode::assert_atn || mode == AtnMode::assert_immediate;
    return Status::success;
  }
  Result<BusState> state(Call&) override {
    BusState now;
    now.ren = ren ? State::asserted : State::unasserted;
    now.atn = atn ? State::asserted : State::unasserted;
    if (reads_ndac) {
      const bool held = holds_ndac || (!atn && !listeners().empty());
      now.ndac = held ? State::asserted : State::unasserted;
    }
    now.srq = requests() ? State::asserted : State::unasserted;
    now.controller_in_charge = State::asserted;
    now.system_controller = State::asserted;
    return now;
  }
  BusEvents awaitable() const noexcept override { return awaited; }
  Result<BusEvents> wait_events(BusEvents wanted, Call& call) override {
    std::unique_lock lock(raised_mutex_);
    for (;;) {
      const BusEvents there = raised_ & wanted;
      if (any(there)) {
        raised_ = BusEvents::none;
        return there;
      }
      if (call.cancelled()) return Status::error_abort;
      if (call.deadline.expired()) return Status::error_tmo;
      raised_changed_.wait_until(lock, call.deadline.time_point());
    }
  }
  bool tells_service() const noexcept override { return tells; }
  bool may_lack_service() const noexcept override { return service.has_value(); }
  Status find_service(Call& call) override { return call.fail(*service, "board: no SRQ"); }
  Result<bool> service_requested(Call& call) override {
    ++looks;
    if (call.deadline.remaining() > std::chrono::seconds(5)) ++long_looks;
    return requests();
  }

 protected:
  spi::WriteResult put_commands(std::span<const std::byte> bytes, Call& call) override {
    commands_until = call.deadline;
    const Status status = std::exchange(next_command, Status::success);
    if (failed(status)) return {status, 0};
    if (fails_after && (*fails_after)-- == 0) {
      fails_after.reset();
      return {Status::error_io, 0};
    }
    if (devices.empty() && !holds_ndac) return {Status::error_nlisteners, 0};
    atn = true;
    log += "C";
    for (const std::byte one : bytes) take_command(static_cast<std::uint8_t>(one));
    log += " ";
    return {Status::success, bytes.size()};
  }

  spi::WriteResult put_data(std::span<const std::byte> data, bool eoi, Call& call) override {
    atn = false;
    log += "W" + std::to_string(data.size()) + (eoi ? "e " : " ");
    auto all = listeners();
    if (all.empty()) return {call.fail(Status::error_nlisteners, name_ + ": nobody listens"), 0};
    for (FakeDevice* one : all) {
      one->answers.resize(inside_ == one ? 0 : one->answers.size());
      one->received.append(reinterpret_cast<const char*>(data.data()), data.size());
      if (!eoi) continue;
      one->messages.push_back(one->received);
      one->received.clear();
    }
    return {Status::success, data.size()};
  }

  spi::ReadResult take_data(std::span<std::byte> into, const spi::EndRule& rule,
                            Call& call) override {
    atn = false;
    log += "R" + std::to_string(into.size()) + " ";
    FakeDevice* from = talker_ ? find(*talker_) : nullptr;
    if (from != nullptr && polling_) return take_status(*from, into, call);
    if (from == nullptr || from->answers.empty()) {
      return {call.fail(Status::error_tmo, name_ + ": no answer"), 0, spi::StopReason::count};
    }
    std::string& answer = from->answers.front();
    spi::ReadResult result;
    while (result.count < into.size() && !answer.empty()) {
      into[result.count] = static_cast<std::byte>(answer.front());
      answer.erase(0, 1);
      const bool mark =
          rule.termchar_enabled && into[result.count] == static_cast<std::byte>(rule.termchar);
      ++result.count;
      if (mark) result.reason = spi::StopReason::termchar;
      if (mark) break;
    }
    inside_ = from;
    if (answer.empty()) {
      from->answers.pop_front();
      result.reason = spi::StopReason::end;
      inside_ = nullptr;
    }
    return result;
  }

  Status pulse_ifc(Call&) override {
    log += "IFC ";
    talker_.reset();
    listening_.clear();
    polling_ = false;
    return Status::success;
  }
  Status set_ren(bool on, Call&) override {
    ren = on;
    for (auto& [address, device] : devices) device.remote &= on;
    return Status::success;
  }

 private:
  bool requests() const {
    return std::any_of(devices.begin(), devices.end(),
                       [](const auto& one) { return (one.second.status & 0x40U) != 0; });
  }

  FakeDevice* find(const Address& address) {
    const auto at = devices.find(address);
    return at == devices.end() ? nullptr : &at->second;
  }

  std::vector<FakeDevice*> listeners() {
    std::vector<FakeDevice*> found;
    for (const Address& one : listening_) {
      if (FakeDevice* device = find(one)) found.push_back(device);
    }
    return found;
  }

  spi::ReadResult take_status(FakeDevice& from, std::span<std::byte> into, Call& call) {
    if (!from.answers_poll) {
      return {call.fail(Status::error_tmo, "no status"), 0, spi::StopReason::count};
    }
    if (from.empty_poll) return {Status::success, 0, spi::StopReason::end};
    ++from.polls;
    into[0] = static_cast<std::byte>(from.status);
    from.status &= 0xBFU;
    return {Status::success, 1, spi::StopReason::count};
  }

  void take_command(std::uint8_t byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    log += kDigits[byte >> 4U];
    log += kDigits[byte & 0xFU];
    const std::uint8_t low = byte & 0x1FU;
    if (byte == kUnl) {
      listening_.clear();
    } else if (byte == kUnt) {
      talker_.reset();
    } else if (byte >= kMsa) {
      take_secondary(low);
    } else if (byte >= kTad) {
      talker_ = Address{low};
      primary_ = byte;
    } else if (byte >= kLad) {
      listening_.insert(Address{low});
      primary_ = byte;
    } else {
      take_universal(byte);
    }
  }

  void take_secondary(std::uint8_t secondary) {
    const Address whole{static_cast<std::uint8_t>(primary_ & 0x1FU), secondary};
    if (primary_ >= kTad) {
      talker_ = whole;
      return;
    }
    listening_.erase(Address{whole.primary});
    listening_.insert(whole);
  }

  void take_universal(std::uint8_t byte) {
    if (byte == kSpe) polling_ = true;
    if (byte == kSpd) polling_ = false;
    for (FakeDevice* one : listeners()) {
      if (ren) one->remote = byte != kGtl;
      if (byte == kSdc) ++one->clears;
      if (byte == kSdc) one->answers.clear();
      if (byte == kGet) ++one->triggers;
    }
    if (byte != kLlo) return;
    for (auto& [address, device] : devices) device.lockout = true;
  }

  const std::string name_ = "fake board";
  std::mutex raised_mutex_;
  std::condition_variable raised_changed_;
  BusEvents raised_ = BusEvents::none;
  std::optional<Address> talker_;
  std::set<Address> listening_;
  std::uint8_t primary_ = 0;
  bool polling_ = false;
  FakeDevice* inside_ = nullptr;
};

}  // namespace visa::drivers::gpib
