// SPDX-License-Identifier: MIT
// The instrument's side is a stream, as on a socket: what it does not take yet waits on the bus.
#include "tools/sim/usb/usb_raw_function.h"

#include <algorithm>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::uint8_t kVendorClass = 0xFF;
constexpr std::uint16_t kInterruptPacket = 64;
constexpr std::uint8_t kStore = 1;
constexpr std::uint8_t kEcho = 2;

UsbLayout raw_layout(const UsbDescription& description) {
  const std::uint16_t packet = usb_bulk_packet(description.speed);
  UsbLayout layout{.number = description.raw_interface,
                   .device_class = kVendorClass,
                   .subclass = 0,
                   .protocol = 0,
                   .endpoints = {{UsbRawFunction::kOut, UsbPipeType::bulk, packet, 0},
                                 {UsbRawFunction::kIn, UsbPipeType::bulk, packet, 0}}};
  if (description.raw_interrupt) {
    layout.endpoints.push_back(
        {UsbRawFunction::kInterrupt, UsbPipeType::interrupt, kInterruptPacket, 4});
  }
  return layout;
}

}  // namespace

UsbAnswer usb_vendor_request(const UsbSetup& setup, std::string_view data, std::string& kept) {
  if (setup.request == kStore && setup.to_host()) return {.data = kept};
  if (setup.request == kStore && data.size() <= UsbRawFunction::kMostVendorData) {
    kept = data;
    return {};
  }
  if (setup.request != kEcho || !setup.to_host()) return {.kind = UsbAnswer::Kind::stall};
  std::string result{static_cast<char>(setup.type), static_cast<char>(setup.request)};
  for (const unsigned word :
       {unsigned{setup.value}, unsigned{setup.index}, unsigned{setup.length}}) {
    result += static_cast<char>(word & 0xFFU);
    result += static_cast<char>(word >> 8U);
  }
  return {.data = std::move(result)};
}

UsbRawFunction::UsbRawFunction(UsbPort& port, Instrument& instrument,
                               const UsbDescription& description,
                               std::function<std::string()> holder)
    : port_(port),
      holder_(std::move(holder)),
      layout_(raw_layout(description)),
      link_(instrument, Exchange::stream, this) {}

UsbAnswer UsbRawFunction::control(const UsbSetup& setup, std::string_view data, bool) {
  if (setup.kind() != 2) return {.kind = UsbAnswer::Kind::stall};
  return usb_vendor_request(setup, data, vendor_data_);
}

std::size_t UsbRawFunction::take(std::uint8_t, std::string_view bytes, bool) {
  const std::size_t count = link_.receive(bytes, false);
  if (link_.logged() && count > 0) link_.log("in", bytes.substr(0, count));
  if (count > 0) port_.wake();
  return count;
}

UsbGiven UsbRawFunction::give(std::uint8_t endpoint, std::size_t room) {
  if (endpoint == kInterrupt) {
    if (interrupts_.empty()) return {};
    std::string packet = std::move(interrupts_.front());
    interrupts_.pop_front();
    if (packet.size() > room) return {UsbGiven::Kind::babble, packet.substr(0, room)};
    return {UsbGiven::Kind::end, std::move(packet)};
  }
  if (std::exchange(ended_, false)) return {UsbGiven::Kind::end, {}};
  const std::size_t packet = layout_.endpoints[1].packet;
  link_.refill(std::min(room, Link::kHighWater));
  if (link_.output().empty()) {
    if (link_.ending() != Link::Ending::none) port_.unplug(std::nullopt);
    return {};
  }
  OutputQueue::Part part = link_.output().take(room);
  if (link_.logged()) link_.log("out", part.bytes);
  given_ += part.bytes.size();
  if (!part.end) {
    const bool fits = part.bytes.size() % packet == 0 || link_.output().empty();
    return {fits ? UsbGiven::Kind::data : UsbGiven::Kind::babble, std::move(part.bytes)};
  }
  port_.wake();  // room for more input
  ended_ = std::exchange(given_, 0) % packet == 0;
  return {ended_ ? UsbGiven::Kind::data : UsbGiven::Kind::end, std::move(part.bytes)};
}

void UsbRawFunction::reset() {
  link_.device_clear();
  interrupts_.clear();
  given_ = 0;
  ended_ = false;
}

void UsbRawFunction::on_service_request() {
  const auto stb = static_cast<char>(link_.instrument().status_byte(link_) | 0x40U);
  static_cast<void>(interrupt(std::string{kServiceRequest, stb}));
}

void UsbRawFunction::on_drop(bool) {
  port_.unplug(std::nullopt);
}

bool UsbRawFunction::interrupt(std::string_view packet) {
  if (layout_.endpoints.size() < 3 || packet.empty() || interrupts_.size() >= kMostInterrupts) {
    return false;
  }
  interrupts_.emplace_back(packet.substr(0, kInterruptPacket));
  port_.wake();
  return true;
}

}  // namespace visa::sim
