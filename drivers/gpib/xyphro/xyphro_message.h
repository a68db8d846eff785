// SPDX-License-Identifier: MIT
// What passes between this computer and a Xyphro UsbGpib with the firmware for raw access, or a
// GPIBee: messages with the head that USBTMC messages have, and control requests for the lines.
// Written from the facts about the driver for linux-gpib. Nothing in a reply is believed. Pure: any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/spi/bus_facets.h"

namespace visa::drivers::gpib::xyphro {

inline constexpr std::size_t kHeaderSize = 12;
/// The most bytes of one message.
inline constexpr std::size_t kPiece = 4081;

/// Makes `message` the whole of it: data or commands, EOI with the last byte if `end`.
void make_message(std::uint8_t tag, std::span<const std::byte> data, bool end,
                  std::vector<std::byte>& message);
/// Asks for up to `most` bytes from the talker.
void make_request(std::uint8_t tag, std::uint32_t most, std::optional<std::uint8_t> termchar,
                  std::vector<std::byte>& message);

/// The head of an answer.
struct AnswerHead {
  std::uint32_t size = 0;  // bytes that follow, at most as many as were asked for
  bool end = false;        // EOI with the last byte
};
/// Nothing where that is no answer to the request with that tag for `wanted` bytes.
std::optional<AnswerHead> parse_head(std::span<const std::byte> packet, std::uint8_t tag,
                                     std::size_t wanted) noexcept;

/// Control requests; each is answered with a byte that is 1 for success, `lines` with two.
spi::UsbSetup set_ren(std::uint8_t interface, bool on) noexcept;
spi::UsbSetup set_atn(std::uint8_t interface, bool on) noexcept;
spi::UsbSetup set_ifc(std::uint8_t interface, bool on) noexcept;
spi::UsbSetup set_address(std::uint8_t interface, std::uint8_t primary) noexcept;
spi::UsbSetup lines(std::uint8_t interface) noexcept;
/// Aborts the transfer with that tag, as in USBTMC; the answer has two bytes.
spi::UsbSetup abort_in(std::uint8_t endpoint, std::uint8_t tag) noexcept;
spi::UsbSetup abort_out(std::uint8_t endpoint, std::uint8_t tag) noexcept;

/// Lines of the bus, 1 asserted; nothing where that is no answer.
inline constexpr std::uint8_t kLineNdac = 0x02;
inline constexpr std::uint8_t kLineNrfd = 0x04;
inline constexpr std::uint8_t kLineRen = 0x10;
inline constexpr std::uint8_t kLineSrq = 0x20;
inline constexpr std::uint8_t kLineAtn = 0x40;
std::optional<std::uint8_t> parse_lines(std::span<const std::byte> answer) noexcept;

/// 1 to 255, one after the other.
class Tag {
 public:
  std::uint8_t next() noexcept {
    if (++last_ == 0) last_ = 1;
    return last_;
  }
  std::uint8_t last() const noexcept { return last_; }

 private:
  std::uint8_t last_ = 0;
};

}  // namespace visa::drivers::gpib::xyphro
