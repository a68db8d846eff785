// SPDX-License-Identifier: MIT
// USB 2.0 chapter 8 (transfers end with a short packet or when their buffer is full; a halted
// endpoint stalls). Invariant: on each endpoint only the oldest transfer moves.
#include "tools/sim/usb/usb_device.h"

#include <algorithm>
#include <bitset>
#include <utility>

namespace visa::sim {

UsbDevice::UsbDevice(UsbIdentity identity, UsbHost& host, Unplug unplug)
    : identity_(std::move(identity)), host_(host), unplug_(std::move(unplug)) {}

void UsbDevice::add(std::unique_ptr<UsbFunction> function) {
  for (const UsbEndpoint& endpoint : function->layout().endpoints) {
    pipes_.push_back({endpoint, function.get(), false});
  }
  functions_.push_back(std::move(function));
}

UsbDevice::Pipe* UsbDevice::pipe(std::uint8_t address) noexcept {
  const auto found = std::find_if(pipes_.begin(), pipes_.end(), [address](const Pipe& one) {
    return one.endpoint.address == address;
  });
  return found != pipes_.end() ? &*found : nullptr;
}

const UsbDevice::Pipe* UsbDevice::pipe(std::uint8_t address) const noexcept {
  return const_cast<UsbDevice*>(this)->pipe(address);
}

const UsbLayout* UsbDevice::interface_of(std::uint8_t endpoint) const noexcept {
  const Pipe* const found = pipe(endpoint);
  return found != nullptr ? &found->function->layout() : nullptr;
}

const UsbEndpoint* UsbDevice::endpoint(std::uint8_t address) const noexcept {
  const Pipe* const found = pipe(address);
  return found != nullptr ? &found->endpoint : nullptr;
}

bool UsbDevice::has_interface(std::uint8_t number) const noexcept {
  return std::any_of(functions_.begin(), functions_.end(),
                     [number](const auto& one) { return one->layout().number == number; });
}

bool UsbDevice::halted(std::uint8_t endpoint) const noexcept {
  const Pipe* const found = pipe(endpoint);
  return found != nullptr && found->halted;
}

void UsbDevice::halt(std::uint8_t endpoint) {
  if (Pipe* const found = pipe(endpoint)) found->halted = true;
  woken_ = true;
}

void UsbDevice::unplug(std::optional<std::chrono::milliseconds> time) {
  leaving_ = true;
  away_ = time;
}

void UsbDevice::submit(UsbTransfer transfer) {
  if (gone_) {
    transfer.status = UsbStatus::gone;
    host_.on_transfer(std::move(transfer));
    return;
  }
  waiting_.push_back({.transfer = std::move(transfer)});
  woken_ = true;
  pump();
}

bool UsbDevice::cancel(std::uint64_t id) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [id](const Waiting& one) { return one.transfer.id == id; });
  if (found == waiting_.end()) return false;
  UsbTransfer transfer = std::move(found->transfer);
  waiting_.erase(found);
  if (Pipe* const cancelled = pipe(transfer.endpoint)) {
    cancelled->function->on_cancelled(transfer.endpoint);
  }
  transfer.status = UsbStatus::cancelled;
  host_.on_transfer(std::move(transfer));
  woken_ = true;
  pump();
  return true;
}

void UsbDevice::clear_halt(std::uint8_t endpoint) {
  if (Pipe* const found = pipe(endpoint)) {
    found->halted = false;
    found->function->on_halt_cleared(endpoint);
  }
  woken_ = true;
  pump();
}

void UsbDevice::reset() {
  for (Pipe& one : pipes_) one.halted = false;
  for (const auto& function : functions_) function->reset();
  configuration_ = 1;
  woken_ = true;
  pump();
}

void UsbDevice::leave() {
  gone_ = true;
  while (!waiting_.empty()) {
    UsbTransfer transfer = std::move(waiting_.front().transfer);
    waiting_.pop_front();
    transfer.status = UsbStatus::gone;
    host_.on_transfer(std::move(transfer));
  }
}

// A transfer that ends may bring others in, and each may let one go on that waited.
void UsbDevice::pump() {
  if (std::exchange(pumping_, true)) return;
  while (std::exchange(woken_, false) && !gone_) {
    std::bitset<256> busy;
    for (auto one = waiting_.begin(); one != waiting_.end();) {
      const std::uint8_t address = one->transfer.endpoint;
      if (busy[address] || !attempt(*one)) {
        busy.set(address);
        ++one;
        continue;
      }
      UsbTransfer transfer = std::move(one->transfer);
      one = waiting_.erase(one);
      host_.on_transfer(std::move(transfer));
    }
  }
  pumping_ = false;
}

bool UsbDevice::attempt(Waiting& waiting) {
  UsbTransfer& transfer = waiting.transfer;
  if (transfer.endpoint == 0) return attempt_control(waiting);
  Pipe* const found = pipe(transfer.endpoint);
  if (found == nullptr || found->halted) {
    transfer.status = UsbStatus::stall;
    return true;
  }
  return (transfer.endpoint & kUsbIn) != 0 ? attempt_in(*found, transfer)
                                           : attempt_out(*found, transfer);
}

bool UsbDevice::attempt_control(Waiting& waiting) {
  UsbTransfer& transfer = waiting.transfer;
  const UsbSetup& setup = transfer.setup;
  if (waiting.waits && waiting.until > Clock::now()) return false;
  UsbAnswer answer{.kind = UsbAnswer::Kind::stall};
  if (setup.kind() == 0) {
    answer = standard(setup);
  } else if (UsbFunction* const function = recipient(setup)) {
    answer = function->control(setup, transfer.data, waiting.waits);
  }
  if (answer.kind == UsbAnswer::Kind::wait) {
    waiting.waits = true;
    waiting.until = answer.until;
    return false;
  }
  transfer.taken = transfer.data.size();
  if (answer.kind == UsbAnswer::Kind::stall) {
    transfer.status = UsbStatus::stall;
  } else if (setup.to_host()) {
    transfer.data = answer.data.substr(0, setup.length);
  }
  return true;
}

bool UsbDevice::attempt_out(Pipe& pipe, UsbTransfer& transfer) {
  const std::string_view rest = std::string_view(transfer.data).substr(transfer.taken);
  const bool full = transfer.data.size() % pipe.endpoint.packet == 0;
  const bool ends = !full || transfer.data.empty();
  transfer.taken += pipe.function->take(transfer.endpoint, rest, ends);
  if (transfer.taken == transfer.data.size()) {
    if (full && transfer.zero_packet) pipe.function->take(transfer.endpoint, {}, true);
    return true;
  }
  if (pipe.halted) transfer.status = UsbStatus::stall;
  return pipe.halted;
}

bool UsbDevice::attempt_in(Pipe& pipe, UsbTransfer& transfer) {
  while (true) {
    UsbGiven given = pipe.function->give(transfer.endpoint, transfer.room - transfer.data.size());
    if (transfer.data.empty()) {
      transfer.data = std::move(given.bytes);
    } else {
      transfer.data += given.bytes;
    }
    switch (given.kind) {
      case UsbGiven::Kind::nothing:
        return false;
      case UsbGiven::Kind::data:
        if (transfer.data.size() == transfer.room) return true;
        break;
      case UsbGiven::Kind::end:
        return true;
      case UsbGiven::Kind::halt:
        pipe.halted = true;
        transfer.status = UsbStatus::stall;
        return true;
      case UsbGiven::Kind::babble:
        transfer.status = UsbStatus::babble;
        return true;
      case UsbGiven::Kind::error:
        transfer.status = UsbStatus::bus_error;
        return true;
    }
  }
}

// A request for the device itself that is not standard goes to its first interface, as vendors'
// firmware has it.
UsbFunction* UsbDevice::recipient(const UsbSetup& setup) noexcept {
  if (setup.recipient() == 2) {
    Pipe* const found = pipe(static_cast<std::uint8_t>(setup.index));
    return found != nullptr ? found->function : nullptr;
  }
  for (const auto& one : functions_) {
    if (setup.recipient() == 0 || one->layout().number == (setup.index & 0xFFU)) return one.get();
  }
  return nullptr;
}

std::optional<Clock::time_point> UsbDevice::due() const {
  if (woken_ || leaving_) return Clock::time_point{};  // at once
  std::optional<Clock::time_point> first;
  const auto sooner = [&first](std::optional<Clock::time_point> other) {
    if (other && (!first || *other < *first)) first = other;
  };
  for (const auto& function : functions_) sooner(function->due());
  for (const Waiting& one : waiting_) {
    const bool timed =
        one.until != Clock::time_point::max() && one.until != Clock::time_point::min();
    if (one.waits && timed) sooner(one.until);
  }
  return first;
}

void UsbDevice::on_due(Clock::time_point now) {
  for (const auto& function : functions_) function->on_due(now);
  woken_ = true;
  pump();
  if (std::exchange(leaving_, false)) unplug_(std::exchange(away_, std::nullopt));
}

}  // namespace visa::sim
