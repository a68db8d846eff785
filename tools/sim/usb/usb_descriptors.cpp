// SPDX-License-Identifier: MIT
// USB 2.0 chapter 9: descriptors and the standard requests.
#include <algorithm>
#include <cstdint>

#include "tools/sim/usb/usb_device.h"

namespace visa::sim {
namespace {

// bRequest of the standard requests.
constexpr std::uint8_t kGetStatus = 0;
constexpr std::uint8_t kClearFeature = 1;
constexpr std::uint8_t kSetFeature = 3;
constexpr std::uint8_t kSetAddress = 5;
constexpr std::uint8_t kGetDescriptor = 6;
constexpr std::uint8_t kGetConfiguration = 8;
constexpr std::uint8_t kSetConfiguration = 9;
constexpr std::uint8_t kGetInterface = 10;
constexpr std::uint8_t kSetInterface = 11;

// bDescriptorType.
constexpr unsigned kDevice = 1;
constexpr unsigned kConfiguration = 2;
constexpr unsigned kString = 3;
constexpr unsigned kBos = 15;

// Indices of the strings.
constexpr unsigned kManufacturer = 1;
constexpr unsigned kModel = 2;
constexpr unsigned kSerial = 3;

constexpr std::size_t kMostUnits = 126;  // of UTF-16 in a string descriptor

char low(unsigned value) {
  return static_cast<char>(value & 0xFFU);
}

void put(std::string& to, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes) to += low(byte);
}

void put16(std::string& to, unsigned value) {
  put(to, {value, value >> 8U});
}

// The next character of UTF-8 that has been checked by the reader of the file.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t value = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length && i < text.size(); ++i) {
    value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  text.remove_prefix(std::min(length, text.size()));
  return value;
}

unsigned bcd_of(UsbSpeed speed) {
  return speed == UsbSpeed::super ? 0x0300 : 0x0200;
}

}  // namespace

std::string usb_string_descriptor(std::string_view text) {
  std::string units;
  while (!text.empty()) {
    const char32_t character = take_character(text);
    std::string next;
    if (character < 0x10000) {
      put16(next, character);
    } else {
      put16(next, 0xD800U | (character - 0x10000) >> 10U);
      put16(next, 0xDC00U | ((character - 0x10000) & 0x3FFU));
    }
    if (units.size() + next.size() > 2 * kMostUnits) break;
    units += next;
  }
  std::string result;
  put(result, {static_cast<unsigned>(units.size()) + 2, kString});
  return result + units;
}

std::string UsbDevice::device_descriptor() const {
  std::string result;
  put(result, {18, kDevice});
  put16(result, bcd_of(identity_.speed));
  const unsigned all = identity_.device_class;
  put(result, {all, all, all, identity_.speed == UsbSpeed::super ? 9U : 64U});
  put16(result, identity_.vendor);
  put16(result, identity_.product);
  put16(result, identity_.version);
  const bool serial = !identity_.serial.empty() || identity_.serial_unreadable;
  put(result, {identity_.manufacturer.empty() ? 0 : kManufacturer,
               identity_.model.empty() ? 0 : kModel, serial ? kSerial : 0, 1});
  return result;
}

std::string UsbDevice::configuration_descriptor() const {
  std::string body;
  for (const auto& function : functions_) {
    const UsbLayout& layout = function->layout();
    put(body, {9, 4, layout.number, 0, static_cast<unsigned>(layout.endpoints.size()),
               layout.device_class, layout.subclass, layout.protocol, 0});
    for (const UsbEndpoint& endpoint : layout.endpoints) {
      put(body, {7, 5, endpoint.address, static_cast<unsigned>(endpoint.type)});
      put16(body, endpoint.packet);
      put(body, {endpoint.interval});
      if (identity_.speed == UsbSpeed::super) {  // its companion: no bursts
        put(body, {6, 48, 0, 0});
        put16(body, endpoint.type == UsbPipeType::interrupt ? endpoint.packet : 0);
      }
    }
  }
  std::string result;
  put(result, {9, kConfiguration});
  put16(result, static_cast<unsigned>(body.size()) + 9);
  put(result, {static_cast<unsigned>(functions_.size()), 1, 0, 0xC0, 50});
  return result + body;
}

std::string UsbDevice::bos_descriptor() const {
  std::string result;
  if (identity_.speed != UsbSpeed::super) return result;
  put(result, {5, kBos});
  put16(result, 5 + 10);
  put(result, {1, 10, 16, 3, 0});  // SuperSpeed: full, high and SuperSpeed, no latency to speak of
  put16(result, 0x0E);
  put(result, {1, 0});
  put16(result, 0);
  return result;
}

UsbAnswer UsbDevice::descriptor(const UsbSetup& setup) const {
  UsbAnswer answer;
  switch (setup.value >> 8U) {
    case kDevice:
      answer.data = device_descriptor();
      break;
    case kConfiguration:
      if ((setup.value & 0xFFU) == 0) answer.data = configuration_descriptor();
      break;
    case kBos:
      answer.data = bos_descriptor();
      break;
    case kString: {
      const unsigned index = setup.value & 0xFFU;
      if (index == 0) answer.data = std::string("\x04\x03\x09\x04", 4);  // English
      if (index == kManufacturer) answer.data = usb_string_descriptor(identity_.manufacturer);
      if (index == kModel) answer.data = usb_string_descriptor(identity_.model);
      if (index == kSerial && !identity_.serial_unreadable) {
        answer.data = usb_string_descriptor(identity_.serial);
      }
      break;
    }
    default:
      break;
  }
  if (answer.data.empty()) answer.kind = UsbAnswer::Kind::stall;
  return answer;
}

UsbAnswer UsbDevice::feature(const UsbSetup& setup, bool set) {
  constexpr unsigned kEndpointHalt = 0;
  if (setup.recipient() != 2 || setup.value != kEndpointHalt) return {};
  Pipe* const found = pipe(static_cast<std::uint8_t>(setup.index));
  if (found == nullptr) return {.kind = UsbAnswer::Kind::stall};
  found->halted = set;
  if (!set) found->function->on_halt_cleared(found->endpoint.address);
  woken_ = true;
  return {};
}

UsbAnswer UsbDevice::standard(const UsbSetup& setup) {
  switch (setup.request) {
    case kGetStatus: {
      const bool is_halted =
          setup.recipient() == 2 && halted(static_cast<std::uint8_t>(setup.index));
      std::string data(2, '\0');
      data[0] = setup.recipient() == 0 || is_halted ? '\x01' : '\0';  // self-powered; halted
      return {.data = data};
    }
    case kClearFeature:
      return feature(setup, false);
    case kSetFeature:
      return feature(setup, true);
    case kGetDescriptor:
      return descriptor(setup);
    case kGetConfiguration:
      return {.data = std::string(1, static_cast<char>(configuration_))};
    case kSetConfiguration:
      if (setup.value > 1) return {.kind = UsbAnswer::Kind::stall};
      configuration_ = static_cast<std::uint8_t>(setup.value);
      return {};
    case kGetInterface:
      return {.data = std::string(1, '\0')};
    case kSetAddress:
      return {};
    case kSetInterface:
      if (setup.value != 0) return {.kind = UsbAnswer::Kind::stall};
      return {};
    default:
      return {.kind = UsbAnswer::Kind::stall};
  }
}

}  // namespace visa::sim
