// SPDX-License-Identifier: MIT
// Names, addresses and link numbers of a VXI-11 server.
#include "tools/sim/vxi11/vxi11_registry.h"

#include <algorithm>
#include <utility>

#include "tools/sim/vxi11/vxi11_error.h"

namespace visa::sim {
namespace {

constexpr std::string_view kBusName = "gpib0";
constexpr std::string_view kInstrumentName = "inst";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

}  // namespace

std::string Vxi11Registry::free_name() const {
  for (std::size_t number = 0;; ++number) {
    std::string name = std::string(kInstrumentName) + std::to_string(number);
    if (std::none_of(devices_.begin(), devices_.end(),
                     [&name](const Vxi11Device& one) { return one.name() == name; })) {
      return name;
    }
  }
}

Vxi11Device& Vxi11Registry::add(Instrument& instrument, Vxi11Description description) {
  std::string name = description.device.empty() ? free_name() : lower(description.device);
  for (const Vxi11Device& one : devices_) {
    if (one.name() == name) {
      // Two of a kind: the second takes a free name.
      name = free_name();
    }
    if (description.gpib && one.description().gpib == description.gpib) description.gpib.reset();
  }
  if (description.gpib && bus_ == nullptr) {
    bus_ = std::make_unique<Vxi11Device>(std::string(kBusName), nullptr, Vxi11Description{});
  }
  return devices_.emplace_back(std::move(name), &instrument, std::move(description));
}

Vxi11Registry::Found Vxi11Registry::find_device(std::string_view text) {
  const std::string name = text.empty() ? std::string(kInstrumentName) + "0" : lower(text);
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789,_-") != std::string::npos) {
    return {nullptr, kVxi11SyntaxError, false};
  }
  for (Vxi11Device& device : devices_) {
    if (device.name() == name) {
      return {&device, 0, false};
    }
  }
  if (bus_ != nullptr && name == kBusName) {
    return {bus_.get(), 0, true};
  }
  if (bus_ == nullptr || !name.starts_with(std::string(kBusName) + ",")) {
    return {nullptr, kVxi11NotAccessible, false};
  }
  const auto address = parse_gpib_address(std::string_view(name).substr(kBusName.size() + 1));
  if (!address) {
    return {nullptr, kVxi11InvalidAddress, false};
  }
  // An instrument without secondary addresses does not notice one (IEEE 488.1).
  for (const auto& place : {*address, GpibAddress{address->primary, std::nullopt}}) {
    for (Vxi11Device& device : devices_) {
      if (device.description().gpib == place) {
        return {&device, 0, true};
      }
    }
  }
  return {nullptr, kVxi11NotAccessible, false};
}

std::vector<GpibInterface::Place> Vxi11Registry::places() const {
  std::vector<GpibInterface::Place> result;
  for (const Vxi11Device& device : devices_) {
    if (device.description().gpib) {
      result.push_back({*device.description().gpib, device.instrument()});
    }
  }
  return result;
}

// From 0 on, which a client must not take for "none".
std::optional<std::int32_t> Vxi11Registry::new_link_id() {
  if (links_.size() >= kMostLinks) return std::nullopt;
  while (links_.contains(next_link_)) next_link_ = (next_link_ + 1) & 0x7FFFFFFF;
  const std::int32_t id = next_link_;
  next_link_ = (next_link_ + 1) & 0x7FFFFFFF;
  return id;
}

void Vxi11Registry::add_link(Vxi11Link& link) {
  links_.emplace(link.id(), &link);
}

void Vxi11Registry::remove_link(const Vxi11Link& link) noexcept {
  links_.erase(link.id());
}

Vxi11Link* Vxi11Registry::find_link(std::int32_t id) const noexcept {
  const auto found = links_.find(id);
  return found != links_.end() ? found->second : nullptr;
}

// VXI-11.2: the bus has one SRQ line, so every link of the gateway requests service, and its client
// has to poll.
void Vxi11Registry::service_requested(Vxi11Link& link) {
  if (!link.gateway()) {
    link.owner().send_service_request(link);
    return;
  }
  for (const auto& [id, other] : links_) {
    if (other->gateway()) other->owner().send_service_request(*other);
  }
}

const FaultBoard::Active* Vxi11Registry::next_fault(FaultPoint point,
                                                    const RpcProcedure* procedure) {
  for (Vxi11Device& device : devices_) {
    FaultBoard& board = device.instrument()->faults();
    if (!board.empty()) {
      if (const auto* const active = board.next(point, 0, procedure)) return active;
    }
  }
  return nullptr;
}

}  // namespace visa::sim
