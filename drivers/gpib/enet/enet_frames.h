// SPDX-License-Identifier: MIT
// The frames of NI's GPIB-ENET/100: requests of twelve bytes, answers in chunks. Everything is
// big endian. The protocol is not published; this is what others have read off the wire. Pure:
// any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "drivers/gpib/gpib_address.h"

namespace visa::drivers::gpib::enet {

inline constexpr std::uint16_t kMainPort = 5000;       // requests
inline constexpr std::uint16_t kWaitPort = 5003;       // the state of the bus, beside requests
inline constexpr std::uint16_t kControlPort = 5005;    // interface clear
inline constexpr std::uint16_t kCompanionPort = 5015;  // open as long as the main connection

using Frame = std::array<std::byte, 12>;

/// This computer's end of the main connection, by which the box finds it from others.
struct MainEnd {
  std::uint32_t address = 0;  // IPv4
  std::uint16_t port = 0;
};

// Opening, in this order: `companion` on its connection, then the rest on the main one.
Frame companion(const MainEnd& main);
Frame set_address(const Address& device, std::uint8_t timeout_code);
Frame set_mode();
Frame set_flags(std::uint8_t timeout_code);
Frame set_online();
Frame set_queue();
Frame set_bracket(bool open);
Frame no_notices();

Frame set_timeout(std::uint8_t code);
/// The data follow at once.
Frame write(std::uint32_t count);
/// `time` 0: what is there. There is no limit of bytes: the answer ends with END or the time.
Frame read(std::chrono::milliseconds time);
Frame clear();
Frame trigger();
Frame go_to_local();
Frame serial_poll();
Frame interface_clear(const MainEnd& main);
Frame watch(const MainEnd& main);
Frame ask_state(std::uint16_t mask);

/// NI's code for the shortest time that is not shorter than `time`: 1 to 17; 17 is 1000 s.
std::uint8_t timeout_code(std::chrono::milliseconds time) noexcept;

// The state word of a status, as NI's ibsta has it.
inline constexpr std::uint16_t kError = 0x8000;
inline constexpr std::uint16_t kTimedOut = 0x4000;
inline constexpr std::uint16_t kEnd = 0x2000;
inline constexpr std::uint16_t kServiceLine = 0x1000;
inline constexpr std::uint16_t kServiceRequest = 0x0800;
inline constexpr std::uint16_t kComplete = 0x0100;

struct EnetStatus {
  std::uint16_t state = 0;
  std::uint16_t error = 0xFFFF;
  std::uint32_t count = 0;
  bool failed() const noexcept { return (state & kError) != 0; }
};

inline constexpr std::size_t kStatusSize = 12;
EnetStatus parse_status(std::span<const std::byte, kStatusSize> bytes) noexcept;

/// What the box answers to a request.
enum class ReplyKind : std::uint8_t {
  status,  // one status
  poll,    // one status with the status byte after it
  read,    // a status, data, a status
};

/// Takes one reply apart, from bytes in any portions.
class ReplyReader {
 public:
  explicit ReplyReader(ReplyKind kind) noexcept : kind_(kind) {}

  /// Uses up bytes of `input` and puts data to the front of `into`; both become what is left.
  /// Returns when the reply is done or broken, `into` is full, the input used up, or, with
  /// `termchar`, after that character.
  void take(std::span<const std::byte>& input, std::span<std::byte>& into,
            std::optional<std::uint8_t> termchar);

  bool done() const noexcept { return stage_ == Stage::done; }
  /// The box does not speak this protocol.
  bool broken() const noexcept { return stage_ == Stage::broken; }
  /// The last data that was taken ends with the termination character.
  bool marked() const noexcept { return marked_; }
  /// Bytes of data follow for certain.
  bool has_data() const noexcept { return giving_ || (left_ > 0 && !collecting_); }
  /// Once done. A read has the second of its two.
  const EnetStatus& status() const noexcept { return status_; }
  std::uint8_t status_byte() const noexcept { return status_byte_; }

 private:
  enum class Stage : std::uint8_t { status, data, last_status, done, broken };

  bool header(std::span<const std::byte>& input);
  void begin_chunk();
  bool payload(std::span<const std::byte>& input, std::span<std::byte>& into,
               std::optional<std::uint8_t> termchar);
  void complete();
  bool deliver(std::span<const std::byte>& from, std::span<std::byte>& into,
               std::optional<std::uint8_t> termchar);
  bool is_last_status() const noexcept;

  const ReplyKind kind_;
  Stage stage_ = Stage::status;
  bool marked_ = false;
  std::array<std::byte, 4> header_{};
  std::size_t header_size_ = 0;
  std::uint32_t left_ = 0;   // of the payload
  std::size_t skip_ = 0;     // bytes that mean nothing
  bool collecting_ = false;  // the payload may be a status
  std::size_t wanted_ = 0;   // of what is collected
  std::array<std::byte, kStatusSize + 1> held_{};
  std::size_t held_size_ = 0;
  std::size_t held_given_ = 0;  // of held_, as data
  bool giving_ = false;         // what was collected is data
  std::uint32_t delivered_ = 0;
  EnetStatus status_;
  std::uint8_t status_byte_ = 0;
};

}  // namespace visa::drivers::gpib::enet
