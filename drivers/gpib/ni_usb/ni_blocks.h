// SPDX-License-Identifier: MIT
// The messages of NI's USB adapters. A request is one block or more and a terminator; each request
// gets one reply, whose shape the request decides. Replies come from the adapter, so nothing in
// them is believed: what does not have that shape is out of step. Pure functions: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace visa::drivers::gpib::ni_usb {

using Bytes = std::vector<std::byte>;

inline constexpr std::size_t kMostRegisters = 31;
inline constexpr std::size_t kMostCommands = 16;
inline constexpr std::size_t kMostData = 65535;

// The state of the adapter as each reply has it.
inline constexpr std::uint16_t kCleared = 0x0001;    // device clear came
inline constexpr std::uint16_t kTriggered = 0x0002;  // device trigger came
inline constexpr std::uint16_t kListener = 0x0004;
inline constexpr std::uint16_t kTalker = 0x0008;
inline constexpr std::uint16_t kAttention = 0x0010;
inline constexpr std::uint16_t kInCharge = 0x0020;
inline constexpr std::uint16_t kService = 0x1000;
inline constexpr std::uint16_t kEnd = 0x2000;
/// A report with any other bit is no state.
inline constexpr std::uint16_t kStateBits = 0x70FF;

/// Why an operation stopped. Other numbers are possible.
enum class Error : std::uint8_t {
  none = 0,
  stopped = 1,        // by a stop request; what was moved until then is valid
  attention = 2,      // ATN is asserted, or, with kCleared, device clear came
  not_addressed = 3,  // the adapter is not talker or listener
  parameter = 4,
  no_device = 5,    // nothing on the bus takes command bytes
  no_listener = 8,  // nothing takes data
  timeout = 10,
};

/// Eight bytes of every reply, of the answer to a control request, and of an interrupt report.
struct StatusBlock {
  std::uint8_t id = 0;
  std::uint16_t state = 0;
  Error error = Error::none;
  std::uint16_t rest = 0;  // bytes that were not moved
};

/// Nothing where there are fewer than eight bytes. What comes after them is ignored.
std::optional<StatusBlock> read_status(std::span<const std::byte> bytes) noexcept;

/// The adapter's own timer. The least time that it has which is not below `microseconds`.
std::uint8_t timeout_code(std::uint64_t microseconds) noexcept;
inline constexpr std::uint8_t kNoTimeout = 0xF0;

struct Register {
  std::uint8_t device;
  std::uint8_t address;
};
struct RegisterWrite {
  std::uint8_t device;
  std::uint8_t address;
  std::uint8_t value;
};

// Each replaces `out` by a request.
void write_registers(Bytes& out, std::span<const RegisterWrite> writes);
void read_registers(Bytes& out, std::span<const Register> registers);
/// Asserts ATN; synchronous: between two bytes.
void take_control(Bytes& out, bool synchronous);
/// Releases ATN.
void go_to_standby(Bytes& out);
/// A pulse of IFC, which makes the adapter controller in charge.
void clear_interface(Bytes& out);
/// Up to kMostCommands. ATN must be asserted.
void send_commands(Bytes& out, std::span<const std::byte> bytes, std::uint8_t timeout);
/// Up to kMostData, at least one.
void send_data(Bytes& out, std::span<const std::byte> data, bool eoi, std::uint8_t timeout);
/// `count` is 1 to kMostData. Afterwards the adapter holds the bus, so that no byte is lost.
void receive_data(Bytes& out, std::size_t count, std::optional<std::uint8_t> termchar,
                  std::uint8_t timeout);

/// What a request is answered with.
/// `standby` is a status whose id is known, so that a pipe out of step shows before data passes.
enum class Shape : std::uint8_t { status, standby, registers_written, registers_read, data };

/// How far a reply has come.
enum class Progress : std::uint8_t {
  more,
  whole,
  broken,  // no reply of that shape begins like this
};

/// `wanted`: registers or bytes of data that were asked for.
Progress look(Shape shape, std::size_t wanted, std::span<const std::byte> reply) noexcept;
/// The most bytes that such a reply has; also a good size for the buffer.
std::size_t most_of(Shape shape, std::size_t wanted) noexcept;

// All of these need a whole reply.

/// The values, in order; `into` has the size of the request.
void take_registers(std::span<const std::byte> reply, std::span<std::uint8_t> into) noexcept;
/// Register writes that were done.
std::size_t written_registers(std::span<const std::byte> reply) noexcept;

struct DataReply {
  StatusBlock status;
  std::size_t count = 0;  // in `into`
};
/// Nothing where the reply contradicts itself: it is out of step. `into` has `wanted` bytes.
std::optional<DataReply> take_data(std::span<const std::byte> reply,
                                   std::span<std::byte> into) noexcept;

}  // namespace visa::drivers::gpib::ni_usb
