// SPDX-License-Identifier: MIT
// IEEE 488.1: command bytes from 0x20 on are addresses, three groups of 32, of which the last of
// the first two ends them.
#include "tools/sim/gpib/kernel_bus.h"

#include <algorithm>

#include "tools/sim/gpib/gpib_faults.h"
#include "tools/sim/gpib/gpib_reply.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kSelectedClear = 0x04;
constexpr std::uint8_t kExecuteTrigger = 0x08;
constexpr std::uint8_t kDeviceClear = 0x14;
constexpr std::uint8_t kListen = 0x20;
constexpr std::uint8_t kUnlisten = 0x3F;
constexpr std::uint8_t kTalk = 0x40;
constexpr std::uint8_t kUntalk = 0x5F;
constexpr std::uint8_t kSecondary = 0x60;
constexpr std::uint8_t kNumber = 0x1F;
constexpr std::uint8_t kBoard = 0;

bool absent(GpibStation* station, const WireOperation& operation) {
  const Fault* const fault = meet_gpib_fault(station, FaultPoint::call, operation);
  return station == nullptr || (fault != nullptr && fault->kind == &kGpibAbsentFault);
}

}  // namespace

bool KernelBus::command(std::string_view bytes) {
  if (bus_.stations().empty()) return false;
  atn_ = true;
  for (const char one : bytes) take(static_cast<std::uint8_t>(one));
  return true;
}

void KernelBus::interface_clear() noexcept {
  listening_.clear();
  talking_.reset();
  last_.reset();
  board_talks_ = board_listens_ = false;
}

void KernelBus::take(std::uint8_t byte) {
  const auto number = static_cast<std::uint8_t>(byte & kNumber);
  if (byte >= kSecondary) return secondary(number);
  last_.reset();
  if (byte == kUnlisten) {
    listening_.clear();
    board_listens_ = false;
  } else if (byte == kUntalk) {
    talking_.reset();
    board_talks_ = false;
  } else if (byte >= kTalk) {
    board_talks_ = number == kBoard;
    talking_.reset();
    if (!board_talks_) talking_ = last_ = GpibPlace{number};
    last_talks_ = true;
  } else if (byte >= kListen && number == kBoard) {
    board_listens_ = true;
  } else if (byte >= kListen) {
    last_ = GpibPlace{number};
    last_talks_ = false;
    listening_.insert(*last_);
  } else {
    act(byte);
  }
}

void KernelBus::secondary(std::uint8_t address) {
  if (!last_) return;
  const GpibPlace whole{last_->primary, address};
  if (last_talks_) {
    talking_ = whole;
  } else {
    listening_.erase(GpibPlace{last_->primary});
    listening_.insert(whole);
  }
}

void KernelBus::act(std::uint8_t byte) {
  if (byte == kDeviceClear) {
    for (const auto& one : bus_.stations()) one->link().device_clear();
    return;
  }
  for (const GpibPlace& place : listening_) {
    GpibStation* const one = bus_.find(place);
    if (byte == kSelectedClear && !absent(one, kGpibClear)) one->link().device_clear();
    if (byte == kExecuteTrigger && !absent(one, kGpibTrigger)) one->link().trigger();
  }
}

GpibStation* KernelBus::talker() {
  GpibStation* const one = talking_ && board_listens_ ? bus_.find(*talking_) : nullptr;
  return absent(one, kGpibRead) ? nullptr : one;
}

std::vector<GpibStation*> KernelBus::listeners() {
  std::vector<GpibStation*> found;
  for (const GpibPlace& place : listening_) {
    if (GpibStation* const one = bus_.find(place)) found.push_back(one);
  }
  return found;
}

bool KernelBus::ndac() {
  const auto all = listeners();
  return !atn_ && std::any_of(all.begin(), all.end(),
                              [](GpibStation* one) { return !absent(one, kGpibPoll); });
}

GpibStation* KernelBus::poll(const GpibPlace& place) {
  interface_clear();
  board_listens_ = true;
  GpibStation* const one = bus_.find(place);
  return absent(one, kGpibPoll) ? nullptr : one;
}

}  // namespace visa::sim
