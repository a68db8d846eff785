// SPDX-License-Identifier: MIT
#include "conformance/unit/drivers/support/ni_model.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace visa::test {
namespace {

namespace gpib = drivers::gpib;

std::uint8_t at(std::span<const std::byte> bytes, std::size_t index) {
  return index < bytes.size() ? static_cast<std::uint8_t>(bytes[index]) : 0;
}

std::string hex(std::uint8_t byte) {
  char text[3];
  std::snprintf(text, sizeof text, "%02X", unsigned{byte});
  return text;
}

void put(DongleBytes& out, std::initializer_list<unsigned> bytes) {
  for (const auto one : bytes) out.push_back(static_cast<std::byte>(one));
}

void terminate(DongleBytes& out) {
  while (out.size() % 4 != 0) out.push_back(std::byte{0});
  put(out, {4, 0, 0, 0});
}

std::size_t count_of(std::span<const std::byte> message, std::size_t index) {
  const unsigned minus = at(message, index) | unsigned{at(message, index + 1)} << 8U;
  return (0x10000U - minus) & 0xFFFFU;
}

}  // namespace

std::uint16_t NiModel::state(bool end) const {
  unsigned bits = 0;
  if (own_listens_) bits |= 0x04;
  if (own_talks_) bits |= 0x08;
  if (atn) bits |= 0x10;
  if (in_charge) bits |= 0x20;
  if (srq()) bits |= 0x1000;
  if (end) bits |= 0x2000;
  return static_cast<std::uint16_t>(bits);
}

DongleBytes NiModel::status(std::uint8_t id, std::uint8_t error, std::size_t rest, bool end) const {
  DongleBytes block;
  const unsigned bits = state(end);
  const auto minus = static_cast<unsigned>(0x10000U - rest) & 0xFFFFU;
  put(block, {id, bits >> 8U, bits & 0xFFU, error, minus & 0xFFU, minus >> 8U, 0, 0});
  return block;
}

void NiModel::reply(DongleBytes bytes) {
  terminate(bytes);
  if (kept_replies > 0) {
    --kept_replies;
  } else if (lost_replies > 0) {
    --lost_replies;
    return;
  }
  for (std::size_t i = 0; i < bytes.size(); i += piece) {
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(i);
    pipe_.emplace_back(from, from + static_cast<std::ptrdiff_t>(std::min(piece, bytes.size() - i)));
  }
}

void NiModel::out(std::span<const std::byte> message) {
  if (message.size() % 4 != 0 || message.size() < 8 || at(message, message.size() - 4) != 4) {
    violate("a request without terminator");
  }
  if (reading_ || writing_) violate("a request before the reply to the last one");
  switch (at(message, 0)) {
    case 0x01:
      log += at(message, 1) == 1 ? "T1 " : "T0 ";
      if (refuses_sync && at(message, 1) == 1) return reply(status(1, 10, 0));
      if (in_charge) atn = true;
      return reply(status(1, 0, 0));
    case 0x06:
      log += "S ";
      atn = false;
      return reply(status(6, 0, 0));
    case 0x08:
      return registers_read(message);
    case 0x09:
      return registers_written(message);
    case 0x0A:
      return data_read(message);
    case 0x0C:
      return commands(message);
    case 0x0D:
      return data_written(message);
    case 0x0F:
      log += "I ";
      if (!system_controller) violate("IFC without system control");
      in_charge = true;
      atn = true;
      listening_.clear();
      talker_.reset();
      own_talks_ = own_listens_ = false;
      return reply(status(0x0F, 0, 0));
    default:
      violate("an unknown request " + hex(at(message, 0)));
  }
}

void NiModel::registers_written(std::span<const std::byte> message) {
  const unsigned count = at(message, 1);
  log += "w" + std::to_string(count) + " ";
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t from = 3 + std::size_t{3} * i;
    write_register(at(message, from), at(message, from + 1), at(message, from + 2));
  }
  auto block = status(9, 0, 0);
  put(block, {count, 0, 0, 0});
  reply(std::move(block));
}

void NiModel::write_register(std::uint8_t device, std::uint8_t address, std::uint8_t value) {
  if (device == 3 && address == 0x10) on = false;
  if (device == 2 && address == 0) own = value;
  if (device == 2 && address == 1) {
    own_secondary =
        value == 0 ? std::nullopt : std::optional(static_cast<std::uint8_t>(value - 0x60));
  }
  if (device != 1) return;
  if (address == 0x06 && on) own_status = value;
  if (address == 0x1C) system_controller = value == 0x03;
  if (address != 0x0A) return;
  if (value == 0x00) on = true;
  if (value == 0x02) on = in_charge = atn = ren = false;
  if (value == 0x1F) ren = true;
  if (value == 0x17) ren = false;
  if (value == 0x14) in_charge = atn = false;
}

std::uint8_t NiModel::lines() const {
  unsigned bits = 0;
  if (ren) bits |= 0x01;
  if (srq()) bits |= 0x04;
  if (atn) bits |= 0x80;
  bool holds_ndac = false;
  for (const auto& [address, device] : devices) {
    holds_ndac = holds_ndac || (!atn && listening_.contains(address));
  }
  if (holds_ndac) bits |= 0x20;
  return static_cast<std::uint8_t>(bits);
}

void NiModel::registers_read(std::span<const std::byte> message) {
  const unsigned count = at(message, 1);
  DongleBytes block;
  for (unsigned i = 0; i < count; ++i) {
    const std::uint8_t address = at(message, 3 + std::size_t{2} * i);
    log += "r" + hex(address) + " ";
    if (i % 3 == 0) put(block, {0x34});
    put(block, {address == 0x1F ? unsigned{lines()} : 0});
  }
  while (block.size() % 4 != 0) put(block, {0});
  put(block, {0x35, count, 0, 0});
  reply(std::move(block));
}

void NiModel::commands(std::span<const std::byte> message) {
  const std::size_t count = (0x100U - at(message, 1)) & 0xFFU;
  last_timeout_ = at(message, 3);
  log += "C";
  for (std::size_t i = 0; i < count; ++i) log += hex(at(message, 4 + i));
  log += " ";
  if (count > 16) violate("more than 16 command bytes");
  if (!atn) violate("command bytes without ATN");
  if (next_error) return reply(status(0x0C, *std::exchange(next_error, std::nullopt), count));
  if (devices.empty()) return reply(status(0x0C, 5, count));
  for (std::size_t i = 0; i < count; ++i) take_command(at(message, 4 + i));
  reply(status(0x0C, 0, 0));
}

void NiModel::take_command(std::uint8_t byte) {
  const std::uint8_t low = byte & 0x1FU;
  const std::uint8_t mine = own.value_or(0);
  if (byte == gpib::kUnl) {
    listening_.clear();
    own_listens_ = false;
  } else if (byte == gpib::kUnt) {
    talker_.reset();
    own_talks_ = false;
  } else if (byte >= gpib::kMsa) {
    const Address whole{static_cast<std::uint8_t>(primary_ & 0x1FU), low};
    if (primary_ >= gpib::kTad) {
      talker_ = whole;
    } else {
      listening_.erase(Address{whole.primary});
      listening_.insert(whole);
    }
  } else if (byte >= gpib::kTad) {
    talker_ = Address{low};
    own_talks_ = low == mine;
    primary_ = byte;
  } else if (byte >= gpib::kLad) {
    if (low == mine) {
      own_listens_ = true;
    } else {
      listening_.insert(Address{low});
    }
    primary_ = byte;
  } else {
    if (byte == gpib::kSpe) polling_ = true;
    if (byte == gpib::kSpd) polling_ = false;
    if (byte == gpib::kTct && passes_at_once) in_charge = atn = false;
    for (gpib::FakeDevice* one : listeners()) {
      if (byte == gpib::kSdc) {
        ++one->clears;
        one->answers.clear();
        one->received.clear();
      }
      if (byte == gpib::kGet) ++one->triggers;
    }
  }
}

std::vector<gpib::FakeDevice*> NiModel::listeners() {
  std::vector<gpib::FakeDevice*> found;
  for (auto& [address, device] : devices) {
    if (listening_.contains(address)) found.push_back(&device);
  }
  return found;
}

void NiModel::data_written(std::span<const std::byte> message) {
  const std::size_t count = count_of(message, 1);
  last_timeout_ = at(message, 3);
  const bool eoi = at(message, 6) == 8;
  log += "W" + std::to_string(count) + (eoi ? "e " : " ");
  if (message.size() < 8 + count) violate("less data than announced");
  if (next_error) return reply(status(0x0D, *std::exchange(next_error, std::nullopt), count));
  if (atn) return reply(status(0x0D, 2, count));
  if (!own_talks_) return reply(status(0x0D, 3, count));
  if (std::exchange(loses_first_write, false)) return reply(status(0x0D, 10, count));
  if (listeners().empty()) return reply(status(0x0D, 8, count));
  if (holds_nrfd) {
    writing_ = count;
    return;
  }
  for (gpib::FakeDevice* one : listeners()) {
    for (std::size_t i = 0; i < count; ++i) {
      one->received += static_cast<char>(at(message, 8 + i));
    }
    if (eoi) one->messages.push_back(std::exchange(one->received, ""));
  }
  reply(status(0x0D, 0, 0));
}

void NiModel::data_read(std::span<const std::byte> message) {
  Reading reading;
  reading.wanted = count_of(message, 4);
  last_timeout_ = at(message, 3);
  log += "R" + std::to_string(reading.wanted) + " ";
  if (message.size() != 24) violate("a data read without its register writes");
  if (at(message, 1) == 0x14) {
    reading.mark = at(message, 2);
  } else if (at(message, 1) != 0 || at(message, 2) != 0) {
    violate("a termination character without its mode");
  }
  reading_ = reading;
  if (next_error) return end_reading(*std::exchange(next_error, std::nullopt), false);
  if (atn) return end_reading(2, false);
  if (!own_listens_) return end_reading(3, false);
  if (!go_on_reading() && std::exchange(timer_fires, false)) end_reading(10, false);
}

/// True if the read has ended.
bool NiModel::go_on_reading() {
  Reading& reading = *reading_;
  const auto device = talker_ ? devices.find(*talker_) : devices.end();
  if (device == devices.end()) return false;
  if (polling_) {
    if (!device->second.answers_poll) return false;
    ++device->second.polls;
    reading.got.push_back(static_cast<std::byte>(device->second.status));
    device->second.status &= 0xBFU;
    end_reading(0, false);
    return true;
  }
  auto& answers = device->second.answers;
  while (!answers.empty()) {
    std::string& text = answers.front();
    while (!text.empty()) {
      const auto byte = static_cast<std::uint8_t>(text.front());
      text.erase(0, 1);
      reading.got.push_back(static_cast<std::byte>(byte));
      const bool end = text.empty() || reading.mark == byte;
      if (text.empty()) answers.pop_front();
      if (end || reading.got.size() == reading.wanted) {
        end_reading(0, end);
        return true;
      }
    }
  }
  return false;
}

void NiModel::end_reading(std::uint8_t error, bool end) {
  const Reading reading = *std::exchange(reading_, std::nullopt);
  const std::size_t room = long_blocks ? 30 : 15;
  DongleBytes bytes;
  std::size_t last = 0;
  for (std::size_t i = 0; i < reading.got.size(); i += room) {
    if (long_blocks) {
      put(bytes, {0x37, 0});
    } else {
      put(bytes, {0x36});
    }
    last = std::min(room, reading.got.size() - i);
    for (std::size_t j = 0; j < room; ++j) {
      bytes.push_back(j < last ? reading.got[i + j] : std::byte{0xEE});
    }
  }
  const auto tail = status(0x38, error, reading.wanted - reading.got.size(), end);
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  put(bytes, {0xAA, static_cast<unsigned>(last), 0, 0});
  const auto writes = status(9, 0, 0);
  bytes.insert(bytes.end(), writes.begin(), writes.end());
  put(bytes, {2, 0, 0, 0});
  reply(std::move(bytes));
}

std::optional<DongleBytes> NiModel::in(std::size_t room) {
  if (pipe_.empty() && reading_) go_on_reading();
  if (pipe_.empty() || pipe_.front().size() > room) return std::nullopt;
  auto bytes = std::move(pipe_.front());
  pipe_.pop_front();
  return bytes;
}

void NiModel::stop() {
  if (never_stops || std::exchange(slow_stop, false)) return;
  if (reading_ && !go_on_reading()) end_reading(1, false);
  if (writing_) reply(status(0x0D, 1, *std::exchange(writing_, std::nullopt)));
}

void NiModel::report(std::uint16_t bits) {
  DongleBytes block(16);
  block[0] = std::byte{0x01};
  block[1] = static_cast<std::byte>(bits >> 8U);
  block[2] = static_cast<std::byte>(bits & 0xFFU);
  reports.push_back(std::move(block));
}

bool NiModel::srq() const {
  return std::any_of(devices.begin(), devices.end(),
                     [](const auto& one) { return (one.second.status & 0x40) != 0; });
}

void NiModel::request_service(const Address& device, std::uint8_t status_byte) {
  devices[device].status = status_byte;
  if (srq() && std::exchange(armed_, false)) report(0x1000);
}

std::optional<DongleBytes> NiModel::control(const spi::UsbSetup& setup, std::size_t) {
  DongleBytes answer(16);
  answer[0] = static_cast<std::byte>(setup.request);
  switch (setup.request) {
    case 0x20:
      log += "X ";
      stop();
      return status(0, 0, 0);
    case 0x21:
      if (setup.value == 0x0300) {
        armed_ = (setup.index & 0x1000) != 0;
        if (armed_) log += "A ";
        if (armed_ && acknowledges) report(0xFF00);
        if (armed_ && srq()) {
          armed_ = false;
          report(0x1000);
        }
      }
      return status(0, 0, 0);
    case 0x40:
      if (unready > 0) {
        --unready;
      } else {
        answer[6] = std::byte{2};
      }
      return answer;
    case 0x41:
      return answer;
    default:
      return std::nullopt;
  }
}

}  // namespace visa::test
