// SPDX-License-Identifier: MIT
// Sub-addresses and session numbers of a HiSLIP server.
#include "tools/sim/hislip/hislip_registry.h"

#include <algorithm>
#include <utility>

#include "tools/sim/net/tcp_server.h"

namespace visa::sim {
namespace {

constexpr std::string_view kName = "hislip";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

// For people: no more than 40 bytes, and none that a terminal would act on.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 40));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
  return result;
}

}  // namespace

std::string HislipRegistry::free_name() const {
  for (std::size_t number = 0;; ++number) {
    std::string name = std::string(kName) + std::to_string(number);
    if (std::none_of(devices_.begin(), devices_.end(),
                     [&name](const HislipDevice& one) { return one.name == name; })) {
      return name;
    }
  }
}

HislipDevice& HislipRegistry::add(Instrument& instrument, HislipDescription description) {
  std::string name = lower(description.device);
  if (name.empty() || find_device(name) != nullptr) name = free_name();
  return devices_.emplace_back(std::move(name), instrument, std::move(description));
}

HislipDevice* HislipRegistry::find_device(std::string_view sub_address) {
  const std::string name = sub_address.empty() ? std::string(kName) + "0" : lower(sub_address);
  const auto found = std::find_if(devices_.begin(), devices_.end(),
                                  [&name](const HislipDevice& one) { return one.name == name; });
  return found != devices_.end() ? &*found : nullptr;
}

std::size_t HislipRegistry::half_open() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      sessions_.begin(), sessions_.end(), [](const auto& one) { return !one.second->complete(); }));
}

std::uint16_t HislipRegistry::new_id() noexcept {
  while (sessions_.contains(next_id_)) ++next_id_;
  return next_id_++;
}

std::variant<HislipSession*, HislipRegistry::Refusal> HislipRegistry::open(
    HislipChannel& channel, std::string_view sub_address, std::uint16_t client_version) {
  HislipDevice* const device = find_device(sub_address);
  if (device == nullptr) {
    return Refusal{HislipFatal::unidentified,
                   "there is no sub-address '" + shown(sub_address) + "' here, the first of " +
                       std::to_string(devices_.size()) + " is '" +
                       (devices_.empty() ? std::string() : devices_.front().name) + "'"};
  }
  if (client_version < kHislipVersion1) {
    return Refusal{HislipFatal::initialization, "the version of the protocol is below 1.0"};
  }
  if (client_version < kHislipVersion2 && device->encryption_bits() != 0) {
    return Refusal{HislipFatal::secure_connection,
                   "this instrument wants a secure connection, which needs HiSLIP 2.0"};
  }
  if (sessions_.size() >= kMostSessions || half_open() >= most_half_open) {
    return Refusal{HislipFatal::too_many_clients, "there are too many clients; try again later"};
  }
  const std::uint16_t id = new_id();
  const std::uint16_t version = std::min(client_version, device->description.version);
  auto session =
      std::make_unique<HislipSession>(*this, *device, channel, id, version, handshake_time);
  return sessions_.emplace(id, std::move(session)).first->second.get();
}

HislipSession* HislipRegistry::find_session(std::uint32_t id) const noexcept {
  const auto found =
      id <= 0xFFFF ? sessions_.find(static_cast<std::uint16_t>(id)) : sessions_.end();
  return found != sessions_.end() ? found->second.get() : nullptr;
}

void HislipRegistry::close(const HislipSession& session) noexcept {
  const auto node = sessions_.extract(session.id());  // its number is free before it goes
}

char* HislipRegistry::plain_buffer() {
  if (plain_buffer_ == nullptr) plain_buffer_ = std::make_unique<char[]>(TcpServer::kReceiveBytes);
  return plain_buffer_.get();
}

const FaultBoard::Active* HislipRegistry::next_fault(FaultPoint point,
                                                     const WireOperation* operation) {
  for (HislipDevice& device : devices_) {
    FaultBoard& board = device.instrument.faults();
    if (!board.empty()) {
      if (const auto* const active = board.next(point, 0, operation)) return active;
    }
  }
  return nullptr;
}

}  // namespace visa::sim
