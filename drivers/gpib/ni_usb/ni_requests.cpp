// SPDX-License-Identifier: MIT
// Counts are two's complements of lengths, low byte first. A request is filled up with zeros to a
// multiple of four bytes before its terminator.
#include <algorithm>
#include <array>
#include <cassert>
#include <initializer_list>

#include "drivers/gpib/ni_usb/ni_blocks.h"
#include "drivers/gpib/ni_usb/ni_ids.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

struct Time {
  std::uint64_t microseconds;
  std::uint8_t code;
};

constexpr std::array<Time, 17> kTimes = {{{10, 0xF1},
                                          {30, 0xF2},
                                          {100, 0xF3},
                                          {300, 0xF4},
                                          {1'000, 0xF5},
                                          {3'000, 0xF6},
                                          {10'000, 0xF7},
                                          {30'000, 0xF8},
                                          {100'000, 0xF9},
                                          {300'000, 0xFA},
                                          {1'000'000, 0xFB},
                                          {3'000'000, 0xFC},
                                          {10'000'000, 0xFD},
                                          {30'000'000, 0xFE},
                                          {100'000'000, 0xFF},
                                          {300'000'000, 0x01},
                                          {1'000'000'000, 0x02}}};

void put(Bytes& out, std::initializer_list<std::uint8_t> bytes) {
  for (const auto one : bytes) out.push_back(static_cast<std::byte>(one));
}

void begin(Bytes& out, std::initializer_list<std::uint8_t> bytes) {
  out.clear();
  put(out, bytes);
}

void finish(Bytes& out) {
  while (out.size() % 4 != 0) out.push_back(std::byte{0});
  put(out, {kTerminator, 0, 0, 0});
}

std::uint8_t low(std::size_t value) noexcept {
  return static_cast<std::uint8_t>(value & 0xFF);
}

/// -n in 16 bits.
std::size_t complement(std::size_t count) noexcept {
  return (0x10000 - count) & 0xFFFF;
}

}  // namespace

std::uint8_t timeout_code(std::uint64_t microseconds) noexcept {
  const auto at = std::find_if(kTimes.begin(), kTimes.end(),
                               [&](const Time& one) { return one.microseconds >= microseconds; });
  return at == kTimes.end() ? kNoTimeout : at->code;
}

void write_registers(Bytes& out, std::span<const RegisterWrite> writes) {
  assert(writes.size() <= kMostRegisters);
  begin(out, {kWriteRegisters, low(writes.size()), 0});
  for (const auto& one : writes) put(out, {one.device, one.address, one.value});
  finish(out);
}

void read_registers(Bytes& out, std::span<const Register> registers) {
  assert(registers.size() <= kMostRegisters);
  begin(out, {kReadRegisters, low(registers.size())});
  for (const auto& one : registers) put(out, {one.device, one.address});
  finish(out);
}

void take_control(Bytes& out, bool synchronous) {
  begin(out, {kTakeControl, synchronous ? std::uint8_t{1} : std::uint8_t{0}});
  finish(out);
}

void go_to_standby(Bytes& out) {
  begin(out, {kStandby});
  finish(out);
}

void clear_interface(Bytes& out) {
  begin(out, {kInterfaceClear});
  finish(out);
}

void send_commands(Bytes& out, std::span<const std::byte> bytes, std::uint8_t timeout) {
  assert(!bytes.empty() && bytes.size() <= kMostCommands);
  begin(out, {kCommands, low(complement(bytes.size())), 0, timeout});
  out.insert(out.end(), bytes.begin(), bytes.end());
  finish(out);
}

void send_data(Bytes& out, std::span<const std::byte> data, bool eoi, std::uint8_t timeout) {
  assert(!data.empty() && data.size() <= kMostData);
  const std::size_t count = complement(data.size());
  const std::uint8_t end = eoi ? 8 : 0;
  out.reserve(data.size() + 16);
  begin(out, {kWriteData, low(count), low(count >> 8U), timeout, 0, 0, end, 0});
  out.insert(out.end(), data.begin(), data.end());
  finish(out);
}

void receive_data(Bytes& out, std::size_t count, std::optional<std::uint8_t> termchar,
                  std::uint8_t timeout) {
  assert(count > 0 && count <= kMostData);
  constexpr std::uint8_t kStopAtCharacter = 0x04;
  constexpr std::uint8_t kEightBits = 0x10;
  const std::size_t minus = complement(count);
  const std::uint8_t mode = termchar ? kStopAtCharacter | kEightBits : 0;
  begin(out, {kReadData, mode, termchar.value_or(0), timeout, low(minus), low(minus >> 8U), 0, 0});
  // After the transfer: hold the bus at once, and forget END.
  put(out, {kWriteRegisters, 2, 0, 1, 0x0A, 0x51, 1, 0x0A, 0x55});
  finish(out);
}

}  // namespace visa::drivers::gpib::ni_usb
