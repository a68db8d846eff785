// SPDX-License-Identifier: MIT
// Numbers are little endian (USBTMC 1.0, table 1).
#include "drivers/gpib/xyphro/xyphro_message.h"

namespace visa::drivers::gpib::xyphro {
namespace {

constexpr std::uint8_t kMessage = 1;
constexpr std::uint8_t kRequest = 2;
constexpr std::size_t kAlignment = 4;

constexpr std::uint8_t kClassIn = 0xA1;
constexpr std::uint8_t kEndpointIn = 0xA2;

std::byte byte(std::uint32_t value) noexcept {
  return static_cast<std::byte>(value & 0xFFU);
}
std::uint8_t number(std::byte value) noexcept {
  return static_cast<std::uint8_t>(value);
}
std::uint8_t complement(std::uint8_t value) noexcept {
  return static_cast<std::uint8_t>(~value);
}

void begin(std::uint8_t id, std::uint8_t tag, std::uint32_t size, std::uint8_t attributes,
           std::uint8_t termchar, std::vector<std::byte>& message) {
  message.clear();
  for (const std::uint8_t one : {id, tag, complement(tag), std::uint8_t{0}}) {
    message.push_back(byte(one));
  }
  for (unsigned shift = 0; shift < 32; shift += 8) message.push_back(byte(size >> shift));
  for (const std::uint8_t one : {attributes, termchar, std::uint8_t{0}, std::uint8_t{0}}) {
    message.push_back(byte(one));
  }
}

spi::UsbSetup request(std::uint8_t number_of, std::uint16_t value, std::uint8_t interface) {
  return {kClassIn, number_of, value, interface};
}

}  // namespace

void make_message(std::uint8_t tag, std::span<const std::byte> data, bool end,
                  std::vector<std::byte>& message) {
  begin(kMessage, tag, static_cast<std::uint32_t>(data.size()), end ? 1 : 0, 0, message);
  message.insert(message.end(), data.begin(), data.end());
  while (message.size() % kAlignment != 0) message.push_back(std::byte{0});
}

void make_request(std::uint8_t tag, std::uint32_t most, std::optional<std::uint8_t> termchar,
                  std::vector<std::byte>& message) {
  begin(kRequest, tag, most, termchar ? 2 : 0, termchar.value_or(0), message);
}

std::optional<AnswerHead> parse_head(std::span<const std::byte> packet, std::uint8_t tag,
                                     std::size_t wanted) noexcept {
  if (packet.size() < kHeaderSize || number(packet[0]) != kRequest) return std::nullopt;
  if (number(packet[1]) != tag || number(packet[2]) != complement(tag)) return std::nullopt;
  AnswerHead head;
  for (unsigned i = 0; i < 4; ++i) {
    head.size |= std::uint32_t{number(packet[4 + i])} << (8 * i);
  }
  if (head.size > wanted) return std::nullopt;
  head.end = (number(packet[8]) & 0x01U) != 0;
  return head;
}

spi::UsbSetup set_ren(std::uint8_t interface, bool on) noexcept {
  return request(0xA0, on ? 1 : 0, interface);
}
spi::UsbSetup lines(std::uint8_t interface) noexcept {
  return request(0xA3, 0, interface);
}
// The values of these two are the level of the line: low is asserted.
spi::UsbSetup set_atn(std::uint8_t interface, bool on) noexcept {
  return request(0xA4, on ? 0 : 1, interface);
}
spi::UsbSetup set_ifc(std::uint8_t interface, bool on) noexcept {
  return request(0xA5, on ? 0 : 1, interface);
}
spi::UsbSetup set_address(std::uint8_t interface, std::uint8_t primary) noexcept {
  return request(0xA6, primary, interface);
}
spi::UsbSetup abort_out(std::uint8_t endpoint, std::uint8_t tag) noexcept {
  return {kEndpointIn, 1, tag, endpoint};
}
spi::UsbSetup abort_in(std::uint8_t endpoint, std::uint8_t tag) noexcept {
  return {kEndpointIn, 3, tag, endpoint};
}

std::optional<std::uint8_t> parse_lines(std::span<const std::byte> answer) noexcept {
  if (answer.size() < 2 || number(answer[0]) != 1) return std::nullopt;
  return complement(number(answer[1]));
}

}  // namespace visa::drivers::gpib::xyphro
