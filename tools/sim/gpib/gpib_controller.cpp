// SPDX-License-Identifier: MIT
// IEEE 488.1-1987 annex E (remote messages), 488.2 chapter 6 (UNTERMINATED). Stations stay where
// they are while the bench runs, so pointers to them stay good.
#include "tools/sim/gpib/gpib_controller.h"

#include <algorithm>

namespace visa::sim {
namespace {

constexpr std::uint8_t kGotoLocal = 0x01;
constexpr std::uint8_t kSelectedClear = 0x04;
constexpr std::uint8_t kTrigger = 0x08;
constexpr std::uint8_t kTakeControl = 0x09;
constexpr std::uint8_t kDeviceClear = 0x14;
constexpr std::uint8_t kPollEnable = 0x18;
constexpr std::uint8_t kPollDisable = 0x19;
constexpr std::uint8_t kListen = 0x20;
constexpr std::uint8_t kUnlisten = 0x3F;
constexpr std::uint8_t kTalk = 0x40;
constexpr std::uint8_t kUntalk = 0x5F;
constexpr std::uint8_t kSecondary = 0x60;
constexpr std::uint8_t kNoSecondary = 0x7F;

}  // namespace

// A device that is switched off, whatever is done with it.
bool GpibController::off(GpibStation& station) {
  const auto& all = station.faults().active();
  return std::any_of(all.begin(), all.end(), [](const FaultBoard::Active& one) {
    return one.fault.kind == &kGpibAbsentFault && one.fault.operation == nullptr &&
           (one.fault.count == 0 || one.applied < one.fault.count);
  });
}

void GpibController::set_ifc(bool on) {
  ifc_ = on;
  listeners_.clear();
  talker_ = nullptr;
  talks_ = listens_ = false;
  serial_poll_ = false;
  primary_.reset();
  // The system controller becomes the active one, and asserts ATN (IEEE 488.1, 2.12: CACS).
  if (!on) in_charge_ = atn_ = true;
}

bool GpibController::command(std::uint8_t byte) {
  const auto code = static_cast<std::uint8_t>(byte & 0x7FU);
  if (code >= kSecondary) {
    if (code != kNoSecondary && primary_) {
      address(primary_talks_, *primary_, static_cast<std::uint8_t>(code - kSecondary));
    }
  } else {
    primary_.reset();
    if (code >= kListen && code != kUnlisten && code != kUntalk) {
      primary_talks_ = code >= kTalk;
      primary_ = static_cast<std::uint8_t>(code & 0x1FU);
      address(primary_talks_, *primary_, std::nullopt);
    } else {
      universal(code);
    }
  }
  const auto& all = bus_.stations();
  return std::any_of(all.begin(), all.end(), [](const auto& one) { return !off(*one); });
}

GpibStation* GpibController::station(const GpibPlace& place) noexcept {
  for (const auto& one : bus_.stations()) {
    if (one->place() == place) return one.get();
  }
  return nullptr;
}

// The bytes of an address come one by one: a primary one reaches devices without a secondary, and
// the secondary one after it those that have it. A second talker ends the first.
void GpibController::address(bool talk, std::uint8_t primary,
                             std::optional<std::uint8_t> secondary) {
  GpibStation* const one = station({primary, secondary});
  const bool own = !secondary && primary == own_;
  if (talk) {
    if (!secondary) {
      talker_ = nullptr;
      talks_ = own;
    }
    if (one != nullptr) talker_ = one;
    started_ = false;
    return;
  }
  if (own) listens_ = true;
  if (one != nullptr && std::find(listeners_.begin(), listeners_.end(), one) == listeners_.end()) {
    listeners_.push_back(one);
  }
}

void GpibController::universal(std::uint8_t byte) {
  switch (byte) {
    case kUnlisten:
      listeners_.clear();
      listens_ = false;
      return;
    case kUntalk:
      talker_ = nullptr;
      talks_ = false;
      return;
    case kDeviceClear:
      for (const auto& one : bus_.stations()) {
        if (!off(*one)) one->link().device_clear();
      }
      return;
    case kPollEnable:
    case kPollDisable:
      serial_poll_ = byte == kPollEnable;
      return;
    case kTakeControl:
      if (talker_ != nullptr) release_control();
      return;
    default:
      for_listeners(byte);
  }
}

void GpibController::for_listeners(std::uint8_t byte) {
  static_assert(kGotoLocal < kSelectedClear);
  for (GpibStation* const one : listeners_) {
    const bool clear = byte == kSelectedClear;
    if (!clear && byte != kTrigger) continue;
    const WireOperation& operation = clear ? kGpibClear : kGpibTrigger;
    const FaultBoard::Active* const active =
        one->faults().next(FaultPoint::call, one->link().id(), &operation);
    if (active != nullptr && active->fault.kind == &kGpibAbsentFault) continue;
    clear ? one->link().device_clear() : one->link().trigger();
  }
}

GpibStation* GpibController::addressed() const noexcept {
  if (talker_ != nullptr) return talker_;
  return listeners_.empty() ? nullptr : listeners_.front();
}

const Fault* GpibController::meet(FaultPoint point, const WireOperation& operation) {
  GpibStation* const one = addressed();
  if (one == nullptr || one->faults().empty()) return nullptr;
  const auto* const active = one->faults().next(point, one->link().id(), &operation);
  return active == nullptr ? nullptr : &active->fault;
}

GpibController::Sent GpibController::send(std::string_view data, bool end) {
  bool heard = false;
  bool stuck = false;
  for (GpibStation* const one : listeners_) {
    const auto* const active =
        one->faults().empty() ? nullptr
                              : one->faults().next(FaultPoint::call, one->link().id(), &kGpibWrite);
    if (active != nullptr && active->fault.kind == &kGpibAbsentFault) continue;
    heard = true;
    stuck = stuck || (active != nullptr && active->fault.kind == &kGpibStuckFault);
  }
  if (!heard) return Sent::no_listener;
  if (stuck) return Sent::stuck;
  for (GpibStation* const one : listeners_) {
    if (off(*one)) continue;
    if (one->link().logged()) one->link().log("in", data);
    one->link().receive(data, end);
  }
  return Sent::done;
}

GpibController::Received GpibController::receive_status() {
  const Fault* const fault = meet(FaultPoint::call, kGpibPoll);
  if (off(*talker_) || (fault != nullptr && fault->kind == &kGpibAbsentFault)) return {};
  started_ = true;
  return {.bytes = std::string(1, static_cast<char>(talker_->link().serial_poll()))};
}

GpibController::Received GpibController::receive(std::size_t most, std::optional<std::uint8_t> stop,
                                                 std::uint8_t mask) {
  Received result;
  if (talker_ == nullptr || atn_ || most == 0) return result;
  if (serial_poll_) return receive_status();
  Link& link = talker_->link();
  if (off(*talker_) || !link.message_available()) return result;
  if (!started_) {
    const Fault* const fault = meet(FaultPoint::call, kGpibRead);
    if (fault != nullptr && fault->kind == &kGpibAbsentFault) return result;
  }
  while (result.bytes.size() < most && !result.end && !result.stopped && link.message_available()) {
    std::size_t want = most - result.bytes.size();
    if (stop) {
      link.refill(std::min(want, Link::kHighWater));
      want = mask == 0xFF ? link.output().find(static_cast<char>(*stop), want).value_or(want) : 1;
    }
    OutputQueue::Part part = link.read(want);
    if (part.bytes.empty() && !part.end) break;
    started_ = true;
    result.bytes += part.bytes;
    result.end = part.end;
    result.stopped = stop && !part.bytes.empty() &&
                     ((static_cast<std::uint8_t>(part.bytes.back()) ^ *stop) & mask) == 0;
  }
  if (link.logged() && !result.bytes.empty()) link.log("out", result.bytes);
  return result;
}

void GpibController::give_up_receiving() {
  if (talker_ == nullptr || serial_poll_ || started_ || off(*talker_)) return;
  Link& link = talker_->link();
  if (!link.holding() && !link.message_available()) link.read(0);
}

// With ATN every device is an acceptor, without it those that listen; the controller itself too.
std::uint8_t GpibController::lines() const {
  unsigned value = 0;
  const auto add = [&value](GpibLine line, bool on) {
    if (on) value |= static_cast<unsigned>(line);
  };
  const auto& all = bus_.stations();
  const bool acceptor =
      atn_ ? std::any_of(all.begin(), all.end(), [](const auto& one) { return !off(*one); })
           : listens() || std::any_of(listeners_.begin(), listeners_.end(),
                                      [](GpibStation* one) { return !off(*one); });
  add(GpibLine::ren, ren_);
  add(GpibLine::ifc, ifc_);
  add(GpibLine::srq, bus_.srq());
  add(GpibLine::ndac, acceptor);
  add(GpibLine::atn, atn_);
  return static_cast<std::uint8_t>(value);
}

}  // namespace visa::sim
