// SPDX-License-Identifier: MIT
// A read that times out ends with its status without an END chunk before it. Such a chunk of twelve
// bytes looks like data; it is taken for the status when it says so itself: an error, a known error
// code, and the number of bytes that have come.
#include "drivers/gpib/enet/enet_frames.h"

#include <algorithm>

namespace visa::drivers::gpib::enet {
namespace {

using std::chrono::milliseconds;

std::byte byte(std::uint32_t value) noexcept {
  return static_cast<std::byte>(value & 0xFFU);
}

void put_short(Frame& frame, std::size_t at, std::uint32_t value) noexcept {
  frame[at] = byte(value >> 8U);
  frame[at + 1] = byte(value);
}

void put_long(Frame& frame, std::size_t at, std::uint32_t value) noexcept {
  put_short(frame, at, value >> 16U);
  put_short(frame, at + 2, value & 0xFFFFU);
}

Frame frame(std::uint8_t operation, std::uint8_t detail = 0) noexcept {
  Frame result{};
  result[0] = byte(operation);
  result[1] = byte(detail);
  return result;
}

std::uint32_t number(std::span<const std::byte> bytes) noexcept {
  std::uint32_t value = 0;
  for (const std::byte one : bytes) value = value << 8U | std::to_integer<std::uint32_t>(one);
  return value;
}

/// A connection beside the main one is for the device of that one, not for the board.
constexpr std::uint32_t kForDevice = 2;

// The flags of a chunk.
constexpr std::uint32_t kData = 0;
constexpr std::uint32_t kEndOfData = 1;
constexpr std::uint32_t kOutOfBand = 2;

constexpr std::uint32_t kMostErrorCode = 0x0F;

/// Milliseconds of the codes 5 to 17.
constexpr std::array<std::uint32_t, 13> kTimes = {1,    3,     10,    30,     100,    300,    1000,
                                                  3000, 10000, 30000, 100000, 300000, 1000000};
constexpr std::uint8_t kFirstTime = 5;

}  // namespace

Frame companion(const MainEnd& main) {
  Frame result = frame(0x55, 0x02);
  put_short(result, 2, kForDevice);
  put_short(result, 6, main.port);
  put_long(result, 8, main.address);
  return result;
}

Frame set_address(const Address& device, std::uint8_t timeout_code) {
  Frame result = frame(0x07, 0x02);
  put_short(result, 2, 1);
  result[4] = byte(device.primary);
  if (device.secondary) result[5] = byte(kMsa + std::uint32_t{*device.secondary});
  result[8] = byte(timeout_code);
  result[10] = byte(4);
  return result;
}

Frame set_mode() {
  return frame(0x50, 0x05);
}

Frame set_flags(std::uint8_t timeout_code) {
  Frame result = frame(0x07, 0x00);
  put_short(result, 2, 0x1801);
  result[8] = byte(timeout_code);
  return result;
}

Frame set_online() {
  Frame result = frame(0x50, 0x10);
  result[2] = byte(1);
  return result;
}

Frame set_queue() {
  Frame result = frame(0x50, 0x15);
  result[2] = byte(0x0B);
  return result;
}

Frame set_bracket(bool open) {
  Frame result = frame(0x58, open ? 1 : 0);
  result[2] = byte(1);
  return result;
}

Frame no_notices() {
  return frame(0x4E, 0x01);
}

Frame set_timeout(std::uint8_t code) {
  Frame result = frame(0x50, 0x03);
  result[2] = byte(code);
  return result;
}

Frame write(std::uint32_t count) {
  Frame result = frame(0x62);
  put_long(result, 4, count);
  return result;
}

Frame read(milliseconds time) {
  Frame result = frame(0x16);
  put_long(result, 4, static_cast<std::uint32_t>(time.count()));
  return result;
}

Frame clear() {
  return frame(0x04);
}
Frame trigger() {
  return frame(0x20);
}
Frame go_to_local() {
  return frame(0x10);
}
Frame serial_poll() {
  return frame(0x19);
}

Frame interface_clear(const MainEnd& main) {
  Frame result = frame(0x4F, 0x49);
  put_long(result, 4, main.address);
  put_short(result, 8, main.port);
  return result;
}

Frame watch(const MainEnd& main) {
  Frame result = frame(0x55, 0x01);
  put_short(result, 2, kForDevice);
  put_short(result, 6, main.port);
  put_long(result, 8, main.address);
  return result;
}

Frame ask_state(std::uint16_t mask) {
  Frame result = frame(0x54);
  put_short(result, 2, mask);
  return result;
}

std::uint8_t timeout_code(milliseconds time) noexcept {
  for (std::size_t i = 0; i < kTimes.size(); ++i) {
    if (time.count() <= kTimes[i]) return static_cast<std::uint8_t>(kFirstTime + i);
  }
  return static_cast<std::uint8_t>(kFirstTime + kTimes.size() - 1);
}

EnetStatus parse_status(std::span<const std::byte, kStatusSize> bytes) noexcept {
  return {static_cast<std::uint16_t>(number(bytes.first(2))),
          static_cast<std::uint16_t>(number(bytes.subspan(2, 2))), number(bytes.subspan(8, 4))};
}

/// True once the four bytes of a chunk's header are there.
bool ReplyReader::header(std::span<const std::byte>& input) {
  const std::size_t count = std::min(header_.size() - header_size_, input.size());
  std::copy_n(input.begin(), count, header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
  header_size_ += count;
  input = input.subspan(count);
  return header_size_ == header_.size();
}

void ReplyReader::begin_chunk() {
  header_size_ = 0;
  const std::uint32_t flags = number(std::span(header_).first(2));
  const std::uint32_t size = number(std::span(header_).last(2));
  if (flags == kOutOfBand) {
    skip_ = 1;
    return;
  }
  if (flags == kEndOfData && stage_ == Stage::data && size == 0) {
    stage_ = Stage::last_status;
    return;
  }
  // A real box was seen to send flag 4 before the status of a timeout. Without data it says nothing
  // that the status does not say.
  if (flags > kOutOfBand && size == 0) return;
  // A poll that failed may have no byte to add.
  wanted_ = kind_ == ReplyKind::poll && size != kStatusSize ? kStatusSize + 1 : kStatusSize;
  const bool status_wanted = stage_ != Stage::data;
  if (flags != kData || (status_wanted && size != wanted_)) {
    stage_ = Stage::broken;
    return;
  }
  left_ = size;
  collecting_ = size == wanted_ && kind_ != ReplyKind::poll ? true : status_wanted;
  held_size_ = held_given_ = 0;
}

/// Moves data; false if it must stop.
bool ReplyReader::deliver(std::span<const std::byte>& from, std::span<std::byte>& into,
                          std::optional<std::uint8_t> termchar) {
  const std::size_t most = std::min(from.size(), into.size());
  auto end = from.begin() + static_cast<std::ptrdiff_t>(most);
  if (termchar) {
    const auto mark = std::find(from.begin(), end, std::byte{*termchar});
    marked_ = mark != end;
    if (marked_) end = mark + 1;
  }
  const auto count = static_cast<std::size_t>(end - from.begin());
  std::copy_n(from.begin(), count, into.begin());
  from = from.subspan(count);
  into = into.subspan(count);
  delivered_ += static_cast<std::uint32_t>(count);
  return !marked_;
}

bool ReplyReader::is_last_status() const noexcept {
  const EnetStatus status = parse_status(std::span(held_).first<kStatusSize>());
  return status.failed() && status.error <= kMostErrorCode && status.count == delivered_;
}

/// All of a chunk that may be a status has come.
void ReplyReader::complete() {
  collecting_ = false;
  if (stage_ == Stage::data && !is_last_status()) {
    giving_ = true;
    return;
  }
  status_ = parse_status(std::span(held_).first<kStatusSize>());
  if (kind_ == ReplyKind::poll) {
    status_byte_ = std::to_integer<std::uint8_t>(held_[kStatusSize]);
    if (held_size_ == kStatusSize && !status_.failed()) {
      stage_ = Stage::broken;
      return;
    }
  }
  const bool more = stage_ == Stage::status && kind_ == ReplyKind::read && !status_.failed();
  stage_ = more ? Stage::data : Stage::done;
}

/// Takes of the payload; false if it must stop.
bool ReplyReader::payload(std::span<const std::byte>& input, std::span<std::byte>& into,
                          std::optional<std::uint8_t> termchar) {
  auto part = input.first(std::min<std::size_t>(left_, input.size()));
  const std::size_t before = part.size();
  bool go_on = true;
  if (collecting_) {
    std::copy(part.begin(), part.end(), held_.begin() + static_cast<std::ptrdiff_t>(held_size_));
    held_size_ += part.size();
    part = {};
  } else {
    go_on = deliver(part, into, termchar);
  }
  const std::size_t used = before - part.size();
  input = input.subspan(used);
  left_ -= static_cast<std::uint32_t>(used);
  if (left_ == 0 && collecting_) complete();
  return go_on && used > 0;
}

void ReplyReader::take(std::span<const std::byte>& input, std::span<std::byte>& into,
                       std::optional<std::uint8_t> termchar) {
  marked_ = false;
  while (!done() && !broken()) {
    if (giving_) {
      std::span<const std::byte> rest(held_.data() + held_given_, held_size_ - held_given_);
      const bool go_on = deliver(rest, into, termchar);
      held_given_ = held_size_ - rest.size();
      giving_ = !rest.empty();
      if (!go_on || giving_) return;
    }
    if (input.empty()) return;
    if (skip_ > 0) {
      --skip_;
      input = input.subspan(1);
    } else if (left_ > 0) {
      if (!payload(input, into, termchar)) return;
    } else if (header(input)) {
      begin_chunk();
    }
  }
}

}  // namespace visa::drivers::gpib::enet
