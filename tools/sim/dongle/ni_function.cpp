// SPDX-License-Identifier: MIT
// Messages in, replies out. Requests on the control endpoint and the monitor are in ni_control.cpp,
// registers in ni_registers.cpp.
#include "tools/sim/dongle/ni_function.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::uint16_t kInterruptPacket = 16;
constexpr std::uint8_t kWithEnd = 0x08;    // of a write
constexpr std::uint8_t kStop = 0x04;       // of a read: at a byte,
constexpr std::uint8_t kEightBits = 0x10;  // which is compared in 8 bits
constexpr std::uint8_t kReadDone = 0x38;

const WireOperation& operation_of(NiOperation operation) {
  switch (operation) {
    case NiOperation::read_registers:
    case NiOperation::write_registers:
      return kDongleRegisters;
    case NiOperation::command:
      return kDongleCommand;
    case NiOperation::write:
      return kDongleWrite;
    case NiOperation::read:
      return kDongleRead;
    default:
      return kDongleLines;
  }
}

std::string text_of(const NiMessage& message) {
  char text[96];
  const int length = std::snprintf(
      text, sizeof text, "%s operation=0x%02X argument=0x%02X count=%lu timeout=0x%02X",
      std::string(operation_of(message.operation).name).c_str(),
      static_cast<unsigned>(message.operation), unsigned{message.argument},
      static_cast<unsigned long>(message.count), unsigned{message.timeout});
  return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

}  // namespace

std::optional<std::chrono::microseconds> ni_timeout(std::uint8_t code) noexcept {
  using std::chrono::microseconds;
  constexpr std::uint8_t kNever = 0xF0;
  constexpr std::array<std::int64_t, 17> kTimes = {
      10,     30,      100,     300,      1000,     3000,      10000,     30000,     100000,
      300000, 1000000, 3000000, 10000000, 30000000, 100000000, 300000000, 1000000000};
  if (code == kNever) return microseconds::max();
  // F1 to FF, then 01 and 02: 00 is none.
  if (code > kNever) return microseconds(kTimes.at(code - kNever - 1U));
  if (code == 1 || code == 2) return microseconds(kTimes.at(14U + code));
  return std::nullopt;
}

NiFunction::NiFunction(UsbPort& port, Dongle& dongle)
    : DongleFunction(port, dongle, kInterruptPacket) {}

// A message takes as many transfers as the host likes; its own length says where it ends.
std::size_t NiFunction::take(std::uint8_t endpoint, std::string_view bytes, bool ends) {
  begin_life();
  constexpr std::size_t kMostInput = 8 + 65536 + 8;
  if (endpoint != dongle().model.out) return bytes.size();
  if (running_ || !accepting()) return 0;
  if (bytes.empty()) return 0;
  input_ += bytes;
  const NiParsed parsed = parse_ni_message(input_);
  const std::size_t size = input_.size();
  if (parsed.kind == NiParsed::Kind::more && !ends && size < kMostInput) return bytes.size();
  input_.clear();
  if (parsed.kind == NiParsed::Kind::message) {
    ++state().bulk_out_transfers;
    if (!parsed.padded) violation("padding that is not zero");
    if (parsed.size < size) violation("bytes after a message");
    begin(parsed.message);
  } else {
    violation(parsed.kind == NiParsed::Kind::mistake ? parsed.mistake
                                                     : "a message that is cut short");
  }
  return bytes.size();
}

void NiFunction::on_cancelled(std::uint8_t endpoint) {
  if (endpoint == dongle().model.out) input_.clear();
}

void NiFunction::reset() {
  DongleFunction::reset();
  input_.clear();
  running_.reset();
  monitored_ = 0;
}

void NiFunction::begin(NiMessage message) {
  if (logged()) log("call", text_of(message));
  const WireOperation& operation = operation_of(message.operation);
  if (!on_ && &operation != &kDongleRegisters) violation("a message before the chip is on");
  const auto* const active = meet(FaultPoint::call, operation);
  if (unplugged_or_silent(active)) return;
  if (active != nullptr && active->fault.kind == &kDongleErrorFault) {
    answer(message, static_cast<NiError>(active->fault.error), message.count);
  } else if (active != nullptr && active->fault.kind == &kDongleRefuseFault) {
    answer(message, NiError::addressing, message.count);
  } else if (message.operation == NiOperation::write) {
    begin_write(std::move(message));
  } else if (message.operation == NiOperation::read) {
    begin_read(std::move(message));
  } else {
    execute(message);
  }
  watch_lines();
}

void NiFunction::execute(const NiMessage& message) {
  switch (message.operation) {
    case NiOperation::write_registers:
      return set_registers(message);
    case NiOperation::read_registers:
      return get_registers(message);
    case NiOperation::command:
      return command(message);
    case NiOperation::take_control: {
      const bool may = bus().in_charge();
      bus().set_atn(true);
      return answer(message, may ? NiError::none : NiError::addressing, 0);
    }
    case NiOperation::interface_clear:
      if (system_controller_) {
        bus().set_ifc(true);
        bus().set_ifc(false);
      }
      return answer(message, system_controller_ ? NiError::none : NiError::parameter, 0);
    default:
      if (message.operation == NiOperation::standby) bus().set_atn(false);
      return answer(message, NiError::none, 0);
  }
}

void NiFunction::command(const NiMessage& message) {
  if (message.count > kMostCommands || !ni_timeout(message.timeout)) {
    violation("command bytes that are too many, or with a timeout that there is not");
    return answer(message, NiError::parameter, message.count);
  }
  if (!bus().atn()) {
    violation("command bytes while ATN is not asserted");
    return answer(message, NiError::addressing, message.count);
  }
  std::size_t rest = message.count;
  for (const char byte : message.data) {
    if (!bus().command(static_cast<std::uint8_t>(byte))) {
      return answer(message, NiError::no_device, rest);
    }
    --rest;
  }
  answer(message, NiError::none, 0);
}

void NiFunction::run(NiMessage message, std::chrono::microseconds time) {
  running_ = Running{};
  Running& running = *running_;
  running.message = std::move(message);
  if (time != std::chrono::microseconds::max()) running.until = Clock::now() + time;
}

void NiFunction::begin_write(NiMessage message) {
  const auto time = ni_timeout(message.timeout);
  if (!time) {
    violation("a write with a timeout that there is not");
    return answer(message, NiError::parameter, message.count);
  }
  if (bus().atn()) return answer(message, NiError::atn, message.count);
  if (std::exchange(fresh_, false)) {
    run(std::move(message), *time);
    running_->dead = true;
    return;
  }
  if (!bus().talks()) return answer(message, NiError::addressing, message.count);
  switch (bus().send(message.data, (message.argument & kWithEnd) != 0)) {
    case GpibController::Sent::done:
      return answer(message, NiError::none, 0);
    case GpibController::Sent::no_listener:
      return answer(message, NiError::no_listener, message.count);
    case GpibController::Sent::stuck:
      run(std::move(message), *time);
      running_->dead = true;
  }
}

void NiFunction::begin_read(NiMessage message) {
  const auto time = ni_timeout(message.timeout);
  const bool stops = (message.argument & kStop) != 0;
  const unsigned known = unsigned{kStop} | (stops ? unsigned{kEightBits} : 0U);
  const bool mode = (message.argument & ~known) == 0 && (stops || message.end_byte == 0);
  if (!time || !mode) {
    violation("a read with a timeout or an ending that there is not");
    return answer_read(message, NiError::parameter, {}, false);
  }
  if (bus().atn()) return answer_read(message, NiError::atn, {}, false);
  if (!bus().listens()) return answer_read(message, NiError::addressing, {}, false);
  run(std::move(message), *time);
  read_on(Clock::now());
}

/// Moves what the talker has; true when the reading is over.
bool NiFunction::read_on(Clock::time_point now) {
  Running& running = *running_;
  const NiMessage& message = running.message;
  const bool stops = (message.argument & kStop) != 0;
  const auto mask = static_cast<std::uint8_t>((message.argument & kEightBits) != 0 ? 0xFF : 0x7F);
  const auto stop = stops ? std::optional(message.end_byte) : std::nullopt;
  while (running.received.size() < message.count) {
    auto part = bus().receive(message.count - running.received.size(), stop, mask);
    running.received += part.bytes;
    running.end = part.end || part.stopped;
    if (running.end) break;
    if (part.bytes.empty()) {
      if (!running.until || now < *running.until) return false;
      finish(NiError::timeout);
      return true;
    }
  }
  finish(NiError::none);
  return true;
}

void NiFunction::finish(NiError error) {
  const Running done = std::move(*running_);
  running_.reset();
  if (done.message.operation == NiOperation::read) {
    if (error != NiError::none && done.received.empty()) bus().give_up_receiving();
    answer_read(done.message, error, done.received, done.end);
  } else {
    answer(done.message, error, done.message.count);
  }
}

void NiFunction::go_on(Clock::time_point now) {
  if (running_ && !running_->dead) read_on(now);
  if (running_ && running_->dead && running_->until && *running_->until <= now) {
    finish(NiError::timeout);
  }
  watch_lines();
}

std::optional<Clock::time_point> NiFunction::next_step() const {
  return running_ ? running_->until : std::nullopt;
}

void NiFunction::answer(const NiMessage& message, NiError error, std::size_t rest) {
  if (message.operation == NiOperation::read) return answer_read(message, error, {}, false);
  extra_bits_ = error == NiError::timeout ? ni_ibsta::kTimo : 0;
  std::string block =
      ni_status_block(static_cast<std::uint8_t>(message.operation), ibsta(), error, rest);
  extra_bits_ = 0;
  if (message.operation == NiOperation::write_registers) {
    block += static_cast<char>(error == NiError::none ? message.count : 0);
  } else if (message.operation == NiOperation::parallel_poll) {
    block += '\0';  // no device of the bench answers one
  }
  reply(ni_closed(std::move(block)), operation_of(message.operation));
}

void NiFunction::answer_read(const NiMessage& message, NiError error, const std::string& data,
                             bool end) {
  const bool short_blocks = dongle().model.short_blocks;
  extra_bits_ = static_cast<std::uint16_t>((error == NiError::timeout ? ni_ibsta::kTimo : 0U) |
                                           (end ? ni_ibsta::kEnd : 0U));
  std::string bytes = ni_data_blocks(data, short_blocks);
  bytes += ni_status_block(kReadDone, ibsta(), error, message.count - data.size());
  extra_bits_ = 0;
  bytes += '\0';
  bytes += static_cast<char>(ni_last_block(data.size(), short_blocks));
  bytes += std::string(2, '\0');
  bytes += ni_status_block(static_cast<std::uint8_t>(NiOperation::write_registers), ibsta(),
                           NiError::none, 0);
  bytes += static_cast<char>(message.registers.size());
  reply(ni_closed(std::move(bytes)), kDongleRead);
}

std::string NiFunction::stale_reply() const {
  return ni_closed(
      ni_status_block(static_cast<std::uint8_t>(NiOperation::write), ibsta(), NiError::timeout, 0));
}

}  // namespace visa::sim
