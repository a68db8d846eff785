// SPDX-License-Identifier: MIT
// What passes between this computer and the firmware of an Agilent 82357A or B: requests to the
// bulk-out endpoint, replies from bulk-in, answers to control requests, interrupt packets. Nothing
// in a reply is believed: what does not fit the request is no reply to it. The protocol is not
// published; these are the facts that drivers for Linux have. Pure: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lib/spi/bus_facets.h"

namespace visa::drivers::gpib::agilent {

// --- Requests ---

struct RegisterWrite {
  std::uint8_t address;
  std::uint8_t value;
};

/// The most registers of one request: the firmware's for writing; for reading, what fits its
/// answer of 32 bytes.
inline constexpr std::size_t kMostWrites = 31;
inline constexpr std::size_t kMostReads = 30;
/// What stands before the bytes of a write or of commands.
inline constexpr std::size_t kSendHeader = 8;

/// Flags of `send_header`.
inline constexpr std::uint8_t kSendEoi = 0x01;       // with the last byte
inline constexpr std::uint8_t kSendData = 0x0A;      // no addressing, the first byte slowly
inline constexpr std::uint8_t kSendCommands = 0x1E;  // with ATN, no addressing, all bytes slowly

/// Each makes `request` the whole message. At most kMostWrites and kMostReads of them.
void write_registers(std::span<const RegisterWrite> writes, std::vector<std::byte>& request);
void read_registers(std::span<const std::uint8_t> addresses, std::vector<std::byte>& request);
/// Data or commands: the bytes follow in the same message.
void send_header(std::uint8_t flags, std::uint32_t length, std::vector<std::byte>& request);
/// Asks for up to `length` bytes from the talker, until EOI, or `termchar` (all eight bits count).
void receive_request(std::uint32_t length, std::optional<std::uint8_t> termchar,
                     std::vector<std::byte>& request);

/// Control requests. `abort_request(true)` lets the firmware hand over what it has collected.
spi::UsbSetup status_request() noexcept;
spi::UsbSetup abort_request(bool flush) noexcept;
inline constexpr std::size_t kStatusSize = 8;
inline constexpr std::size_t kAbortSize = 2;

// --- Replies ---

/// To a write or read of registers.
struct RegisterReply {
  bool fits = false;       // it is a reply to this request
  std::uint8_t error = 0;  // 0: none
  std::span<const std::byte> values = {};
};
/// With `count` values, 0 for a write: true while more of the reply has to come.
bool is_part_of_registers(std::span<const std::byte> reply, std::size_t count) noexcept;
RegisterReply parse_written(std::span<const std::byte> reply) noexcept;
RegisterReply parse_registers(std::span<const std::byte> reply, std::size_t count) noexcept;
/// The firmware's error codes in words.
std::string_view error_text(std::uint8_t error) noexcept;

/// Why a read from the bus ended.
inline constexpr std::uint8_t kEndEoi = 0x01;
inline constexpr std::uint8_t kEndAtn = 0x02;
inline constexpr std::uint8_t kEndIfc = 0x04;
inline constexpr std::uint8_t kEndTermchar = 0x08;
inline constexpr std::uint8_t kEndAborted = 0x10;
inline constexpr std::uint8_t kEndCount = 0x20;
inline constexpr std::uint8_t kEndDeadBus = 0x40;
inline constexpr std::uint8_t kEndNotListener = 0x80;

/// With one of these a read has not ended as it should, whatever else the byte says.
inline constexpr std::uint8_t kEndFailed = kEndIfc | kEndAborted | kEndDeadBus | kEndNotListener;

struct ReceiveReply {
  bool fits = false;
  std::span<const std::byte> data = {};
  std::uint8_t end = 0;
};
/// True if the last byte cannot say why the read ended, so that more has to come. Of a part that
/// ends in a byte that could this cannot tell; adapters have not been seen to send parts.
bool is_part_of_read(std::span<const std::byte> reply, std::size_t wanted, bool termchar) noexcept;
ReceiveReply parse_received(std::span<const std::byte> reply, std::size_t wanted) noexcept;
/// Of a transfer that was stopped: it has no byte that says why the read ended.
ReceiveReply parse_cut_off(std::span<const std::byte> reply, std::size_t wanted) noexcept;

/// How many bytes the last write or command moved; nothing where that is no answer to `sent` bytes.
std::optional<std::uint32_t> parse_status(std::span<const std::byte> answer,
                                          std::uint32_t sent) noexcept;
/// The firmware has aborted, or had nothing to abort.
bool parse_abort(std::span<const std::byte> answer) noexcept;

struct Report {
  bool service_request = false;  // SRQ went from unasserted to asserted
  bool sent = false;             // a write or commands are over
};
Report parse_report(std::span<const std::byte> packet) noexcept;

}  // namespace visa::drivers::gpib::agilent
