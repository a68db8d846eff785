// SPDX-License-Identifier: MIT
// A reply begins with the complement of the request's first byte; by that one that belongs to an
// earlier request is known.
#include "drivers/gpib/agilent_usb/agilent_message.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace visa::drivers::gpib::agilent {
namespace {

constexpr std::uint8_t kSend = 0x01;
constexpr std::uint8_t kReceive = 0x03;
constexpr std::uint8_t kWriteRegisters = 0x04;
constexpr std::uint8_t kReadRegisters = 0x05;

// Flags of a read.
constexpr std::uint8_t kUntilEoi = 0x01;
constexpr std::uint8_t kNoAddressing = 0x02;
constexpr std::uint8_t kUntilTermchar = 0x04;

constexpr std::uint8_t kVendorIn = 0xC0;
constexpr std::uint8_t kTransferControl = 0x04;
constexpr std::uint16_t kAskStatus = 0xB0;
constexpr std::uint16_t kAbort = 0xA0;

std::byte byte(std::uint32_t value) noexcept {
  return static_cast<std::byte>(value & 0xFFU);
}

std::uint8_t number(std::byte value) noexcept {
  return static_cast<std::uint8_t>(value);
}

std::uint8_t complement(std::uint8_t value) noexcept {
  return static_cast<std::uint8_t>(~value);
}

/// Operation, primary and secondary address (of no use without addressing), flags, length.
void begin(std::uint8_t operation, std::uint8_t flags, std::uint32_t length,
           std::vector<std::byte>& request) {
  request.clear();
  for (const std::uint8_t one : {operation, std::uint8_t{0}, std::uint8_t{0}, flags}) {
    request.push_back(byte(one));
  }
  for (unsigned shift = 0; shift < 32; shift += 8) request.push_back(byte(length >> shift));
}

RegisterReply parse(std::uint8_t operation, std::span<const std::byte> reply, std::size_t count) {
  RegisterReply parsed;
  if (reply.size() < 2 || number(reply[0]) != complement(operation)) return parsed;
  parsed.error = number(reply[1]);
  // A request that failed has no values.
  if (parsed.error == 0 && reply.size() - 2 != count) return parsed;
  if (parsed.error == 0) parsed.values = reply.subspan(2);
  parsed.fits = true;
  return parsed;
}

}  // namespace

void write_registers(std::span<const RegisterWrite> writes, std::vector<std::byte>& request) {
  const auto some = writes.first(writes.size() < kMostWrites ? writes.size() : kMostWrites);
  request.clear();
  request.push_back(byte(kWriteRegisters));
  request.push_back(byte(static_cast<std::uint32_t>(some.size())));
  for (const RegisterWrite& one : some) {
    request.push_back(byte(one.address));
    request.push_back(byte(one.value));
  }
}

void read_registers(std::span<const std::uint8_t> addresses, std::vector<std::byte>& request) {
  const auto some = addresses.first(addresses.size() < kMostReads ? addresses.size() : kMostReads);
  request.clear();
  request.push_back(byte(kReadRegisters));
  request.push_back(byte(static_cast<std::uint32_t>(some.size())));
  for (const std::uint8_t one : some) request.push_back(byte(one));
}

void send_header(std::uint8_t flags, std::uint32_t length, std::vector<std::byte>& request) {
  begin(kSend, flags, length, request);
}

void receive_request(std::uint32_t length, std::optional<std::uint8_t> termchar,
                     std::vector<std::byte>& request) {
  const unsigned flags = kUntilEoi | kNoAddressing | (termchar ? kUntilTermchar : 0U);
  begin(kReceive, static_cast<std::uint8_t>(flags), length, request);
  request.push_back(byte(termchar.value_or(0)));
}

spi::UsbSetup status_request() noexcept {
  return {kVendorIn, kTransferControl, kAskStatus, 0};
}

spi::UsbSetup abort_request(bool flush) noexcept {
  return {kVendorIn, kTransferControl, kAbort, static_cast<std::uint16_t>(flush ? 1 : 0)};
}

bool is_part_of_registers(std::span<const std::byte> reply, std::size_t count) noexcept {
  if (reply.empty()) return true;
  const bool ours = number(reply[0]) == complement(count == 0 ? kWriteRegisters : kReadRegisters);
  if (!ours) return false;  // it will never be one
  return reply.size() < 2 || (reply[1] == std::byte{0} && reply.size() - 2 < count);
}

RegisterReply parse_written(std::span<const std::byte> reply) noexcept {
  return parse(kWriteRegisters, reply, 0);
}

RegisterReply parse_registers(std::span<const std::byte> reply, std::size_t count) noexcept {
  return parse(kReadRegisters, reply, count);
}

std::string_view error_text(std::uint8_t error) noexcept {
  static constexpr std::array<std::string_view, 9> kTexts{"no error",
                                                          "unknown command",
                                                          "wrong parameter",
                                                          "no register",
                                                          "reading from the bus failed",
                                                          "writing to the bus failed",
                                                          "it is flushing",
                                                          "it was flushing already",
                                                          "not supported"};
  return error < kTexts.size() ? kTexts[error] : std::string_view("an error of its own");
}

bool is_part_of_read(std::span<const std::byte> reply, std::size_t wanted, bool termchar) noexcept {
  if (reply.empty()) return true;
  if (reply.size() - 1 >= wanted) return false;
  const unsigned end = number(reply.back());
  // Neither all bytes nor, without a termination character, that one.
  return end == 0 || (end & kEndCount) != 0 || (!termchar && (end & kEndTermchar) != 0);
}

ReceiveReply parse_received(std::span<const std::byte> reply, std::size_t wanted) noexcept {
  ReceiveReply parsed;
  if (reply.empty() || reply.size() - 1 > wanted) return parsed;
  parsed.fits = true;
  parsed.data = reply.first(reply.size() - 1);
  parsed.end = number(reply.back());
  return parsed;
}

ReceiveReply parse_cut_off(std::span<const std::byte> reply, std::size_t wanted) noexcept {
  return {.fits = true, .data = reply.first(std::min(reply.size(), wanted)), .end = 0};
}

std::optional<std::uint32_t> parse_status(std::span<const std::byte> answer,
                                          std::uint32_t sent) noexcept {
  constexpr std::size_t kCountAt = 2;
  if (answer.size() < kCountAt + 4) return std::nullopt;
  std::uint32_t count = 0;
  for (unsigned i = 0; i < 4; ++i) {
    count |= std::uint32_t{number(answer[kCountAt + i])} << (8 * i);
  }
  if (count > sent) return std::nullopt;
  return count;
}

bool parse_abort(std::span<const std::byte> answer) noexcept {
  constexpr std::uint8_t kNothingToAbort = 6;
  if (answer.size() < kAbortSize || number(answer[0]) != complement(std::uint8_t{kAbort})) {
    return false;
  }
  return number(answer[1]) == 0 || number(answer[1]) == kNothingToAbort;
}

Report parse_report(std::span<const std::byte> packet) noexcept {
  if (packet.empty()) return {};
  const unsigned bits = number(packet[0]);
  return {.service_request = (bits & 0x01U) != 0, .sent = (bits & 0x02U) != 0};
}

}  // namespace visa::drivers::gpib::agilent
