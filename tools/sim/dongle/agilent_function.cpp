// SPDX-License-Identifier: MIT
// Messages and requests. The registers are in agilent_registers.cpp. The firmware does one thing
// after the other: while a read or a write is under way it takes no other message, and answers the
// question for the count when the write is over.
#include "tools/sim/dongle/agilent_function.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::uint16_t kInterruptPacket = 8;

constexpr std::uint8_t kWrite = 0x01;
constexpr std::uint8_t kRead = 0x03;
constexpr std::uint8_t kWriteRegisters = 0x04;
constexpr std::uint8_t kReadRegisters = 0x05;

constexpr std::uint8_t kWithEnd = 0x01;  // flags of a write
constexpr std::uint8_t kCommands = 0x10;
constexpr std::uint8_t kSeparate = 0x80;
constexpr std::uint8_t kNoAddressing = 0x08;
constexpr std::uint8_t kEndOnEoi = 0x01;  // of a read
constexpr std::uint8_t kReadUnaddressed = 0x02;
constexpr std::uint8_t kEndOnByte = 0x04;

constexpr std::uint8_t kInvalid = 1;  // errors
constexpr std::uint8_t kParameter = 2;

constexpr std::uint8_t kServiceBit = 0x01;  // of an interrupt packet
constexpr std::uint8_t kCompleteBit = 0x02;

constexpr std::size_t kWriteHeader = 8;
constexpr std::size_t kReadHeader = 9;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint32_t length_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i > 0; --i) value = value << 8U | byte_at(bytes, at + i - 1);
  return value;
}

std::string packet_of(std::uint8_t bits) {
  std::string packet(kInterruptPacket, '\0');
  packet[0] = static_cast<char>(bits);
  return packet;
}

std::string text_of(const char* name, unsigned flags, unsigned long length) {
  char text[80];
  const int size =
      std::snprintf(text, sizeof text, "%s flags=0x%02X length=%lu", name, flags, length);
  return std::string(text, static_cast<std::size_t>(std::max(size, 0)));
}

}  // namespace

AgilentFunction::AgilentFunction(UsbPort& port, Dongle& dongle)
    : DongleFunction(port, dongle, kInterruptPacket) {}

std::size_t AgilentFunction::take(std::uint8_t endpoint, std::string_view bytes, bool ends) {
  begin_life();
  if (endpoint != dongle().model.out) return bytes.size();
  if (writing_ && writing_->received < writing_->length) return take_data(bytes, ends);
  if (writing_ || reading_ || !accepting() || bytes.empty()) return 0;
  return take_message(bytes, ends);
}

std::size_t AgilentFunction::take_message(std::string_view bytes, bool ends) {
  ++state().bulk_out_transfers;
  const std::uint8_t message = byte_at(bytes, 0);
  const bool counted = message == kWriteRegisters || message == kReadRegisters;
  const std::size_t each = message == kWriteRegisters ? 2 : 1;
  if (counted && bytes.size() >= 2) {
    const std::size_t count = byte_at(bytes, 1);
    const bool fits = bytes.size() == 2 + count * each && count <= kMostRegisters;
    if (!fits) violation("registers that are too many, or not as many as it says");
    const auto* const active = meet(FaultPoint::call, kDongleRegisters);
    if (unplugged_or_silent(active)) return bytes.size();
    if (active != nullptr && active->fault.kind == &kDongleErrorFault) {
      answer(message, static_cast<std::uint8_t>(active->fault.error));
    } else if (!fits) {
      answer(message, kParameter);
    } else {
      each == 2 ? set_registers(bytes.substr(2)) : get_registers(bytes.substr(2));
    }
  } else if (message == kWrite && bytes.size() >= kWriteHeader) {
    begin_write(bytes);
    const std::size_t rest = bytes.size() - kWriteHeader;
    if (writing_ && rest > 0) return kWriteHeader + take_data(bytes.substr(kWriteHeader), ends);
    if (writing_ && writing_->length == 0) finish_write();
  } else if (message == kRead && bytes.size() >= kReadHeader) {
    if (bytes.size() > kReadHeader) violation("bytes after a message");
    begin_read(bytes);
  } else {
    violation("a message that there is not");
    answer(message, kInvalid);
  }
  watch_service();
  return bytes.size();
}

void AgilentFunction::answer(std::uint8_t message, std::uint8_t error, const std::string& values) {
  std::string bytes;
  bytes += static_cast<char>(~message);
  bytes += static_cast<char>(error);
  reply(bytes + values, kDongleRegisters);
}

void AgilentFunction::begin_write(std::string_view header) {
  writing_ = Writing{};
  Writing& writing = *writing_;
  writing.flags = byte_at(header, 3);
  writing.length = length_at(header, 4);
  const bool commands = (writing.flags & kCommands) != 0;
  writing.operation = commands ? &kDongleCommand : &kDongleWrite;
  if (logged()) log("call", text_of(commands ? "command" : "write", writing.flags, writing.length));
  if ((writing.flags & kSeparate) != 0 || (writing.flags & kNoAddressing) == 0) {
    violation("a write that the adapter is to address, or in two messages");
  }
  const auto* const active = meet(FaultPoint::call, *writing.operation);
  writing.dead = unplugged_or_silent(active);
  if (!commands) bus().set_atn(false);
}

// Of a long message a part waits here; beyond that the endpoint takes no more.
std::size_t AgilentFunction::take_data(std::string_view bytes, bool ends) {
  std::size_t taken = 0;
  bool all = false;
  for (bool moves = true; moves && !all;) {
    Writing& writing = *writing_;
    const std::size_t room = kMostWaiting - writing.waiting.size();
    const std::size_t count =
        std::min({bytes.size() - taken, room, std::size_t{writing.length - writing.received}});
    writing.waiting += bytes.substr(taken, count);
    writing.received += static_cast<std::uint32_t>(count);
    taken += count;
    moves = count > 0;
    all = writing.received == writing.length;
    write_on();
  }
  if (all && taken < bytes.size()) violation("bytes after a message");
  if (!all && ends && taken == bytes.size()) violation("a write that is cut short");
  watch_service();
  return all ? bytes.size() : taken;
}

/// True: the message is over.
bool AgilentFunction::write_on() {
  Writing& writing = *writing_;
  if (writing.dead) return false;
  const bool gone = (writing.flags & kCommands) != 0 ? send_commands() : send_data();
  writing.dead = !gone;
  if (!gone || writing.sent < writing.length) return false;
  finish_write();
  return true;
}

// The firmware raises ATN, and leaves it so.
bool AgilentFunction::send_commands() {
  Writing& writing = *writing_;
  bus().set_atn(true);
  if (!bus().atn()) return false;
  const std::string waiting = std::exchange(writing.waiting, {});
  for (const char byte : waiting) {
    if (!bus().command(static_cast<std::uint8_t>(byte))) return false;
    ++writing.sent;
  }
  return true;
}

bool AgilentFunction::send_data() {
  Writing& writing = *writing_;
  if (!bus().talks()) return false;
  if (writing.waiting.empty()) return true;
  const bool last = writing.received == writing.length;
  const bool end = last && (writing.flags & kWithEnd) != 0;
  if (bus().send(writing.waiting, end) != GpibController::Sent::done) return false;
  writing.sent += static_cast<std::uint32_t>(std::exchange(writing.waiting, {}).size());
  return true;
}

void AgilentFunction::finish_write() {
  const Writing done = std::move(*writing_);
  writing_.reset();
  written_ = done.sent;
  port().wake();  // the question for the count may wait
  if (tells_complete_) report(packet_of(kCompleteBit), kDongleComplete);
}

void AgilentFunction::begin_read(std::string_view header) {
  reading_ = Reading{};
  Reading& reading = *reading_;
  reading.flags = byte_at(header, 3);
  reading.left = length_at(header, 4);
  reading.end_byte = byte_at(header, 8);
  if (logged()) log("call", text_of("read", reading.flags, reading.left));
  if ((reading.flags & kReadUnaddressed) == 0) violation("a read that the adapter is to address");
  const auto* const active = meet(FaultPoint::call, kDongleRead);
  reading.dead = unplugged_or_silent(active);
  const FaultKind* const kind = active != nullptr ? active->fault.kind : nullptr;
  // A fault of the reply concerns all of it.
  for (const auto& one : dongle().bus.stations()) reading.whole |= !one->faults().empty();
  if (kind == &kDongleErrorFault) {
    end_reading(static_cast<std::uint8_t>(active->fault.error));
  } else if (kind == &kDongleRefuseFault || (!bus().listens() && !reading.dead)) {
    end_reading(agilent_end::kNotAddressed);
  } else if (bus().atn() && !reading.dead) {
    end_reading(agilent_end::kAtn);
  } else {
    read_on();
  }
  if (reading_ && reading_->ended && reading_->whole) {
    reply(std::exchange(reading_->collected, {}), kDongleRead);
    reading_.reset();
  }
}

void AgilentFunction::end_reading(std::uint8_t why) {
  reading_->collected += static_cast<char>(why);
  reading_->ended = true;
  port().wake();
}

void AgilentFunction::read_on() {
  Reading& reading = *reading_;
  const std::size_t most = reading.whole ? std::size_t{1} << 20 : kMostWaiting;
  const auto stop =
      (reading.flags & kEndOnByte) != 0 ? std::optional(reading.end_byte) : std::nullopt;
  while (!reading.ended && !reading.dead && reading.collected.size() < most) {
    // An address that nobody has drives no line, and all lines that are not driven read as 0.
    GpibController::Received part;
    if (bus().polling() && !bus().has_talker()) {
      part.bytes = std::string(1, '\0');
    } else {
      part =
          bus().receive(std::min<std::size_t>(reading.left, most - reading.collected.size()), stop);
    }
    reading.left -= static_cast<std::uint32_t>(part.bytes.size());
    reading.collected += part.bytes;
    unsigned why = 0;
    if (part.end && (reading.flags & kEndOnEoi) != 0) why |= agilent_end::kEoi;
    if (part.stopped) why |= agilent_end::kEos;
    if (reading.left == 0) why |= agilent_end::kCount;
    if (why != 0) return end_reading(static_cast<std::uint8_t>(why));
    if (part.bytes.empty() && !part.end) return;
  }
  if (!reading.ended && reading.collected.size() >= most) reading.whole = false;
}

UsbGiven AgilentFunction::give(std::uint8_t endpoint, std::size_t room) {
  begin_life();
  if (endpoint != dongle().model.in || !reading_ || has_replies() || zero_packet()) {
    return DongleFunction::give(endpoint, room);
  }
  return give_read(room);
}

// Whole packets as they fill; the rest when the read has ended.
UsbGiven AgilentFunction::give_read(std::size_t room) {
  Reading& reading = *reading_;
  if (!reading.ended) read_on();
  if (reading.whole) return {};
  std::size_t count = std::min(room, reading.collected.size());
  const bool last = reading.ended && count == reading.collected.size();
  if (!last) {
    if (count < packet() && reading.collected.size() > room) {
      return {UsbGiven::Kind::babble, reading.collected.substr(0, count)};
    }
    count -= count % packet();
  }
  if (count == 0) return {};
  if (!std::exchange(reading.begun, true)) ++state().bulk_in_transfers;
  std::string bytes = reading.collected.substr(0, count);
  reading.collected.erase(0, count);
  if (!last) return {UsbGiven::Kind::data, std::move(bytes)};
  reading_.reset();
  port().wake();
  if (count % packet() != 0) return {UsbGiven::Kind::end, std::move(bytes)};
  end_with_empty_packet(room - count);
  return {UsbGiven::Kind::data, std::move(bytes)};
}

// A transfer that the host takes back while the firmware reads takes with it what was collected.
void AgilentFunction::on_cancelled(std::uint8_t endpoint) {
  if (endpoint == dongle().model.in && reading_ && !reading_->ended) reading_->collected.clear();
  if (endpoint != dongle().model.out || !writing_) return;
  if (writing_->received < writing_->length) {
    writing_->dead = true;
    writing_->length = writing_->received;  // what comes next is another message
  }
}

void AgilentFunction::reset() {
  DongleFunction::reset();
  writing_.reset();
  reading_.reset();
}

void AgilentFunction::go_on(Clock::time_point) {
  if (reading_ && !reading_->ended) read_on();
  if (reading_ && reading_->ended && reading_->whole) {
    reply(std::exchange(reading_->collected, {}), kDongleRead);
    reading_.reset();
  }
  watch_service();
}

// Told when the line rises: a second instrument that asks while one does makes no edge.
void AgilentFunction::watch_service() {
  const bool now = bus().line(GpibLine::srq);
  if (std::exchange(service_, now) || !now) return;
  report(packet_of(kServiceBit), kDongleService);
}

UsbAnswer AgilentFunction::control(const UsbSetup& setup, std::string_view, bool waited) {
  constexpr std::uint8_t kFromDevice = 0xC0;
  constexpr std::uint8_t kRequest = 0x04;
  constexpr std::uint16_t kAbort = 0x00A0;
  constexpr std::uint16_t kStatus = 0x00B0;
  begin_life();
  if (!waited) ++state().control_requests;
  if (setup.type != kFromDevice || setup.request != kRequest) {
    return {.kind = UsbAnswer::Kind::stall};
  }
  if (setup.value == kStatus) {
    if (!waited && unplugged_or_silent(meet(FaultPoint::call, kDongleStatus))) {
      return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
    }
    return write_status();
  }
  if (setup.value == kAbort) return abort(setup.index != 0);
  return {.kind = UsbAnswer::Kind::stall};
}

UsbAnswer AgilentFunction::write_status() {
  if (writing_) return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::min()};
  std::string answer(8, '\0');
  for (unsigned i = 0; i < 4; ++i) answer[2 + i] = static_cast<char>(written_ >> (8 * i) & 0xFFU);
  return {.data = answer};
}

// With a flush a read ends with what was collected, without one it is forgotten. Of a write nobody
// learns how much has gone.
UsbAnswer AgilentFunction::abort(bool flush) {
  constexpr char kDone = 0x5F;
  constexpr char kFlushing = 6;
  if (unplugged_or_silent(meet(FaultPoint::call, kDongleStop))) {
    return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
  }
  if (writing_ || reading_) ++state().stops;
  std::string answer{kDone, '\0'};
  if (writing_) {
    writing_.reset();
    written_ = 0;
    port().wake();
  }
  if (reading_ && !reading_->ended) {
    if (reading_->collected.empty()) bus().give_up_receiving();
    if (flush) {
      answer[1] = kFlushing;
      end_reading(agilent_end::kAbort);
      go_on(Clock::now());
    } else {
      reading_.reset();
      port().wake();
    }
  }
  return {.data = answer};
}

std::string AgilentFunction::stale_reply() const {
  constexpr std::uint8_t kReadAnswer = 0xFF ^ kReadRegisters;
  return {static_cast<char>(kReadAnswer), 0, 0x55};
}

std::string AgilentFunction::extra_report(std::uint32_t says) const {
  return packet_of(static_cast<std::uint8_t>(says));
}

}  // namespace visa::sim
